package io.novacron.perf;

import com.github.luben.zstd.ZstdCompressCtx;
import io.novacron.ingest.journal.Journal;
import io.novacron.ingest.journal.JournalConfig;
import io.novacron.ingest.journal.RecordType;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What the journal costs its thread, and how many bytes it takes, in the two shapes of a fleet:
/// the real journal, block by block with CRC and queue, and beside it what two well-kept codecs
/// make of the same frames as they came, gathered into blocks of the same length, without CRC or
/// queue.
@Command(name = "journal", description = "Cost and size of journaled frames, and of codecs instead")
final class JournalBench extends Measurement {
    private static final int CROWD_FRAMES = 8_192;
    private static final int FLEET_FRAMES = 512;
    private static final int FLEET_ENTITIES = 50;
    private static final int BLOCK_LENGTH = 64 * 1024;
    private static final int RECORD_HEADER = 6; // about what a block takes for one
    private static final int INTERVAL_MS = 10_000;
    private static final int SPREAD = 64; // of sequences and times of the agents in a round
    private static final int FAST = -5;
    private static final int PHASES = 8;
    private static final long SEED = 7;

    @Option(names = "--seconds", description = "CPU time; default ${DEFAULT-VALUE}")
    private double seconds = 16;

    @Option(
            names = "--batch",
            description = "Frames that come to the journal at once; default ${DEFAULT-VALUE}")
    private int batch = 512;

    /// All frames of a round behind each other, as they lie in the ring.
    private record Frames(ByteBuffer view, UnsafeBuffer memory, int[] ends, long samples) {
        static Frames of(int count, int entities) {
            var random = new SplittableRandom(SEED);
            var writer = new MetricBatchWriter();
            ColumnBatch[] batches = new ColumnBatch[count];
            int capacity = 0;
            for (int i = 0; i < count; i++) {
                batches[i] = GaugeMix.batch(random, entities);
                capacity += MetricBatchWriter.maxFrameLength(batches[i]);
            }
            ByteBuffer view = ByteBuffer.allocateDirect(capacity);
            var memory = new UnsafeBuffer(view);
            int[] ends = new int[count];
            int end = 0;
            for (int i = 0; i < count; i++) {
                long sequence = 1_000 + random.nextInt(SPREAD);
                long timeMs = System.currentTimeMillis() + random.nextInt(SPREAD);
                end += writer.encode(sequence, timeMs, INTERVAL_MS, batches[i], memory, end);
                ends[i] = end;
            }
            return new Frames(view, memory, ends, (long) count * entities * GaugeMix.METRICS);
        }

        int offset(int index) {
            return index == 0 ? 0 : ends[index - 1];
        }

        int count() {
            return ends.length;
        }
    }

    @FunctionalInterface
    private interface Codec {
        int compress(ByteBuffer from, int length, ByteBuffer to);
    }

    @Override
    protected Figures measure() throws IOException {
        checkSeconds(seconds);
        check(batch > 0, "--batch=%s must be positive. Maybe 512?", batch);
        var figures = new Figures("journal");
        measure("crowd", Frames.of(CROWD_FRAMES, 1), figures);
        measure("fleet", Frames.of(FLEET_FRAMES, FLEET_ENTITIES), figures);
        return figures;
    }

    private void measure(String shape, Frames frames, Figures figures) throws IOException {
        report("%s: journal …", shape);
        journal(shape, frames, figures);
        report("%s: codecs …", shape);
        LZ4Compressor lz4 = LZ4Factory.fastestInstance().fastCompressor();
        codec(
                shape + "Lz4",
                frames,
                figures,
                (from, length, to) -> lz4.compress(from, 0, length, to, 0, to.capacity()));
        for (int level : new int[] {FAST, 1}) {
            try (var zstd = new ZstdCompressCtx()) {
                zstd.setLevel(level);
                codec(
                        shape + (level < 0 ? "ZstdFast" : "Zstd") + Math.abs(level),
                        frames,
                        figures,
                        (from, length, to) ->
                                zstd.compressDirectByteBuffer(
                                        to, 0, to.capacity(), from, 0, length));
            }
        }
    }

    private void journal(String shape, Frames frames, Figures figures) throws IOException {
        Path folder = Files.createTempDirectory("novacron-bench-");
        try (Journal journal =
                Journal.open(
                        JournalConfig.in(folder),
                        InstantSource.system(),
                        (_, _, _, _, _, _, _, _) -> {})) {
            Runnable round = () -> append(journal, frames);
            double ns = CpuCost.nsPerOperation(seconds / PHASES, frames.count(), round);
            double allocated = CpuCost.bytesPerOperation(frames.count(), round);
            double perSample =
                    (double) journal.bytesAppended()
                            / (journal.ordinal() / (double) frames.count())
                            / frames.samples();
            figures.add(shape + "NsPerFrame", ns)
                    .add(shape + "BytesPerSample", perSample)
                    .add(shape + "AllocatedBytesPerFrame", allocated);
        } finally {
            delete(folder);
        }
    }

    private void append(Journal journal, Frames frames) {
        for (int i = 0; i < frames.count(); i++) {
            int offset = frames.offset(i);
            int length = frames.ends()[i] - offset;
            if (!journal.hasRoomFor(length)) {
                journal.flush();
            }
            journal.append(
                    RecordType.FRAME,
                    i,
                    1,
                    frames.memory().getLong(offset + Long.BYTES),
                    frames.memory(),
                    frames.view(),
                    offset,
                    length);
            if (i % batch == batch - 1) {
                finish(journal);
            }
        }
        finish(journal);
    }

    private static void finish(Journal journal) {
        journal.flush();
        journal.poll();
    }

    private void codec(String name, Frames frames, Figures figures, Codec codec) {
        var block = ByteBuffer.allocateDirect(BLOCK_LENGTH);
        var target = new UnsafeBuffer(block);
        var compressed = ByteBuffer.allocateDirect(2 * BLOCK_LENGTH);
        long[] bytes = new long[1];
        Runnable round =
                () -> {
                    bytes[0] = 0;
                    int end = 0;
                    for (int i = 0; i < frames.count(); i++) {
                        int offset = frames.offset(i);
                        int length = frames.ends()[i] - offset;
                        boolean full = end + RECORD_HEADER + length > BLOCK_LENGTH;
                        if (full || i > 0 && i % batch == 0) {
                            bytes[0] += codec.compress(block, end, compressed);
                            end = 0;
                        }
                        target.putBytes(end + RECORD_HEADER, frames.memory(), offset, length);
                        end += RECORD_HEADER + length;
                    }
                    bytes[0] += codec.compress(block, end, compressed);
                };
        double ns = CpuCost.nsPerOperation(seconds / PHASES, frames.count(), round);
        report(
                "%s",
                String.format(
                        Locale.ROOT,
                        "%s %.0f ns a frame, %.3f bytes a sample",
                        name,
                        ns,
                        (double) bytes[0] / frames.samples()));
        figures.add(name + "NsPerFrame", ns)
                .add(name + "BytesPerSample", (double) bytes[0] / frames.samples());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
