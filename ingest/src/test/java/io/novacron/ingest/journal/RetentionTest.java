package io.novacron.ingest.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.ingest.VirtualClock;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Messages;
import io.novacron.wire.sbe.ConnectionKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RetentionTest {
    private static final long HOUR_MS = 3_600_000;
    private static final int FRAME_LENGTH = 200;
    private static final UUID AGENT = new UUID(1, 1);
    private static final long EPOCH = 77;

    @TempDir Path directory;
    private final VirtualClock clock = new VirtualClock();
    private final ByteBuffer view = ByteBuffer.allocateDirect(4096);
    private final UnsafeBuffer buffer = new UnsafeBuffer(view);
    private long sequence;

    @Test
    void aCursorBeginsAtAnyRecord() throws Exception {
        for (int start = 0; start < 3; start++) {
            try (Journal journal = open(config())) {
                for (int hour = 0; hour < 2; hour++) {
                    clock.advance(HOUR_MS);
                    for (int block = 1; block < 6; block++) {
                        frames(journal, block);
                    }
                }
            }
        }
        long last = sequence;
        assertThat(last).isEqualTo(90);
        for (long from = 1; from <= last; from++) {
            assertThat(ordinals(from))
                    .isEqualTo(LongStream.rangeClosed(from, last).boxed().toList());
        }
        assertThat(ordinals(last + 1)).isEmpty();
    }

    @Test
    void aJournalOpensAtARecordAndGoesOnBehindTheLast() throws Exception {
        try (Journal journal = open(config())) {
            frames(journal, 10);
        }
        var read = new ArrayList<Long>();
        try (Journal journal =
                Journal.open(
                        config(),
                        clock,
                        () -> Long.MAX_VALUE,
                        8,
                        (_, _, ordinal, _, _, _, _, _) -> read.add(ordinal))) {
            assertThat(journal.recovery().recordsLost()).isZero();
            frames(journal, 1);
            assertThat(journal.ordinal()).isEqualTo(11);
        }
        assertThat(read).containsExactly(8L, 9L, 10L);
    }

    @Test
    void filesOlderThanTheAgeGoWhenACheckpointHasThem() throws Exception {
        try (Journal journal = open(config().withRetention(Duration.ofHours(2), 1L << 40))) {
            fiveHours(journal);
            clock.advance(1);
            journal.retainFrom(journal.ordinal());
            awaitDeleted(journal, 2); // the third has what is less than two hours old
            assertThat(JournalVerification.of(directory).firstOrdinal()).isEqualTo(7);
        }
        assertThat(JournalVerification.of(directory).records()).isEqualTo(9);
    }

    @Test
    void nothingGoesThatIsBehindTheCheckpoint() throws Exception {
        try (Journal journal = open(config().withRetention(Duration.ofMillis(1), 1))) {
            fiveHours(journal);
            journal.retainFrom(6); // in the second file
            awaitDeleted(journal, 1);
            assertThat(ordinals(JournalCursor.FIRST_KEPT).getFirst()).isEqualTo(4);
            journal.retainFrom(7);
            awaitDeleted(journal, 2);
            assertThat(ordinals(JournalCursor.FIRST_KEPT).getFirst()).isEqualTo(7);
        }
    }

    @Test
    void theOldestGoUntilTheBytesFitAndTheNewestStays() throws Exception {
        try (Journal journal = open(config().withRetention(Duration.ofDays(9), 1))) {
            fiveHours(journal);
            assertThat(journal.bytesOnDisk()).isPositive();
            journal.retainFrom(Long.MAX_VALUE);
            awaitDeleted(journal, 4);
            frames(journal, 1);
        }
        try (Journal again = open(config().withRetention(Duration.ofDays(9), 1))) {
            assertThat(again.recovery().firstOrdinal()).isEqualTo(13);
            assertThat(again.recovery().recordsLost()).isZero();
            clock.advance(HOUR_MS);
            frames(again, 1);
            again.retainFrom(Long.MAX_VALUE);
            awaitDeleted(again, 1);
            assertThat(Generations.list(directory)).as("the first folder too").hasSize(1);
        }
        assertThat(ordinals(JournalCursor.FIRST_KEPT)).containsExactly(17L);
    }

    @Test
    void aShortenedJournalIsVerifiedAgainstEveryPromise() throws Exception {
        try (Journal journal = open(config().withRetention(Duration.ofMillis(1), 1))) {
            session(journal);
            fiveHours(journal);
            journal.acknowledge(0, WatermarkFile.DATA, EPOCH, sequence, sequence);
            journal.retainFrom(Long.MAX_VALUE);
            awaitDeleted(journal, 5);
        }
        JournalVerification verified = JournalVerification.of(directory);
        assertThat(verified.framesAcknowledged()).isEqualTo(15);
        assertThat(verified.framesJournaled()).isEqualTo(15);
        assertThat(verified.firstOrdinal()).isEqualTo(14);
        assertThat(verified.spools().getFirst().agentId()).isEqualTo(AGENT);
        assertThat(verified.ok()).isTrue();

        try (Journal journal = open(config())) {
            journal.acknowledge(0, WatermarkFile.DATA, EPOCH, sequence + 1, sequence + 1);
            sequence = 2;
            frames(journal, 1);
        }
        verified = JournalVerification.of(directory);
        assertThat(verified.missing()).as("a promise of a frame that never came").isEqualTo(1);
        assertThat(verified.duplicated()).as("a frame that is in a deleted file").isEqualTo(1);
    }

    @Test
    void filesLeftByAKillBeforeTheirDeletionDoNotCountTwice() throws Exception {
        try (Journal journal = open(config())) {
            session(journal);
            fiveHours(journal);
        }
        Retired nothing = Retired.read(directory);
        try (JournalCursor cursor = JournalCursor.open(directory)) {
            while (cursor.lastOrdinal() < 7) {
                cursor.read(nothing.tally(), 1);
            }
        }
        new Retired(8, nothing.tally()).write(directory);

        JournalVerification verified = JournalVerification.of(directory);
        assertThat(verified.duplicated()).isZero();
        assertThat(verified.framesJournaled()).isEqualTo(15);
        assertThat(verified.records()).isEqualTo(9);
    }

    @Test
    void aRecordThatIsNotKeptCannotBeReadFrom() throws Exception {
        try (Journal journal = open(config().withRetention(Duration.ofMillis(1), 1))) {
            fiveHours(journal);
            journal.retainFrom(Long.MAX_VALUE);
            awaitDeleted(journal, 4);
        }
        assertThatThrownBy(() -> JournalCursor.open(directory, 12))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("begins at record 13, must begin at 12");
        var lines = new ArrayList<String>();
        JournalDump.print(directory, 1, 100, lines::add);
        assertThat(lines).hasSize(3).first().asString().startsWith("13 ");
    }

    @Test
    void aDamagedListOfWhatIsGoneIsAnError() throws Exception {
        try (Journal journal = open(config().withRetention(Duration.ofMillis(1), 1))) {
            fiveHours(journal);
            journal.retainFrom(Long.MAX_VALUE);
            awaitDeleted(journal, 4);
        }
        Path retired = directory.resolve(Retired.NAME);
        Files.writeString(retired, Files.readString(retired).replace("first 13", "first 10"));
        assertThatThrownBy(() -> open(config())).hasMessageContaining("is damaged");
    }

    private JournalConfig config() {
        return JournalConfig.in(directory).withReservedBytes(0).withMaxAgents(4);
    }

    private Journal open(JournalConfig config) throws IOException {
        return Journal.open(config, clock, () -> Long.MAX_VALUE, (_, _, _, _, _, _, _, _) -> {});
    }

    /// Three frames in each of five files, of which the clock stands in the fifth.
    private void fiveHours(Journal journal) {
        for (int hour = 0; hour < 5; hour++) {
            clock.advance(HOUR_MS);
            frames(journal, 3);
        }
    }

    private void session(Journal journal) {
        SessionRecord.write(buffer, 0, 1, WatermarkFile.DATA, SessionRecord.BEGIN);
        int length =
                new Messages()
                        .encode(
                                new Hello(
                                        AGENT,
                                        EPOCH,
                                        ConnectionKind.DATA,
                                        1,
                                        1,
                                        0,
                                        0,
                                        0,
                                        0,
                                        "host",
                                        "1.0"),
                                buffer,
                                SessionRecord.HEADER_LENGTH);
        journal.append(
                RecordType.SESSION,
                0,
                clock.millis(),
                EPOCH,
                buffer,
                view,
                0,
                SessionRecord.HEADER_LENGTH + length);
        journal.agent(0, AGENT);
        assertThat(journal.flush()).isTrue();
    }

    private void frames(Journal journal, int count) {
        for (int i = 0; i < count; i++) {
            journal.append(
                    RecordType.FRAME, 0, clock.millis(), ++sequence, buffer, view, 0, FRAME_LENGTH);
        }
        assertThat(journal.flush()).isTrue();
    }

    private List<Long> ordinals(long from) throws IOException {
        var ordinals = new ArrayList<Long>();
        try (JournalCursor cursor = JournalCursor.open(directory, from)) {
            while (cursor.read((_, _, ordinal, _, _, _, _, _) -> ordinals.add(ordinal), 100) > 0) {
                // to the end
            }
            assertThat(cursor.recordsLost()).isZero();
        }
        return ordinals;
    }

    private static void awaitDeleted(Journal journal, long files) {
        long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (journal.filesDeleted() < files) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("deleted: %d", journal.filesDeleted())
                    .isNegative();
            LockSupport.parkNanos(100_000);
        }
        assertThat(journal.filesDeleted()).isEqualTo(files);
    }
}
