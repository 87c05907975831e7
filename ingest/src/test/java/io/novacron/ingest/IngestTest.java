package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.message.Acknowledgement;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.Heartbeat;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class IngestTest {
    private static final int CPU = 1;
    private static final int MEMORY = 2;
    private static final UUID ZERO = new UUID(0, 0);
    private static final long START = VirtualClock.START_MS;

    @TempDir Path directory;
    private final VirtualClock clock = new VirtualClock();
    private IngestHarness harness;

    @BeforeEach
    void open() throws Exception {
        harness = new IngestHarness(IngestHarness.config(directory), clock);
    }

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void samplesGoFromASocketIntoAView() throws Exception {
        UUID vm = new UUID(7, 1);
        try (TestAgent agent = harness.agent(1)) {
            Welcome welcome = agent.hello(ConnectionKind.DATA);
            assertThat(welcome.journaledSequence()).isZero();
            agent.write(agent.inventoryFrame(1, vm));
            clock.advance(30_000);
            agent.write(
                    agent.batchFrame(
                            START + 30_000,
                            10_000,
                            new int[] {0, 1},
                            new int[] {CPU, MEMORY},
                            new float[][] {{10, 20}, {30, 40}}));
            assertThat(agent.readUntilJournaled(2).journaledSequence()).isEqualTo(2);
        }
        harness.tick(1, START + 60_000);
        try (FleetView view = harness.ingest.store().pin()) {
            int slot = view.slotOf(vm);
            assertThat(view.tick()).isEqualTo(1);
            assertThat(Objects.requireNonNull(view.entity(slot)).hostSlot())
                    .isEqualTo(view.slotOf(new UUID(1, 1)));
            assertThat(view.last(CPU, slot)).isEqualTo(20);
            assertThat(view.last(MEMORY, view.slotOf(new UUID(1, 1)))).isEqualTo(30);
        }
    }

    @Test
    void syncedWatermarkFollowsTheJournaledOne() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            agent.write(agent.inventoryFrame(1));
            clock.advance(10);
            Acknowledgement synced = agent.readUntilSynced(1);
            assertThat(synced.journaledSequence()).isEqualTo(1);
            assertThat(synced.stream()).isEqualTo(ConnectionKind.DATA);
        }
        assertThat(harness.count(Counter.JOURNAL_SYNCS)).isPositive();
    }

    @Test
    void heartbeatsActionsAndOutcomesUseTheControlConnection() throws Exception {
        UUID agentId = new UUID(1, 1);
        try (TestAgent agent = harness.agent(1)) {
            assertThat(harness.ingest.send(agentId, action(5))).isEqualTo(SendResult.NOT_CONNECTED);
            agent.hello(ConnectionKind.CONTROL);
            agent.write(agent.frame(new Heartbeat(START + 250, 0, 1, 2, 3, 4, 5, 6)));
            assertThat(((Heartbeat) agent.read()).echoClockMs()).isEqualTo(START + 250);

            assertThat(harness.ingest.send(agentId, action(5))).isEqualTo(SendResult.SENT);
            assertThat(((Action) agent.read()).actionId()).isEqualTo(5);

            agent.write(agent.frame(outcome(1, 5)));
            agent.write(agent.frame(outcome(1, 5)));
            harness.await("outcome", 5);
            assertThat(agent.readUntilJournaled(1).stream()).isEqualTo(ConnectionKind.CONTROL);

            AgentRow row = harness.ingest.agents()[0];
            assertThat(row.clockOffsetMs()).isEqualTo(250);
            assertThat(row.agentRssBytes()).isEqualTo(3);
            assertThat(row.controlConnected()).isTrue();
            assertThat(row.dataConnected()).isFalse();
        }
        assertThat(harness.heard).as("the resent outcome is dropped").isEmpty();
    }

    @Test
    void recordsOfTheDaemonComeBackInOrder() throws Exception {
        for (long i = 0; i < 100; i++) {
            assertThat(append(i)).isTrue();
        }
        for (long i = 0; i < 100; i++) {
            assertThat(harness.heard.take().number()).isEqualTo(i);
        }
    }

    @Test
    void aRecordThatSomethingWaitsForIsSyncedWithoutWaitingForTheInterval() throws Exception {
        harness.close();
        harness = new IngestHarness(IngestHarness.config(directory, Duration.ofMinutes(1)), clock);
        for (long i = 1; i <= 20; i++) {
            var payload = new UnsafeBuffer(new byte[Long.BYTES]);
            payload.putLong(0, i);
            assertThat(append(i)).isTrue();
            assertThat(
                            harness.ingest.append(
                                    RecordType.COMMAND, payload, 0, Long.BYTES, Urgency.SYNCED))
                    .isTrue();
            harness.awaitSynced(2 * i); // the clock stands: no interval is ever over
        }
    }

    @Test
    void aRecordThatIsTooLongIsRefused() {
        int length =
                harness.ingest.append(RecordType.NOTE, new UnsafeBuffer(new byte[8]), 0, 8)
                        ? 2 * 1024 * 1024
                        : 0;
        assertThat(
                        harness.ingest.append(
                                RecordType.NOTE, new UnsafeBuffer(new byte[length]), 0, length))
                .isFalse();
        assertThat(harness.count(Counter.RECORDS_REFUSED)).isEqualTo(1);
    }

    @Test
    void aNewerConnectionReplacesTheOlder() throws Exception {
        try (TestAgent older = harness.agent(1);
                TestAgent newer = harness.agent(1)) {
            older.hello(ConnectionKind.DATA);
            Welcome welcome = newer.hello(ConnectionKind.DATA);
            assertThat(older.readErrorAndEnd().code()).isEqualTo(ErrorCode.REPLACED_SESSION);
            newer.write(newer.inventoryFrame(1));
            newer.readUntilJournaled(1);
            assertThat(welcome.sessionId()).isEqualTo(2);
        }
    }

    private boolean append(long value) {
        var payload = new UnsafeBuffer(new byte[Long.BYTES]);
        payload.putLong(0, value);
        return harness.ingest.append(RecordType.COMMAND, payload, 0, Long.BYTES);
    }

    static Action action(long id) {
        return new Action(
                id, ActionType.SET_VCPUS, ZERO, 0, 1, 1, 1, 1, ZERO, 2, 0, ZERO, "", new byte[3]);
    }

    static Outcome outcome(long sequence, long actionId) {
        return new Outcome(
                sequence, actionId, LifecycleState.KEPT, ErrorCode.NONE, 0, 0, 2, 0, ZERO, "");
    }
}
