package io.novacron.agent.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.agent.spool.Spool.FrameMaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSpoolTest {
    private static final SpoolLimits LIMITS = new SpoolLimits(64 * 1024, 3_600_000, false);
    private static final String BOOT = "boot-1";

    @TempDir private Path folder = Path.of("");

    private static FrameMaker text(int length) {
        return (sequence, buffer) -> {
            byte[] bytes = contentOf(sequence, length);
            buffer.putBytes(0, bytes);
            return bytes.length;
        };
    }

    private static byte[] contentOf(long sequence, int length) {
        return ("frame " + sequence + "x".repeat(length)).getBytes(UTF_8);
    }

    private FileSpool open(String bootId) {
        return open(folder, bootId, 1);
    }

    private static FileSpool open(Path folder, String bootId, long epoch) {
        try {
            return FileSpool.open(
                    folder,
                    epoch,
                    bootId,
                    LIMITS,
                    e -> {
                        throw new UncheckedIOException(e);
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Long> sequences(Spool spool) {
        var sequences = new ArrayList<Long>();
        var frame = new SpooledFrame();
        for (long next = 1; spool.read(next, frame); next = frame.sequence() + 1) {
            sequences.add(frame.sequence());
        }
        return sequences;
    }

    private Path lastSegment() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(Segment::isSegment).sorted().toList().getLast();
        }
    }

    @Test
    void givesBackWhatWasAppendedAfterACleanClose() {
        try (var spool = open(BOOT)) {
            for (int i = 0; i < 100; i++) {
                assertThat(spool.append(1_000, text(50))).isEqualTo(i + 1);
            }
        }

        try (var spool = open("boot-2")) {
            assertThat(sequences(spool)).hasSize(100).startsWith(1L).endsWith(100L);
            assertThat(spool.append(1_000, text(5)))
                    .as("no gap after a clean close")
                    .isEqualTo(101);
            var frame = new SpooledFrame();
            assertThat(spool.read(77, frame)).isTrue();
            assertThat(frame.bytes().remaining()).isEqualTo(contentOf(77, 50).length);
        }
    }

    @Test
    void goesOnWithoutAGapAfterAKill() {
        var killed = open(BOOT);
        killed.append(0, text(5));
        killed.append(0, text(5));

        try (var spool = open(BOOT)) {
            assertThat(sequences(spool)).containsExactly(1L, 2L);
            assertThat(spool.append(0, text(5))).isEqualTo(3);
        }
    }

    @Test
    void leavesAGapAfterAPowerLossForFramesThatMayBeGone() {
        var lost = open(BOOT);
        lost.append(0, text(5));

        try (var spool = open("boot-2")) {
            assertThat(sequences(spool)).containsExactly(1L);
            assertThat(spool.append(0, text(5))).isEqualTo(FileSpool.RESERVED_BLOCK + 1);
        }
    }

    @Test
    void cutsARecordThatIsNotWhole() throws IOException {
        var killed = open(BOOT);
        killed.append(0, text(5));
        killed.append(0, text(5));
        try (var channel = FileChannel.open(lastSegment(), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 3);
        }

        try (var spool = open(BOOT)) {
            assertThat(sequences(spool)).containsExactly(1L);
            assertThat(spool.append(0, text(7))).as("it was never sent").isEqualTo(2);
            assertThat(sequences(spool)).containsExactly(1L, 2L);
        }
    }

    @Test
    void skipsTheRestOfASegmentThatRottedWhileOpen() throws IOException {
        try (var spool = open(BOOT)) {
            for (int i = 0; i < 5; i++) {
                spool.append(0, text(100));
            }
            try (var channel = FileChannel.open(lastSegment(), StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[40]), 2 * 131 + 10);
            }

            assertThat(sequences(spool)).containsExactly(1L, 2L);
            assertThat(spool.framesDropped()).isEqualTo(3);
            assertThat(spool.append(0, text(1))).isEqualTo(6);
            assertThat(sequences(spool)).containsExactly(1L, 2L, 6L);
            assertThat(spool.framesDropped()).as("counted once").isEqualTo(3);
        }
    }

    @Test
    void trimsWhatIsSyncedAndDeletesItsFiles() throws IOException {
        try (var spool = open(BOOT)) {
            for (int i = 0; i < 200; i++) {
                spool.append(0, text(100));
            }
            long full = spool.bytes();

            spool.trim(150);
            assertThat(spool.firstSequence()).isEqualTo(151);
            assertThat(sequences(spool)).startsWith(151L).endsWith(200L);
            assertThat(spool.bytes()).isLessThan(full / 3);

            spool.trim(200);
            assertThat(spool.bytes()).isZero();
            assertThat(spool.firstSequence()).isZero();
            assertThat(sequences(spool)).isEmpty();
            assertThat(spool.framesDropped()).isZero();
        }
        try (var spool = open(BOOT)) {
            assertThat(spool.append(0, text(1)))
                    .as("its sequences outlive its files")
                    .isEqualTo(201);
        }
    }

    @Test
    void dropsTheOldestWhenFullAndCountsThem() {
        try (var spool = open(BOOT)) {
            for (int i = 0; i < 1_000; i++) {
                spool.append(0, text(200));
            }

            assertThat(spool.bytes()).isBetween(LIMITS.maxBytes() / 2, LIMITS.maxBytes());
            List<Long> kept = sequences(spool);
            assertThat(kept).endsWith(1_000L);
            assertThat(spool.framesDropped()).isEqualTo(1_000 - kept.size());
            assertThat(spool.firstSequence()).isEqualTo(kept.getFirst());
        }
    }

    @Test
    void dropsWhatIsTooOld() {
        try (var spool = open(BOOT)) {
            for (int minute = 0; minute < 180; minute++) {
                spool.append(minute * 60_000L, text(10));
            }

            assertThat(sequences(spool).getFirst())
                    .as("an hour is kept, to the grain of a segment")
                    .isBetween(110L, 120L);
            assertThat(spool.framesDropped()).isEqualTo(sequences(spool).getFirst() - 1);
        }
    }

    @Test
    void refusesAFrameThatCanNeverFit() {
        try (var spool = open(BOOT)) {
            assertThat(spool.append(0, text(70_000))).isZero();
            assertThat(spool.framesDropped()).isEqualTo(1);
            assertThat(spool.append(0, text(1))).isEqualTo(1);
        }
    }

    @Test
    void emptiesAFolderOfAnotherEpoch() {
        try (var spool = open(folder, BOOT, 1)) {
            spool.append(0, text(1));
        }

        try (var spool = open(folder, BOOT, 2)) {
            assertThat(sequences(spool)).isEmpty();
            assertThat(spool.append(0, text(1))).isEqualTo(1);
        }
    }

    @Test
    void goesOnAfterASequenceThatItWasTold() {
        try (var spool = open(BOOT)) {
            spool.append(0, text(1));
            spool.skipPast(10_000);
            assertThat(spool.append(0, text(1))).isEqualTo(10_001);
            assertThat(sequences(spool)).containsExactly(1L, 10_001L);
        }
    }

    /// Whatever happens in whatever order (append, read, trim, kill, torn tail), the spool agrees
    /// with a map, and no sequence is given to two frames of which the first was readable.
    @Property(tries = 12)
    void agreesWithAMapOverKillsAndRestarts(@ForAll long seed) throws IOException {
        Path home = Files.createTempDirectory("spool");
        var random = new Random(seed);
        var expected = new TreeMap<Long, Integer>();
        long last = 0;
        FileSpool spool = open(home, BOOT, 1);
        try {
            for (int step = 0; step < 120; step++) {
                switch (random.nextInt(10)) {
                    case 0, 1, 2, 3, 4 -> {
                        int length = random.nextInt(100);
                        long sequence = spool.append(0, text(length));
                        assertThat(sequence).isEqualTo(last + 1);
                        expected.put(sequence, length);
                        last = sequence;
                    }
                    case 5 -> {
                        long upTo = last == 0 ? 0 : random.nextLong(last + 1);
                        spool.trim(upTo);
                        expected.headMap(upTo, true).clear();
                    }
                    case 6 -> {
                        spool.close();
                        spool = open(home, BOOT, 1);
                        spool.trim(expected.isEmpty() ? last : expected.firstKey() - 1);
                    }
                    case 7 -> {
                        // a kill: nobody closes; the next run only sees the files
                        spool = open(home, BOOT, 1);
                        spool.trim(expected.isEmpty() ? last : expected.firstKey() - 1);
                    }
                    case 8 -> {
                        // a kill in the middle of an append: nobody has seen that frame
                        int length = random.nextInt(100);
                        long sequence = spool.append(0, text(length));
                        tearTail(home, 1 + random.nextInt(contentOf(sequence, length).length + 23));
                        spool = open(home, BOOT, 1);
                        spool.trim(expected.isEmpty() ? last : expected.firstKey() - 1);
                    }
                    default -> check(spool, expected);
                }
            }
            check(spool, expected);
        } finally {
            spool.close();
        }
    }

    private static void tearTail(Path home, int bytes) throws IOException {
        Path newest;
        try (var files = Files.list(home)) {
            newest = files.filter(Segment::isSegment).sorted().toList().getLast();
        }
        try (var channel = FileChannel.open(newest, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - bytes);
        }
    }

    private static void check(FileSpool spool, TreeMap<Long, Integer> expected) {
        assertThat(sequences(spool)).containsExactlyElementsOf(expected.keySet());
        assertThat(spool.firstSequence()).isEqualTo(expected.isEmpty() ? 0 : expected.firstKey());
        var frame = new SpooledFrame();
        expected.forEach((sequence, length) -> {
            assertThat(spool.read(sequence, frame)).isTrue();
            var bytes = new byte[frame.bytes().remaining()];
            frame.bytes().get(bytes);
            assertThat(bytes).isEqualTo(contentOf(sequence, length));
        });
    }
}
