package io.novacron.ingest;

import java.time.Instant;
import java.time.InstantSource;

/// A clock that a test moves by hand. Any thread may read it.
public final class VirtualClock implements InstantSource {
    public static final long START_MS = 1_790_000_000_000L / 86_400_000L * 86_400_000L;

    private volatile long nowMs = START_MS;

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(nowMs);
    }

    @Override
    public long millis() {
        return nowMs;
    }

    public void set(long ms) {
        nowMs = ms;
    }

    public void advance(long ms) {
        nowMs += ms;
    }
}
