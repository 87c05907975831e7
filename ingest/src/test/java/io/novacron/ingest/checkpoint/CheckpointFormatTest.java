package io.novacron.ingest.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFormatTest {
    @TempDir Path directory;

    @Test
    void valuesRoundTripWhereverBlocksEnd() throws IOException {
        Path file = directory.resolve("file");
        write(file, 7, 300_000);
        read(file, 7, 300_000);
        assertThat(Files.size(file)).isGreaterThan(2 * CheckpointWriter.PAYLOAD_LIMIT);
    }

    @Test
    void noDamagedByteAndNoCutIsTakenForACheckpoint() throws IOException {
        Path file = directory.resolve("file");
        write(file, 7, 12);
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 16;
            Files.write(file, damaged);
            assertThatThrownBy(() -> read(file, 7, 12))
                    .as("byte %d", i)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith("file is damaged in block");
            Files.write(file, Arrays.copyOf(whole, i));
            assertThatThrownBy(() -> read(file, 7, 12))
                    .as("cut at %d", i)
                    .isInstanceOf(CheckpointException.class);
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        assertThatThrownBy(() -> read(file, 7, 12)).hasMessageContaining("blocks and");
    }

    @Test
    void onlyTheNewestFilesAreKept() throws IOException {
        var files = CheckpointFiles.of(directory);
        assertThat(files.newestFirst()).isEmpty();
        long[] oldestKept = new long[4];
        for (int i = 1; i <= 4; i++) {
            write(files.aside(), i, 1);
            oldestKept[i - 1] = files.publish(i * 10L, 2);
        }
        assertThat(oldestKept).containsExactly(10, 10, 20, 30);
        assertThat(files.newestFirst())
                .extracting(CheckpointFiles.Entry::ordinal)
                .containsExactly(40L, 30L);
        read(files.newestFirst().getFirst().path(), 4, 1);
        Files.writeString(files.aside(), "half of one");
        assertThat(files.newestFirst()).as("one that is being written does not count").hasSize(2);
        files.discardAside();
        assertThat(files.folder().resolve("aside")).doesNotExist();
    }

    @Test
    void settingsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> new CheckpointConfig(java.time.Duration.ofSeconds(-1), 2))
                .hasMessageContaining("checkpoint.interval=PT-1S must not be negative");
        assertThatThrownBy(() -> new CheckpointConfig(java.time.Duration.ofMinutes(1), 0))
                .hasMessageContaining("checkpoint.keep=0 must be in [1, 100]");
    }

    private static void write(Path file, long seed, int values) throws IOException {
        var random = new Random(seed);
        try (var out = CheckpointWriter.create(file)) {
            for (Section section : new Section[] {Section.HEADER, Section.TILES}) {
                out.begin(section);
                for (int i = 0; i < values; i++) {
                    switch (random.nextInt(5)) {
                        case 0 -> out.putByte(random.nextInt(128));
                        case 1 -> out.putInt(random.nextInt());
                        case 2 -> out.putLong(random.nextLong());
                        case 3 -> out.putString("ü" + random.nextInt());
                        default -> out.put(segment(random), 0, Long.BYTES);
                    }
                }
                out.putBoolean(true);
            }
            out.finish();
            assertThat(out.bytesWritten()).isEqualTo(Files.size(file));
        }
    }

    private static void read(Path file, long seed, int values) throws IOException {
        var random = new Random(seed);
        try (var in = CheckpointReader.open(file)) {
            for (Section section : new Section[] {Section.HEADER, Section.TILES}) {
                in.begin(section);
                for (int i = 0; i < values; i++) {
                    switch (random.nextInt(5)) {
                        case 0 -> assertThat(in.getByte()).isEqualTo(random.nextInt(128));
                        case 1 -> assertThat(in.getInt()).isEqualTo(random.nextInt());
                        case 2 -> assertThat(in.getLong()).isEqualTo(random.nextLong());
                        case 3 -> assertThat(in.getString()).isEqualTo("ü" + random.nextInt());
                        default -> {
                            var bytes = new byte[Long.BYTES];
                            in.get(MemorySegment.ofArray(bytes), 0, bytes.length);
                            assertThat(MemorySegment.ofArray(bytes).mismatch(segment(random)))
                                    .isEqualTo(-1);
                        }
                    }
                }
                assertThat(in.getBoolean()).isTrue();
            }
            in.finish();
        }
    }

    private static MemorySegment segment(Random random) {
        var bytes = new byte[Long.BYTES];
        random.nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }
}
