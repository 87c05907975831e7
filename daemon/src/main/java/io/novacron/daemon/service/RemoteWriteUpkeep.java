package io.novacron.daemon.service;

import io.novacron.ingest.remotewrite.RemoteWriteReceiver;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets the receiver of remote write do once a second what no request makes it do.
final class RemoteWriteUpkeep implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(RemoteWriteUpkeep.class);
    private static final long FLUSH_TIMEOUT_SECONDS = 5;

    private final RemoteWriteReceiver receiver;
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("novacron-remote-write").factory());

    RemoteWriteUpkeep(RemoteWriteReceiver receiver) {
        this.receiver = receiver;
    }

    void start() {
        timer.scheduleWithFixedDelay(this::run, 1, 1, TimeUnit.SECONDS);
    }

    private void run() {
        try {
            receiver.upkeep();
        } catch (RuntimeException e) {
            LOGGER.error("scrapes were not closed; tried again in a second", e);
        }
    }

    /// Sends what waits for the rest of its scrape, and waits until it is journaled.
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            receiver.flush().journaled().orTimeout(FLUSH_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            LOGGER.warn("scrapes that were not whole are lost: {}", e.toString());
        }
    }
}
