package io.novacron.ingest.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.VirtualClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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

@Timeout(30)
class JournalTest {
    private static final int PAYLOAD = 1_000;
    private static final long HOUR_MS = 3_600_000;

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

    private Journal open() throws Exception {
        return open(JournalSpace.of(directory));
    }

    private Journal open(JournalSpace space) throws Exception {
        JournalConfig config =
                JournalConfig.in(directory)
                        .withReservedBytes(0)
                        .withMaxAgents(4)
                        .withSyncInterval(Duration.ofSeconds(1));
        return Journal.open(config, clock, space, (_, _, _, _, _, _, _, _) -> {});
    }

    private long append(Journal journal, long sequence) {
        RecordLayout.write(
                buffer,
                0,
                RecordType.NOTE,
                RecordLayout.NO_SOURCE,
                PAYLOAD,
                clock.millis(),
                sequence);
        return journal.append(buffer, view, 0, PAYLOAD);
    }

    private static void awaitSynced(Journal journal) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
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
