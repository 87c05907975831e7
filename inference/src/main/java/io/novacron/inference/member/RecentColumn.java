package io.novacron.inference.member;

/// The newest values of a column, newest first, in one piece of memory.
///
/// New values are written downwards; at the bottom the newest `capacity` move to the top, which
/// happens once in `slack` appends. So `values[newest() + lag]` is the value `lag` steps before the
/// newest one, for SIMD loops over lags.
final class RecentColumn {
    private final int capacity;
    private final float[] values;
    private int newest;
    private int size;

    RecentColumn(int capacity) {
        this.capacity = capacity;
        this.values = new float[capacity + Math.max(64, capacity / 4)];
        this.newest = values.length;
    }

    void append(float value) {
        if (newest == 0) {
            int kept = Math.min(size, capacity - 1);
            System.arraycopy(values, 0, values, values.length - kept, kept);
            newest = values.length - kept;
            size = kept;
        }
        values[--newest] = value;
        size++;
    }

    /// How many values may be asked for: at most the capacity.
    int size() {
        return Math.min(size, capacity);
    }

    float ago(int lag) {
        return values[newest + lag];
    }

    float[] values() {
        return values;
    }

    int newest() {
        return newest;
    }

    void clear() {
        newest = values.length;
        size = 0;
    }
}
