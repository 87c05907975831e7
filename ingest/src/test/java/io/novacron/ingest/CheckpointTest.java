package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.ingest.checkpoint.CheckpointConfig;
import io.novacron.ingest.checkpoint.CheckpointException;
import io.novacron.ingest.checkpoint.CheckpointFiles;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.JournalVerification;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.sbe.ConnectionKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Checkpoint and tail of the journal = all of the journal.
@Timeout(300)
class CheckpointTest {
    private static final int[] METRICS = {1, 2, 5, 7, 13};
    private static final int[] ENTITIES = {0, 1, 2, 3};
    private static final long START = VirtualClock.START_MS;
    private static final UUID[] VMS = {new UUID(7, 1), new UUID(7, 2), new UUID(7, 3)};

    @TempDir Path directory;
    private final VirtualClock clock = new VirtualClock();
    private final Random random = new Random(7);
    private int minute;

    @Test
    void liveReplayAndCheckpointWithTailEndInTheSameState() throws Exception {
        long hash;
        var harness = new IngestHarness(config(), clock);
        try (TestAgent agent = agent(harness)) {
            stream(harness, agent, 25);
            checkpoint(harness, agent, 1);
            stream(harness, agent, 15);
            hash = harness.stateHash();
        }
        harness.ingest.abandon();

        assertThat(replayed(false)).as("all of the journal").isEqualTo(hash);
        assertThat(replayed(false)).as("once more").isEqualTo(hash);
        assertThat(replayed(true)).as("checkpoint and tail").isEqualTo(hash);
        try (var again = new IngestHarness(config(), clock);
                TestAgent agent = again.agent(1)) {
            assertThat(again.stateHash()).isEqualTo(hash);
            Ingest.StartedFrom from = again.ingest.startedFrom();
            assertThat(from.checkpointOrdinal()).isGreaterThan(50);
            assertThat(from.tailRecords()).isBetween(30L, 40L);
            assertThat(again.count(Counter.RECORDS_REPLAYED)).isEqualTo(from.tailRecords());

            long journaled = agent.hello(ConnectionKind.DATA).journaledSequence();
            assertThat(journaled).as("the agent goes on").isEqualTo(minute + 1L);
            agent.sequence(journaled - 3);
            for (int i = 0; i < 5; i++) {
                agent.write(frame(agent));
            }
            agent.readUntilJournaled(journaled + 2);
            assertThat(again.count(Counter.FRAMES_DUPLICATED)).isEqualTo(3);
        }
        JournalVerification verified = JournalVerification.of(directory);
        assertThat(verified.framesAcknowledged()).isEqualTo(verified.framesJournaled());
        assertThat(verified.ok()).isTrue();
    }

    @Test
    void resendsFromBeforeTheCheckpointAreDropped() throws Exception {
        var harness = new IngestHarness(config(), clock);
        try (TestAgent agent = agent(harness)) {
            stream(harness, agent, 5);
            checkpoint(harness, agent, 1);
        }
        harness.ingest.abandon();
        try (var again = new IngestHarness(config(), clock);
                TestAgent agent = again.agent(1)) {
            long journaled = agent.hello(ConnectionKind.DATA).journaledSequence();
            agent.sequence(0);
            for (int i = 0; i <= journaled; i++) {
                agent.write(frame(agent));
            }
            agent.readUntilJournaled(journaled + 1);
            assertThat(again.count(Counter.FRAMES_DUPLICATED)).isEqualTo(journaled);
        }
    }

    @Test
    void afterACleanStopThereIsNothingToReplay() throws Exception {
        long hash;
        long sessionId;
        try (var harness = new IngestHarness(config(), clock)) {
            try (TestAgent agent = agent(harness)) {
                stream(harness, agent, 10);
                agent.write(frame(agent)); // seen by no reader yet
                agent.readUntilJournaled(minute + 2L);
            }
            harness.kept = "decisions".getBytes(StandardCharsets.UTF_8);
            hash = harness.stateHash();
            sessionId = harness.ingest.agents()[0].sessionId();
        }
        try (var again = new IngestHarness(config(), clock)) {
            assertThat(again.ingest.startedFrom().tailRecords()).isZero();
            assertThat(again.stateHash()).as("what readers see").isEqualTo(hash);
            assertThat(again.heard).isEmpty();
            assertThat(again.restored).asString(StandardCharsets.UTF_8).isEqualTo("decisions");
            AgentRow row = again.ingest.agents()[0];
            assertThat(row.name()).isNotEmpty();
            assertThat(row.sessionId()).isEqualTo(sessionId);
            try (TestAgent agent = again.agent(1)) {
                agent.hello(ConnectionKind.DATA);
                assertThat(again.ingest.agents()[0].sessionId()).isGreaterThan(sessionId);
            }
            again.tick(99, START + 11 * 60_000L);
            assertThat(again.stateHash()).isNotEqualTo(hash);
            hash = again.stateHash();
            again.kept = "more".getBytes(StandardCharsets.UTF_8);
        }
        assertThat(replayed(false)).as("all of both lives").isEqualTo(hash);
    }

    @Test
    void aDamagedCheckpointGivesWayToTheOlderOneAndThenToTheJournal() throws Exception {
        long hash;
        var harness = new IngestHarness(config(), clock);
        try (TestAgent agent = agent(harness)) {
            for (int i = 1; i <= 3; i++) {
                stream(harness, agent, 5);
                harness.kept = new byte[] {(byte) i};
                checkpoint(harness, agent, i);
            }
            hash = harness.stateHash();
        }
        harness.ingest.abandon();
        List<CheckpointFiles.Entry> files = CheckpointFiles.of(directory).newestFirst();
        assertThat(files).as("two are kept").hasSize(2);

        damage(files.get(0).path());
        var second = new IngestHarness(config(), clock);
        assertThat(second.ingest.startedFrom().checkpointOrdinal())
                .isEqualTo(files.get(1).ordinal());
        assertThat(second.restored).containsExactly(2);
        assertThat(second.count(Counter.CHECKPOINTS_IGNORED)).isEqualTo(1);
        assertThat(second.stateHash()).isEqualTo(hash);
        second.ingest.abandon();

        damage(files.get(1).path());
        var third = new IngestHarness(config(), clock);
        assertThat(third.ingest.startedFrom().checkpointOrdinal()).isZero();
        assertThat(third.restored).isNull();
        assertThat(third.count(Counter.CHECKPOINTS_IGNORED)).isEqualTo(2);
        assertThat(third.stateHash()).isEqualTo(hash);
        third.ingest.abandon();
    }

    @Test
    void aListenerThatCannotUseItsSectionIsGivenAllRecords() throws Exception {
        try (var harness = new IngestHarness(config(), clock)) {
            append(harness, 41);
            harness.await("COMMAND", 41);
        }
        var listener = new Refusing();
        try (var fleet = ReplayedFleet.openFromCheckpoint(directory, config().fleet(), listener)) {
            while (fleet.advance()) {
                // to the end
            }
            assertThat(fleet.checkpointOrdinal()).isZero();
        }
        assertThat(listener.records).isEqualTo(1);
    }

    @Test
    void aJournalThatEndsBeforeItsCheckpointIsRefused() throws Exception {
        try (var harness = new IngestHarness(config(), clock)) {
            append(harness, 41);
            harness.await("COMMAND", 41);
        }
        try (var files = Files.walk(directory.resolve("0000000001"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory.resolve("watermarks.dat"));
        assertThatThrownBy(() -> new IngestHarness(config(), clock).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ends at record 0, before its checkpoint of record 1");
    }

    @Test
    void withoutAnIntervalNothingIsWrittenOrRead() throws Exception {
        try (var harness =
                new IngestHarness(config().withCheckpoint(CheckpointConfig.OFF), clock)) {
            harness.ingest.requestCheckpoint();
            harness.tick(1, START);
        }
        assertThat(CheckpointFiles.of(directory).newestFirst()).isEmpty();
    }

    private IngestConfig config() {
        return IngestHarness.config(directory)
                .withCheckpoint(new CheckpointConfig(Duration.ofHours(1), 2));
    }

    private long replayed(boolean fromCheckpoint) throws IOException {
        try (var fleet =
                fromCheckpoint
                        ? ReplayedFleet.openFromCheckpoint(
                                directory, config().fleet(), IngestListener.DEAF)
                        : ReplayedFleet.open(directory, config().fleet(), IngestListener.DEAF)) {
            while (fleet.advance()) {
                // to the end
            }
            assertThat(fleet.checkpointOrdinal() > 0).isEqualTo(fromCheckpoint);
            try (FleetView view = fleet.store().pin()) {
                return view.stateHash();
            }
        }
    }

    private TestAgent agent(IngestHarness harness) throws Exception {
        TestAgent agent = harness.agent(1);
        agent.hello(ConnectionKind.DATA);
        agent.write(agent.inventoryFrame(1, VMS));
        return agent;
    }

    /// A batch a minute, each followed by a tick.
    private void stream(IngestHarness harness, TestAgent agent, int minutes) throws Exception {
        for (int end = minute + minutes; minute < end; ) {
            minute++;
            clock.set(START + minute * 60_000L);
            agent.write(frame(agent));
            agent.readUntilJournaled(minute + 1L);
            harness.tick(minute, clock.millis());
        }
    }

    /// Has the `count`-th checkpoint written, at the next tick.
    private void checkpoint(IngestHarness harness, TestAgent agent, int count) throws Exception {
        harness.ingest.requestCheckpoint();
        stream(harness, agent, 2); // one that it is of, one that has the journal synced
        harness.awaitCount(Counter.CHECKPOINTS_WRITTEN, count);
    }

    private byte[] frame(TestAgent agent) throws IOException {
        var values = new float[METRICS.length][ENTITIES.length];
        for (float[] column : values) {
            for (int i = 0; i < column.length; i++) {
                column[i] = random.nextFloat() * 100;
            }
        }
        long timestampMs = clock.millis() - random.nextInt(90_000) + random.nextInt(60_000);
        return agent.batchFrame(timestampMs, 10_000, ENTITIES, METRICS, values);
    }

    private static void append(IngestHarness harness, long value) {
        var payload = new UnsafeBuffer(new byte[Long.BYTES]);
        payload.putLong(0, value);
        assertThat(harness.ingest.append(RecordType.COMMAND, payload, 0, Long.BYTES)).isTrue();
    }

    private static void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
    }

    /// A listener of another version, say.
    private static final class Refusing implements IngestListener {
        private int records;

        @Override
        public void onRecord(
                RecordType type,
                long journalIndex,
                long timeMs,
                DirectBuffer buffer,
                int offset,
                int length,
                boolean replaying) {
            records++;
        }

        @Override
        public void restore(byte[] section) throws IOException {
            throw new CheckpointException("section of %d bytes".formatted(section.length));
        }
    }
}
