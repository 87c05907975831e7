package io.novacron.ingest.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.VirtualClock;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class JournalTest {
    private static final int PAYLOAD = 1_000;
    private static final long HOUR_MS = 3_600_000;
    private static final int BATCH = 100;
    private static final int BATCHES = 500;
    private static final int WARM_UP_BATCHES = 2_000;
    private static final byte[] MARK = "the last record".getBytes(StandardCharsets.UTF_8);
    private static final RecordHandler NOBODY = (_, _, _, _, _, _, _, _) -> {};

    @TempDir Path directory;
    private final VirtualClock clock = new VirtualClock();
    private final ByteBuffer view = ByteBuffer.allocateDirect(2 * PAYLOAD);
    private final UnsafeBuffer buffer = new UnsafeBuffer(view);

    @Test
    void recordsComeBackInOrderAcrossFilesAndStarts() throws Exception {
        try (Journal journal = open()) {
            append(journal, 1);
            clock.advance(HOUR_MS);
            append(journal, 2);
        }
        try (Journal journal = open()) {
            assertThat(append(journal, 3)).isEqualTo(3);
        }
        assertThat(sequences()).containsExactly(1L, 2L, 3L);
        try (var files = Files.walk(directory)) {
            assertThat(files.filter(f -> f.toString().endsWith(".cq4"))).hasSize(3);
        }
    }

    @Test
    void aClockThatGoesBackStopsNothing() throws Exception {
        try (Journal journal = open()) {
            append(journal, 1);
            clock.advance(HOUR_MS);
            append(journal, 2);
            clock.advance(-HOUR_MS);
            assertThat(append(journal, 3)).isEqualTo(3);
            clock.advance(-HOUR_MS);
            assertThat(append(journal, 4)).isEqualTo(4);
            awaitSynced(journal);
            assertThat(journal.syncedOrdinal()).isEqualTo(4);
        }
        try (Journal journal = open()) {
            assertThat(append(journal, 5)).isEqualTo(5);
        }
        assertThat(sequences()).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aFullDiskIsTriedAgainThoughTheClockWentBack() throws Exception {
        var usable = new AtomicLong();
        try (Journal journal = open(usable::get)) {
            assertThat(append(journal, 1)).as("refused").isNegative();
            clock.advance(-HOUR_MS);
            usable.set(Long.MAX_VALUE);
            journal.poll();
            assertThat(journal.problem()).isNull();
        }
    }

    @Test
    void aStartWithoutRecordsLeavesNoFolder() throws Exception {
        for (int i = 0; i < 3; i++) {
            open().close();
        }
        assertThat(Generations.list(directory)).hasSize(1);
    }

    @Test
    void theSyncMarkFollowsTheIntervalAndCoversEveryFile() throws Exception {
        try (Journal journal = open()) {
            append(journal, 1);
            journal.poll();
            assertThat(journal.syncsStarted()).as("not due yet").isZero();
            clock.advance(HOUR_MS);
            append(journal, 2);
            awaitSynced(journal);
            assertThat(journal.syncedOrdinal()).isEqualTo(2);
            assertThat(journal.syncsCompleted()).isEqualTo(1);
        }
    }

    /// What makes a record durable is `fdatasync`, not the queue's own `sync()`: see ADR 0003. A
    /// page that still has to be written to the device is dirty in the mapping.
    @Test
    @EnabledOnOs(OS.LINUX)
    void aSyncLeavesNoDirtyPageOfTheQueue() throws Exception {
        try (Journal journal = open()) {
            for (int i = 0; i < 500; i++) {
                append(journal, i);
            }
            assertThat(dirtyKilobytes()).isGreaterThan(400);
            clock.advance(1_000);
            awaitSynced(journal);
            assertThat(dirtyKilobytes()).isZero();
        }
    }

    @Test
    void blocksAreReservedAheadOfTheMapping() throws Exception {
        try (Journal journal = open()) {
            append(journal, 1);
            append(journal, 2);
            try (var files = Files.walk(directory)) {
                Path file =
                        files.filter(f -> f.toString().endsWith(".cq4")).findFirst().orElseThrow();
                Process du = new ProcessBuilder("du", "-k", file.toString()).start();
                String kilobytes =
                        new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                                .split("\t")[0];
                assertThat(Long.parseLong(kilobytes)).isGreaterThan(1_024);
            }
        }
    }

    /// The last pages of a file may hold anything after a power loss: what was flushed before the
    /// damage is kept, and the block with the damage goes as a whole.
    @Test
    void aTornLastBlockIsCutWhicheverByteItIsTornAt() throws Exception {
        Journal journal = open();
        append(journal, 1);
        append(journal, 2);
        gather(journal, 3, MARK.length);
        buffer.putBytes(0, MARK);
        gather(journal, 4, MARK.length);
        assertThat(journal.flush()).isTrue();
        journal.abandon();
        Path generation = Generations.list(directory).getFirst();
        Path file = Generations.cycles(generation).getFirst().path();
        byte[] whole = Files.readAllBytes(file);
        int end = indexOf(whole, MARK) + MARK.length;
        int start = end - 2 * MARK.length - 6 - BlockLayout.HEADER_LENGTH;
        for (int at = start; at < end; at += 3) {
            byte[] torn = whole.clone();
            if (at % 2 == 0) {
                torn[at] ^= 32;
            } else {
                Arrays.fill(torn, at, end, (byte) ~torn[at]);
            }
            Files.write(file, torn);
            Files.deleteIfExists(file.resolveSibling("cut"));
            try (var cursor =
                    new JournalCursor(directory, 0, JournalCursor.FIRST_KEPT, Generations::cut)) {
                cursor.read((_, _, _, _, _, _, _, _) -> {}, 100);
                assertThat(cursor.lastOrdinal()).as("torn at %d", at - start).isEqualTo(2);
                assertThat(cursor.tailsCut()).isEqualTo(1);
            }
            assertThat(Generations.cut(generation)).isEqualTo(3);
        }
        assertThat(sequences()).as("the cut stays").containsExactly(1L, 2L);
    }

    @Test
    void aShortageRefusesAgentsBeforeTheDaemonAndEndsByItself() throws Exception {
        var usable = new AtomicLong(Long.MAX_VALUE);
        JournalConfig config = JournalConfig.in(directory).withMaxAgents(4);
        try (Journal journal = Journal.open(config, clock, usable::get, NOBODY)) {
            assertThat(append(journal, 1)).isEqualTo(1);
            usable.set(config.reservedBytes());
            long sequence = 2;
            while (frame(journal, sequence) > 0) { // until the blocks reserved ahead are used up
                sequence++;
            }
            assertThat(journal.problem()).contains("Maybe free some?");
            assertThat(journal.failure()).as("the reserve is the daemon's").isNull();
            assertThat(append(journal, 0)).isEqualTo(sequence);

            usable.set(0);
            for (long before = 0; journal.ordinal() > before; ) {
                before = journal.ordinal();
                append(journal, 0);
            }
            assertThat(journal.failure()).contains("usable space of 0 bytes");

            usable.set(Long.MAX_VALUE);
            clock.advance(2_000);
            journal.poll();
            assertThat(journal.problem()).isNull();
            assertThat(frame(journal, sequence)).isEqualTo(journal.ordinal());
        }
        assertThat(JournalVerification.of(directory).ok()).isTrue();
    }

    /// A block whose file cannot be made: see also `JournalStage`, which takes its streams back.
    @Test
    void aBlockThatCannotBeAppendedGivesItsOrdinalsBack() throws Exception {
        try (Journal journal = open()) {
            Path generation = Generations.list(directory).getLast();
            Path aside = directory.resolve("aside");
            Files.move(generation, aside);
            Files.createFile(generation);
            assertThat(append(journal, 1)).isEqualTo(-1);
            assertThat(journal.failure()).contains("append failed");
            assertThat(append(journal, 1)).as("not before a while").isEqualTo(-1);

            Files.delete(generation);
            Files.move(aside, generation);
            clock.advance(2_000);
            assertThat(append(journal, 2)).isEqualTo(1);
        }
        assertThat(sequences()).containsExactly(2L);
    }

    @Test
    void appendingAllocatesNothing() throws Exception {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Journal journal = open()) {
            batches(journal, WARM_UP_BATCHES);
            long before = threads.getCurrentThreadAllocatedBytes();
            batches(journal, BATCHES);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat((double) allocated / (BATCHES * BATCH)).as("bytes a frame").isLessThan(1);
        }
    }

    private void batches(Journal journal, int count) {
        for (int batch = 0; batch < count; batch++) {
            for (int i = 0; i < BATCH; i++) {
                gather(journal, i + 1, 100);
            }
            journal.flush();
        }
    }

    private Journal open() throws Exception {
        return open(JournalSpace.of(directory));
    }

    private Journal open(JournalSpace space) throws Exception {
        JournalConfig config =
                JournalConfig.in(directory)
                        .withReservedBytes(0)
                        .withMaxAgents(4)
                        .withSyncInterval(Duration.ofSeconds(1));
        return Journal.open(config, clock, space, NOBODY);
    }

    @Test
    void aFileThatIsCompleteKeepsNoReserve() throws Exception {
        try (Journal journal = open()) {
            append(journal, 1);
            clock.advance(HOUR_MS);
            append(journal, 2);
            var files = Generations.cycles(Generations.list(directory).getLast());
            assertThat(NativeFile.allocatedBytes(files.getFirst().path())).isLessThan(300_000);
            assertThat(NativeFile.allocatedBytes(files.getLast().path())).isGreaterThan(4_000_000);
        }
        assertThat(sequences()).containsExactly(1L, 2L);
    }

    private static int indexOf(byte[] bytes, byte[] mark) {
        return new String(bytes, StandardCharsets.ISO_8859_1)
                .indexOf(new String(mark, StandardCharsets.ISO_8859_1));
    }

    private long frame(Journal journal, long sequence) {
        long ordinal =
                journal.append(
                        RecordType.FRAME, 0, clock.millis(), sequence, buffer, view, 0, PAYLOAD);
        return journal.flush() ? ordinal : -1;
    }

    private long gather(Journal journal, long sequence, int length) {
        return journal.append(
                RecordType.NOTE,
                RecordLayout.NO_SOURCE,
                clock.millis(),
                sequence,
                buffer,
                view,
                0,
                length);
    }

    private long append(Journal journal, long sequence) {
        long ordinal = gather(journal, sequence, PAYLOAD);
        return journal.flush() ? ordinal : -1;
    }

    private static void awaitSynced(Journal journal) {
        long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (!journal.poll() || journal.syncedOrdinal() < journal.ordinal()) {
            assertThat(System.nanoTime() - deadlineNs).isNegative();
            LockSupport.parkNanos(100_000);
        }
    }

    private List<Long> sequences() throws Exception {
        var sequences = new ArrayList<Long>();
        try (JournalCursor cursor = JournalCursor.open(directory)) {
            while (cursor.read((_, _, _, _, sequence, _, _, _) -> sequences.add(sequence), 100)
                    > 0) {
                // to the end
            }
        }
        return sequences;
    }

    private long dirtyKilobytes() throws Exception {
        long dirty = 0;
        boolean ours = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("^[0-9a-f]+-[0-9a-f]+ .*")) {
                ours = line.contains(directory.toString()) && line.endsWith(".cq4");
            } else if (ours && line.matches("(Shared|Private)_Dirty:.*")) {
                dirty += Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return dirty;
    }
}
