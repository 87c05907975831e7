package io.novacron.perf.faults;

import java.time.Instant;
import java.time.InstantSource;

/// The machine's clock, but for what was done to it. Any thread.
final class ShiftedClock implements InstantSource {
    private static final long GOING = Long.MIN_VALUE;

    private volatile long shiftMs;
    private volatile long standingMs = GOING;

    /// Jumps to so much ahead of the machine's clock; negative for behind.
    void shift(long ms) {
        shiftMs = ms;
    }

    /// Goes on by a second at once, and then stands.
    void freeze() {
        standingMs = millis() + 1_000;
    }

    void thaw() {
        standingMs = GOING;
    }

    @Override
    public long millis() {
        long standing = standingMs;
        return standing == GOING ? System.currentTimeMillis() + shiftMs : standing;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }
}
