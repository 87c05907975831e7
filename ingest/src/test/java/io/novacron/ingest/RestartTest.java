package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.journal.JournalVerification;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Acknowledged = journaled = applied, whatever ends the daemon.
@Timeout(300)
class RestartTest {
    private static final int[] METRICS = {1, 2, 5, 7, 13};
    private static final int[] ENTITIES = {0, 1, 2, 3};
    private static final long START = VirtualClock.START_MS;
    private static final UUID[] VMS = {new UUID(7, 1), new UUID(7, 2), new UUID(7, 3)};

    @TempDir Path directory;
    private final VirtualClock clock = new VirtualClock();
    private final Random random = new Random(7);

    @Test
    void aReplayEndsInTheSameState() throws Exception {
        long hash;
        try (var harness = new IngestHarness(IngestHarness.config(directory), clock)) {
            stream(harness, 40);
            hash = harness.stateHash();
        }
        try (var again = new IngestHarness(IngestHarness.config(directory), clock)) {
            assertThat(again.stateHash()).isEqualTo(hash);
            assertThat(again.await("tick", 40).replaying()).isTrue();
            assertThat(again.ingest.recovery().cleanStop()).isTrue();
        }
        try (var offline =
                ReplayedFleet.open(
                        directory, IngestHarness.config(directory).fleet(), IngestListener.DEAF)) {
            while (offline.advance()) {
                // to the end
            }
            try (var view = offline.store().pin()) {
                assertThat(view.stateHash()).isEqualTo(hash);
            }
        }
    }

    @Test
    void afterAKillTheAgentGoesOnWhereTheJournalEnds() throws Exception {
        var harness = new IngestHarness(IngestHarness.config(directory), clock);
        stream(harness, 5);
        long hash = harness.stateHash();
        harness.ingest.abandon();

        try (var again = new IngestHarness(IngestHarness.config(directory), clock);
                TestAgent agent = again.agent(1)) {
            assertThat(again.stateHash()).isEqualTo(hash);
            Welcome welcome = agent.hello(ConnectionKind.DATA);
            assertThat(welcome.journaledSequence()).isEqualTo(6);
            assertThat(welcome.syncedSequence()).as("synced before serving").isEqualTo(6);
            agent.sequence(4); // its spool did not hear of the last two
            for (int i = 0; i < 4; i++) {
                agent.write(frame(agent, START + 600_000));
            }
            agent.readUntilJournaled(8);
            assertThat(again.count(Counter.FRAMES_DUPLICATED)).isEqualTo(2);
            assertThat(again.count(Counter.FRAMES_MISSING)).isZero();
        }
        JournalVerification verified = JournalVerification.of(directory);
        assertThat(verified.framesAcknowledged()).isEqualTo(8);
        assertThat(verified.framesJournaled()).isEqualTo(8);
        assertThat(verified.ok()).isTrue();
    }

    @Test
    void aNewSpoolEpochStartsFromOne() throws Exception {
        try (var harness = new IngestHarness(IngestHarness.config(directory), clock)) {
            stream(harness, 3);
            try (TestAgent reinstalled = harness.agent(1, 2)) {
                assertThat(reinstalled.hello(ConnectionKind.DATA).journaledSequence()).isZero();
                reinstalled.write(reinstalled.inventoryFrame(1, VMS));
                reinstalled.readUntilJournaled(1);
            }
        }
        JournalVerification verified = JournalVerification.of(directory);
        assertThat(verified.spools()).hasSize(2);
        assertThat(verified.framesAcknowledged()).as("of both epochs").isEqualTo(5);
        assertThat(verified.framesJournaled()).isEqualTo(5);
        assertThat(verified.ok()).isTrue();
    }

    @Test
    void aTornTailIsCutAndWhatFollowsIsNotMixedWithIt() throws Exception {
        var harness = new IngestHarness(IngestHarness.config(directory), clock);
        stream(harness, 5);
        for (long i = 1; i <= 3; i++) {
            append(harness, 1000 + i);
            harness.await("COMMAND", 1000 + i);
        }
        harness.ingest.abandon();
        damage(1003);
        forgetSyncMark();

        try (var again = new IngestHarness(IngestHarness.config(directory), clock)) {
            assertThat(again.count(Counter.JOURNAL_TAILS_CUT)).isEqualTo(1);
            append(again, 2000);
            again.await("COMMAND", 2000);
        }
        try (var third = new IngestHarness(IngestHarness.config(directory), clock)) {
            List<Long> commands = new ArrayList<>();
            for (IngestHarness.Heard heard : third.heard) {
                if (heard.what().equals("COMMAND")) {
                    commands.add(heard.number());
                }
            }
            assertThat(commands).containsExactly(1001L, 1002L, 2000L);
            assertThat(third.count(Counter.RECORDS_LOST)).isZero();
        }
    }

    @Test
    void aDamagedRecordThatWasSyncedIsSkippedAndCounted() throws Exception {
        try (var harness = new IngestHarness(IngestHarness.config(directory), clock)) {
            for (long i = 1; i <= 3; i++) {
                append(harness, 1000 + i);
                harness.await("COMMAND", 1000 + i);
            }
        }
        damage(1002);
        try (var again = new IngestHarness(IngestHarness.config(directory), clock)) {
            assertThat(again.heard)
                    .extracting(IngestHarness.Heard::number)
                    .containsExactly(1001L, 1003L);
            assertThat(again.count(Counter.RECORDS_DAMAGED)).isEqualTo(1);
        }
        assertThat(JournalVerification.of(directory).ok()).isFalse();
    }

    @Test
    void aSecondDaemonOnTheSameJournalIsRefused() throws Exception {
        try (var harness = new IngestHarness(IngestHarness.config(directory), clock)) {
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> new IngestHarness(IngestHarness.config(directory), clock).close())
                    .hasMessageContaining("in use");
            stream(harness, 1);
        }
    }

    @Test
    void aProcessKilledUnderLoadLosesNothingThatWasAcknowledged() throws Exception {
        long acknowledged = 0;
        for (int round = 0; round < 2; round++) {
            Process child = child();
            try (var out =
                    new BufferedReader(
                            new InputStreamReader(
                                    child.getInputStream(), StandardCharsets.UTF_8))) {
                String port;
                do {
                    port = out.readLine();
                } while (port != null && !port.startsWith("port="));
                assertThat(port).as("the child serves").isNotNull();
                try (var agent =
                        new TestAgent(Integer.parseInt(port.substring(5)), new UUID(1, 1), 1)) {
                    long journaled = agent.hello(ConnectionKind.DATA).journaledSequence();
                    assertThat(journaled).isGreaterThanOrEqualTo(acknowledged);
                    agent.sequence(journaled);
                    for (int i = 0; i < 2_000; i++) {
                        agent.write(frame(agent, START));
                    }
                    acknowledged = agent.readUntilJournaled(journaled + 500).journaledSequence();
                }
            } finally {
                child.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        }
        JournalVerification verified = JournalVerification.of(directory);
        assertThat(verified.framesAcknowledged()).isGreaterThanOrEqualTo(acknowledged);
        assertThat(verified.missing()).isZero();
        assertThat(verified.duplicated()).isZero();
        assertThat(verified.spools().getFirst().skipped()).isZero();
        try (var again = new IngestHarness(IngestHarness.config(directory), clock);
                TestAgent agent = again.agent(1)) {
            assertThat(agent.hello(ConnectionKind.DATA).journaledSequence())
                    .isEqualTo(verified.framesJournaled());
        }
    }

    @Test
    void theRegistryIsRebuiltAfterAKill() throws Exception {
        var harness = new IngestHarness(IngestHarness.config(directory), clock);
        stream(harness, 2);
        awaitRow(harness, VMS[1]); // its thread opens it after the first tick
        harness.ingest.abandon();
        assertThat(directory.resolve("registry.open")).exists();
        try (var again = new IngestHarness(IngestHarness.config(directory), clock)) {
            assertThat(again.ingest.closeTick(1_000, clock.millis())).isTrue();
            RegistryRow row = awaitRow(again, VMS[1]);
            assertThat(row.name()).isEqualTo("VM-2");
            assertThat(row.host()).isEqualTo(new UUID(1, 1));
            assertThat(row.labels()).containsEntry("tier", "test");
            try (var view = again.ingest.store().pin()) {
                assertThat(row.last().getFirst()).isEqualTo(view.last(1, view.slotOf(VMS[1])));
            }
        }
        assertThat(directory.resolve("registry.open")).doesNotExist();
    }

    private static RegistryRow awaitRow(IngestHarness harness, UUID uuid) {
        long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        RegistryRow row = harness.ingest.registry().find(uuid);
        while (row == null) {
            assertThat(System.nanoTime() - deadlineNs).isNegative();
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
            row = harness.ingest.registry().find(uuid);
        }
        return row;
    }

    private Process child() throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.removeIf(argument -> argument.startsWith("-javaagent"));
        command.addAll(
                List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(IngestChild.class.getName(), directory.toString()));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    /// One agent sends its inventory and a batch a minute, each followed by a tick.
    private void stream(IngestHarness harness, int minutes) throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            agent.write(agent.inventoryFrame(1, VMS));
            for (int minute = 1; minute <= minutes; minute++) {
                clock.set(START + minute * 60_000L);
                agent.write(frame(agent, clock.millis() - random.nextInt(90_000)));
                agent.readUntilJournaled(minute + 1);
                harness.tick(minute, clock.millis());
            }
        }
    }

    private byte[] frame(TestAgent agent, long timestampMs) {
        var values = new float[METRICS.length][ENTITIES.length];
        for (float[] column : values) {
            for (int i = 0; i < column.length; i++) {
                column[i] = random.nextFloat() * 100;
            }
        }
        return agent.batchFrame(timestampMs, 10_000, ENTITIES, METRICS, values);
    }

    private static void append(IngestHarness harness, long value) {
        var payload = new UnsafeBuffer(new byte[Long.BYTES]);
        payload.putLong(0, value);
        assertThat(harness.ingest.append(RecordType.COMMAND, payload, 0, Long.BYTES)).isTrue();
    }

    /// Flips a bit of the payload that holds this value.
    private void damage(long value) throws Exception {
        try (var files = Files.walk(directory)) {
            for (Path path : files.filter(f -> f.toString().endsWith(".cq4")).toList()) {
                try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                    var bytes = new byte[(int) Math.min(file.length(), 1 << 20)];
                    file.readFully(bytes);
                    var buffer = new UnsafeBuffer(bytes);
                    for (int i = 0; i < bytes.length - Long.BYTES; i++) {
                        if (buffer.getLong(i) == value) {
                            file.seek(i);
                            file.write(bytes[i] ^ 64);
                            return;
                        }
                    }
                }
            }
        }
        throw new AssertionError("no record holds " + value);
    }

    private void forgetSyncMark() throws Exception {
        try (var file = new RandomAccessFile(directory.resolve("watermarks.dat").toFile(), "rw")) {
            file.seek(16);
            file.write(new byte[] {5, 0, 0, 0, 0, 0, 0, 0});
        }
    }
}
