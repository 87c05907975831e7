package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.decision.DecisionEvent.Moved;
import io.novacron.daemon.decision.DecisionEvent.Proposed;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.ingest.Urgency;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DecisionLoopTest {
    private static final UUID HOST = new UUID(1, 1);
    private static final long MANY = 5_000;
    private static final FleetFacts ALL = new Everything();

    @TempDir private Path folder;
    private final BlockingQueue<Urgency> events = new LinkedBlockingQueue<>();
    private final CountDownLatch commanded = new CountDownLatch(1);
    private final CountDownLatch acted = new CountDownLatch(1);

    @Test
    void aCommandIsJournaledWhileATickIsTakenIn() throws Exception {
        try (var loop = loop()) {
            var given = new CountDownLatch(1);
            loop.onAdvice(proposals(() -> await(given), () -> await(commanded)), ALL, 1);
            var _ = loop.stopAutomation("ann", "enough");
            given.countDown();
            await(commanded);
            while (!loop.automation().stopped()) {
                Thread.onSpinWait(); // it holds at once, and is told when the tick is over
            }
        }
    }

    @Test
    void anActionIsSentWhenItIsOnTheDeviceWhileATickIsTakenIn() throws Exception {
        try (var loop = loop()) {
            hand(loop, 1, new Proposed(1, proposal(1)));
            loop.onAdvice(List.of(), ALL, 1);
            hand(loop, 2, new Moved(1, LifecycleState.APPROVED, "ann", "yes"));
            assertThat(events.take()).as("dispatched").isEqualTo(Urgency.SYNCED);
            hand(loop, 3, new Moved(1, LifecycleState.DISPATCHED, "novacron", "sent"));
            var synced = new CountDownLatch(1);
            loop.onAdvice(proposals(() -> await(synced), () -> await(acted)), ALL, 2);
            assertThat(acted.getCount()).isEqualTo(1);
            loop.onSynced(3);
            synced.countDown();
            await(acted);
        }
    }

    @Test
    void theAuditLogHasEveryStepWhenTheLoopEnds() throws Exception {
        try (var loop = loop()) {
            for (long i = 1; i <= MANY; i++) {
                hand(loop, i, new Proposed(i, proposal(i)));
            }
        }
        List<String> lines = Files.readAllLines(folder.resolve("audit.jsonl"));
        assertThat(lines.stream().filter(line -> line.contains("\"kind\":\"STEP\"")))
                .hasSize((int) MANY);
    }

    @Test
    void everyLookSeesWholeRowsNewestFirst() throws Exception {
        try (var loop = loop()) {
            for (long i = 1; i <= MANY; i++) {
                hand(loop, i, new Proposed(i, proposal(i)));
            }
            List<DecisionRow> rows = loop.rows();
            while (rows.size() < MANY) {
                List<DecisionRow> later = loop.rows();
                assertThat(later.size()).isGreaterThanOrEqualTo(rows.size());
                assertThat(later)
                        .extracting(DecisionRow::id)
                        .isSortedAccordingTo(Comparator.reverseOrder());
                rows = later;
            }
            assertThat(loop.benefitOf(rows.getFirst())).isEqualTo(10);
        }
    }

    /// Two proposals, and what happens when each is reached.
    private static List<Proposal> proposals(Runnable atFirst, Runnable atSecond) {
        return new AbstractList<>() {
            @Override
            public Proposal get(int index) {
                (index == 0 ? atFirst : atSecond).run();
                return proposal(100 + index);
            }

            @Override
            public int size() {
                return 2;
            }
        };
    }

    private static void hand(DecisionLoop loop, long index, DecisionEvent event) {
        loop.onEvent(EventCodec.encode(event), index, index, false);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private DecisionLoop loop() {
        var loop =
                new DecisionLoop(
                        PolicyConfig.DEFAULT,
                        AutomationConfig.DEFAULT,
                        AuditConfig.DEFAULT,
                        ScalingConfig.DEFAULT,
                        Duration.ofMinutes(1),
                        new DecisionJournal() {
                            @Override
                            public boolean appendEvent(byte[] bytes) {
                                return appendEvent(bytes, Urgency.ROUTINE);
                            }

                            @Override
                            public boolean appendEvent(byte[] bytes, Urgency urgency) {
                                return events.add(urgency);
                            }

                            @Override
                            public boolean appendCommand(byte[] bytes) {
                                commanded.countDown();
                                return true;
                            }
                        },
                        (_, _) -> {
                            acted.countDown();
                            return "";
                        },
                        folder.resolve("audit.jsonl"),
                        () -> {});
        loop.start();
        loop.onReplayed();
        return loop;
    }

    private static final class Everything implements FleetFacts {
        @Override
        public VmFacts vm(UUID vm) {
            return new VmFacts(HOST, 1, 1L << 30);
        }

        @Override
        public boolean isOnline(UUID host) {
            return true;
        }
    }

    private static Proposal proposal(long vm) {
        return new Proposal(
                ActionType.SET_VCPUS,
                new UUID(2, vm),
                "web-01",
                HOST,
                "alpha",
                1,
                2,
                1L << 30,
                1L << 30,
                null,
                "",
                "",
                0.9f,
                10f,
                "web-01: 1 → 2 vCPUs",
                "1 vCPU",
                "no more throttling",
                List.of(new ReasonRow("CPU_PEAK", "p90 of the next hour is 99 %")),
                Map.of("cpu.usage", List.of(90f, 99f)),
                7,
                "00",
                "last-value",
                Map.of("env", "dev"),
                Map.of("vcpus-added", 1.0),
                0);
    }
}
