package io.novacron.perf;

import io.novacron.wire.Framing;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.ColumnBlockDecoder;
import io.novacron.wire.column.MetricBatchReader;
import io.novacron.wire.column.MetricBatchWriter;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Cost and size of metric batches on the wire. A frame is written and read as a whole, checksum
/// included; `crcNs` tells what part of either that is.
@Command(
        name = "wire",
        description = "Encode and decode metric batches of 50 entities × 20 metrics")
final class WireBench extends Measurement {
    private static final int ENTITIES = 50;
    private static final int BATCHES = 64;
    private static final int INTERVAL_MS = 10_000;
    private static final int PHASES = 3;
    private static final long SEED = 7;

    @Option(names = "--seconds", description = "CPU time; default ${DEFAULT-VALUE}")
    private double seconds = 6;

    @Override
    protected Figures measure() {
        checkSeconds(seconds);
        var frames = new Frames();
        report("encoding …");
        double encodeNs = CpuCost.nsPerOperation(seconds / PHASES, BATCHES, frames::encode);
        report("decoding …");
        double decodeNs = CpuCost.nsPerOperation(seconds / PHASES, BATCHES, frames::decode);
        report("checking …");
        double crcNs = CpuCost.nsPerOperation(seconds / PHASES, BATCHES, frames::check);
        double allocated =
                CpuCost.bytesPerOperation(BATCHES, frames::encode)
                        + CpuCost.bytesPerOperation(BATCHES, frames::decode);
        long bytes = 0;
        for (int length : frames.lengths) {
            bytes += length;
        }
        return new Figures("wire")
                .add("encodeNs", encodeNs)
                .add("decodeNs", decodeNs)
                .add("crcNs", crcNs)
                .add("bytesPerSample", (double) bytes / (BATCHES * ENTITIES * GaugeMix.METRICS))
                .add("allocatedBytesPerFrame", allocated);
    }

    /// The same batches, to be encoded and decoded again and again.
    private static final class Frames {
        private final List<ColumnBatch> batches = GaugeMix.batches(SEED, BATCHES, ENTITIES);
        private final MetricBatchWriter writer = new MetricBatchWriter();
        private final MetricBatchReader reader = new MetricBatchReader(ENTITIES, GaugeMix.METRICS);
        private final Framing framing = new Framing();
        private final UnsafeBuffer[] frames = new UnsafeBuffer[BATCHES];
        private final int[] lengths = new int[BATCHES];
        private final float[] column = new float[ENTITIES];

        Frames() {
            for (int i = 0; i < BATCHES; i++) {
                frames[i] =
                        new UnsafeBuffer(
                                new byte[MetricBatchWriter.maxFrameLength(batches.get(i))]);
            }
        }

        void encode() {
            for (int i = 0; i < BATCHES; i++) {
                lengths[i] = writer.encode(i + 1, i, INTERVAL_MS, batches.get(i), frames[i], 0);
            }
        }

        void decode() {
            for (int i = 0; i < BATCHES; i++) {
                framing.checkCrc(frames[i], 0, lengths[i]);
                ColumnBlockDecoder block = reader.wrap(frames[i], 0, lengths[i]).block();
                for (int metric = 0; metric < block.metricCount(); metric++) {
                    block.column(metric, column);
                }
            }
        }

        void check() {
            for (int i = 0; i < BATCHES; i++) {
                framing.checkCrc(frames[i], 0, lengths[i]);
            }
        }
    }
}
