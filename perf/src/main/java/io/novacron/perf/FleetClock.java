package io.novacron.perf;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The fleet's time: it stands still but for whole rounds of samples, so that minutes, ticks and
/// roll-ups come as fast as the server takes them. One thread advances it, any reads it.
final class FleetClock implements InstantSource {
    static final Duration ROUND = Duration.ofMinutes(1);

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private volatile long round;

    long roundMs(long number) {
        return START.plus(ROUND.multipliedBy(number)).toEpochMilli();
    }

    void startRound(long number) {
        round = number;
    }

    @Override
    public long millis() {
        return roundMs(round);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }
}
