package io.novacron.inference.ensemble;

/// Forecasts that wait for their targets: a ring of fixed size, oldest first.
///
/// Each target walks through the ring by itself, because a target five minutes ahead comes due long
/// before one a day ahead. A slot is free again when every target has passed it.
final class Pending {
    private final int capacity;
    private final int length;
    private final float[] values;
    private final long[] origins;
    private final long[] next;
    private long opened;

    Pending(int capacity, int targets, int length) {
        this.capacity = capacity;
        this.length = length;
        this.values = new float[Math.multiplyExact(capacity, length)];
        this.origins = new long[capacity];
        this.next = new long[targets];
    }

    /// A slot for a forecast made at step `origin`, or -1 when all are taken.
    int open(long origin) {
        long oldest = opened;
        for (long one : next) {
            oldest = Math.min(oldest, one);
        }
        if (opened - oldest == capacity) {
            return -1;
        }
        int slot = (int) (opened++ % capacity);
        origins[slot] = origin;
        return slot;
    }

    /// The next slot whose target, `reach` steps after its origin, has come by step `now`; -1 when
    /// there is none. Each is given once.
    int due(int target, long now, int reach) {
        if (next[target] == opened) {
            return -1;
        }
        int slot = (int) (next[target] % capacity);
        if (origins[slot] + reach > now) {
            return -1;
        }
        next[target]++;
        return slot;
    }

    /// Forecasts made after the one that came due last, so many rounds late its outcome is.
    int depth(int target) {
        return (int) (opened - next[target]);
    }

    long origin(int slot) {
        return origins[slot];
    }

    int offset(int slot) {
        return slot * length;
    }

    float[] values() {
        return values;
    }
}
