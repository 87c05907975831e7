package io.novacron.daemon.service;

import io.netty.channel.epoll.Epoll;
import io.novacron.daemon.control.ControlServer;
import io.novacron.ingest.journal.Journal;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads and links classes beside the reading of configuration and state: in a fresh JVM logging,
/// the journal's library and the ports take two seconds of CPU time, which a start need not spend
/// one after the other.
///
/// All of it goes through the common pool, so that two cores do two things at a time and more do
/// more. What fails here fails again, and is told, where it is needed.
public final class WarmUp {
    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    private WarmUp() {}

    /// What needs no configuration. Called before that is read; never waits.
    public static void begin() {
        var _ = CompletableFuture.runAsync(() -> LoggerFactory.getLogger(WarmUp.class));
        run(Epoll::isAvailable);
    }

    /// The journal's library. Never waits.
    static void journal(Path directory) {
        run(() -> Journal.warmUp(directory));
    }

    /// The ports, once in a JVM. Never waits.
    static void ports(boolean tls) {
        if (BEGUN.compareAndSet(false, true)) {
            run(() -> ControlServer.warmUp(tls));
        }
    }

    @FunctionalInterface
    private interface Task {
        void run() throws Exception;
    }

    private static void run(Task task) {
        var _ =
                CompletableFuture.runAsync(() -> {
                    try {
                        task.run();
                    } catch (Exception | LinkageError e) {
                        Logger logger =
                                LoggerFactory.getLogger(WarmUp.class); // not before it is needed
                        logger.warn("something was not warmed up; the start goes on", e);
                    }
                });
    }
}
