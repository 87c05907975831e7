package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.journal.JournalVerification;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.Heartbeat;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class BackPressureTest {
    private static final int FRAMES = 2_000;
    private static final long START = VirtualClock.START_MS;
    private static final int[] ENTITIES = IntStream.range(0, 200).toArray();
    private static final int[] METRICS = IntStream.rangeClosed(1, 24).toArray();

    @TempDir Path directory;
    private final VirtualClock clock = new VirtualClock();

    @Test
    void aStalledStageSlowsAgentsAndLosesNothing() throws Exception {
        IngestConfig usual = IngestHarness.config(directory);
        var small =
                new IngestConfig(
                        usual.host(),
                        0,
                        64 * 1024,
                        usual.maxConnections(),
                        usual.helloTimeout(),
                        usual.frameTimeout(),
                        usual.idleTimeout(),
                        256 * 1024,
                        64,
                        64 * 1024,
                        false,
                        usual.gather(),
                        usual.sampleInterval(),
                        usual.heartbeatInterval(),
                        usual.daemonVersion(),
                        usual.acknowledgeFrames(),
                        usual.journal(),
                        usual.fleet(),
                        usual.checkpoint());
        var stalled = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var harness = new IngestHarness(small, clock, () -> Long.MAX_VALUE, null);
                TestAgent data = harness.agent(1);
                TestAgent control = harness.agent(1)) {
            harness.stall =
                    () -> {
                        stalled.countDown();
                        awaitQuietly(goOn);
                    };
            control.hello(ConnectionKind.CONTROL);
            data.hello(ConnectionKind.DATA);
            assertThat(append(harness)).isTrue();
            assertThat(stalled.await(2, TimeUnit.MINUTES)).isTrue();

            byte[] inventory = data.inventoryFrame(1);
            var sender =
                    CompletableFuture.runAsync(() -> {
                        try {
                            data.write(inventory);
                            for (int i = 0; i < FRAMES; i++) {
                                data.write(frame(data));
                            }
                        } catch (java.io.IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            harness.awaitCount(Counter.CONNECTIONS_PAUSED, 1);
            assertThat(sender).as("40 MB do not fit into the ring").isNotDone();
            assertThat(gauge(harness, "ringBytesUsed")).isLessThanOrEqualTo(256 * 1024);

            control.write(control.frame(new Heartbeat(START, 0, 0, 0, 0, 0, 0, 0)));
            assertThat(control.read()).as("heartbeats go on").isInstanceOf(Heartbeat.class);
            while (append(harness)) {
                // the daemon's own queue fills too, and says so
            }
            assertThat(harness.count(Counter.RECORDS_REFUSED)).isPositive();

            goOn.countDown();
            sender.get(2, TimeUnit.MINUTES);
            data.readUntilJournaled(FRAMES + 1);
            assertThat(harness.count(Counter.FRAMES_MISSING)).isZero();
        }
        JournalVerification verified = JournalVerification.of(directory);
        assertThat(verified.framesJournaled()).isEqualTo(FRAMES + 1);
        assertThat(verified.ok()).isTrue();
    }

    @Test
    void aFullDiskRefusesFramesAndLaterTakesThemAgain() throws Exception {
        var usable = new AtomicLong(Long.MAX_VALUE);
        IngestConfig usual = IngestHarness.config(directory);
        try (var harness = new IngestHarness(usual, clock, usable::get, null)) {
            long sent;
            try (TestAgent agent = harness.agent(1)) {
                agent.hello(ConnectionKind.DATA);
                agent.write(agent.inventoryFrame(1));
                agent.readUntilJournaled(1);
                usable.set(0);
                ErrorMessage error = null;
                while (error == null) { // until the blocks reserved ahead are used up
                    agent.write(frame(agent));
                    if (agent.read() instanceof ErrorMessage message) {
                        error = message;
                    }
                }
                assertThat(error.code()).isEqualTo(ErrorCode.JOURNAL_UNAVAILABLE);
                assertThat(harness.ingest.problem()).contains("usable space");
                sent = agent.sequence();
            }
            try (TestAgent agent = harness.agent(1)) {
                agent.write(agent.helloFrame(ConnectionKind.DATA));
                assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.JOURNAL_UNAVAILABLE);
            }
            assertThat(append(harness)).isFalse();

            usable.set(Long.MAX_VALUE);
            clock.advance(2_000);
            awaitRecovery(harness);
            try (TestAgent agent = harness.agent(1)) {
                long journaled = agent.hello(ConnectionKind.DATA).journaledSequence();
                assertThat(journaled).isLessThan(sent);
                agent.sequence(journaled);
                while (agent.sequence() < sent) {
                    agent.write(frame(agent));
                }
                agent.readUntilJournaled(sent);
            }
            assertThat(harness.count(Counter.FRAMES_MISSING)).isZero();
            assertThat(harness.count(Counter.RECORDS_NOT_JOURNALED)).isPositive();
        }
        assertThat(JournalVerification.of(directory).ok()).isTrue();
    }

    private static void awaitRecovery(IngestHarness harness) {
        long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (harness.ingest.problem() != null) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError(harness.ingest.problem());
            }
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long gauge(IngestHarness harness, String key) {
        return Objects.requireNonNull(harness.ingest.statistics().gauges().get(key));
    }

    private static boolean append(IngestHarness harness) {
        return harness.ingest.append(RecordType.NOTE, new UnsafeBuffer(new byte[1024]), 0, 1024);
    }

    private static byte[] frame(TestAgent agent) {
        return agent.batchFrame(
                START, 10_000, ENTITIES, METRICS, new float[METRICS.length][ENTITIES.length]);
    }
}
