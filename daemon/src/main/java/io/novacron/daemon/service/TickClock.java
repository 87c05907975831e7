package io.novacron.daemon.service;

import io.novacron.ingest.Ingest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes ticks: at every whole interval of the wall clock a tick record goes into the journal.
final class TickClock implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(TickClock.class);

    private final Ingest ingest;
    private final InstantSource clock;
    private final Duration interval;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("novacron-ticks").daemon().factory());
    private long tick;
    private long ticksNotJournaled;

    /// @param lastTick number of the last tick in the journal
    TickClock(Ingest ingest, InstantSource clock, Duration interval, long lastTick) {
        this.ingest = ingest;
        this.clock = clock;
        this.interval = interval;
        this.tick = lastTick;
    }

    void start() {
        long intervalMs = interval.toMillis();
        long untilNextMs = intervalMs - Math.floorMod(clock.millis(), intervalMs);
        timer.scheduleAtFixedRate(this::closeTick, untilNextMs, intervalMs, TimeUnit.MILLISECONDS);
    }

    /// One more tick, as soon as the timer is free.
    void closeSoon() {
        timer.execute(this::closeTick);
    }

    private void closeTick() {
        try {
            if (ingest.closeTick(tick + 1, clock.millis())) {
                tick++;
            } else {
                ticksNotJournaled++;
                LOGGER.warn("{} ticks could not be journaled", ticksNotJournaled);
            }
        } catch (RuntimeException e) {
            LOGGER.error("a tick could not be closed", e); // the timer must go on
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(5, TimeUnit.SECONDS)) {
                LOGGER.warn("the tick timer does not stop");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
