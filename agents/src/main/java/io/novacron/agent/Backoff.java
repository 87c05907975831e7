package io.novacron.agent;

import java.util.random.RandomGenerator;

/// How long to wait before the next attempt: doubles from a least to a greatest wait, and each wait
/// is drawn from its upper half, so that agents which lost the same daemon do not come back as one.
/// Thread-safe.
final class Backoff {
    private final long minMs;
    private final long maxMs;
    private final RandomGenerator random;
    private long limitMs;

    Backoff(long minMs, long maxMs, RandomGenerator random) {
        if (minMs <= 0 || maxMs < minMs) {
            throw new IllegalArgumentException(
                    "minMs=%d must be positive and maxMs=%d not below it".formatted(minMs, maxMs));
        }
        this.minMs = minMs;
        this.maxMs = maxMs;
        this.random = random;
        this.limitMs = minMs;
    }

    synchronized long nextMs() {
        long limit = limitMs;
        limitMs = Math.min(maxMs, limit * 2);
        return limit / 2 + random.nextLong(limit - limit / 2 + 1);
    }

    /// Something went well: the next attempt may come soon.
    synchronized void reset() {
        limitMs = minMs;
    }

    /// Coming back soon would be of no use: the other side said no.
    synchronized void expectLongWait() {
        limitMs = maxMs;
    }
}
