package io.novacron.perf;

import io.novacron.ingest.Ingest;
import io.novacron.ingest.statistics.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Sends rounds as fast as the server takes them, at most [#IN_FLIGHT] ahead of its
/// acknowledgements, and closes the tick of each round once all of it is in the journal.
final class LoadRounds {
    private static final int IN_FLIGHT = 3;
    private static final long POLL_NS = 100_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final double NS_PER_SECOND = 1e9;

    private final Ingest ingest;
    private final LoadGenerator load;
    private final FleetClock clock;
    private long sent;
    private long closed;

    LoadRounds(Ingest ingest, LoadGenerator load, FleetClock clock) {
        this.ingest = ingest;
        this.load = load;
        this.clock = clock;
    }

    /// Sends for so long, then waits until all is applied and checks that nothing was lost.
    void run(double seconds) throws IOException {
        long startNs = System.nanoTime();
        do {
            sendRound();
        } while (System.nanoTime() - startNs < seconds * NS_PER_SECOND);
        finish();
    }

    /// Sends so many rounds, with the same wait and checks.
    void runRounds(int rounds) throws IOException {
        for (int round = 0; round < rounds; round++) {
            sendRound();
        }
        finish();
    }

    private void sendRound() throws IOException {
        sent++;
        clock.startRound(sent);
        load.sendRound(clock.millis());
        closeUpTo(sent - IN_FLIGHT);
    }

    private void finish() throws IOException {
        closeUpTo(sent);
        await(() -> count(Counter.TICKS_CLOSED) >= sent, "applied");
        long expected = sent * load.agents() * LoadGenerator.SAMPLES_PER_FRAME;
        long applied = count(Counter.SAMPLES_APPLIED);
        long late = count(Counter.SAMPLES_LATE);
        if (applied != expected || late != 0) {
            throw new IOException(
                    "%d samples were applied, %d of them late, must be %d, none late. Counters: %s"
                            .formatted(applied, late, expected, ingest.statistics().counters()));
        }
    }

    private void closeUpTo(long round) throws IOException {
        while (closed < round) {
            long next = closed + 1;
            await(() -> load.readJournaled() >= next, "acknowledged");
            if (!ingest.closeTick(next, clock.roundMs(next))) {
                throw new IOException("tick %d was refused: %s".formatted(next, ingest.problem()));
            }
            closed = next;
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private void await(Condition condition, String what) throws IOException {
        long startNs = System.nanoTime();
        while (!condition.holds()) {
            if (ingest.problem() != null || System.nanoTime() - startNs > PATIENCE.toNanos()) {
                throw new IOException(
                        "round %d of %d was not %s within %s: %s"
                                .formatted(closed + 1, sent, what, PATIENCE, ingest.problem()));
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private long count(Counter counter) {
        return ingest.statistics().get(counter);
    }
}
