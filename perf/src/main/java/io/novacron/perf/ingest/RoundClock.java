package io.novacron.perf.ingest;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The fleet's time: it stands still but for whole rounds of samples, so that minutes, ticks and
/// roll-ups come as fast as the load does. One thread advances it, any reads it.
final class RoundClock implements InstantSource {
    static final Duration ROUND = Duration.ofMinutes(1);

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private volatile long millis = roundMs(0);

    static long roundMs(long number) {
        return START.plus(ROUND.multipliedBy(number)).toEpochMilli();
    }

    void startRound(long number) {
        millis = roundMs(number);
    }

    @Override
    public long millis() {
        return millis;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis);
    }
}
