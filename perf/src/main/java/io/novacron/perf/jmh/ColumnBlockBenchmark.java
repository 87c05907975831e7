package io.novacron.perf.jmh;

import io.novacron.perf.GaugeMix;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.ColumnBlockDecoder;
import io.novacron.wire.column.ColumnCodec;
import io.novacron.wire.column.MetricBatchReader;
import io.novacron.wire.column.MetricBatchWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Cost of one frame of 50 entities × 20 metrics. Writing includes the checksum, which is part of
/// making a frame; reading does not, since the receiver checks it elsewhere. Baseline:
/// `perf/results/0001-first-figures/README.md`.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ColumnBlockBenchmark {
    private static final int BATCHES = 64;
    private static final int ENTITIES = 50;
    private static final int INTERVAL_MS = 10_000;
    private static final long SEED = 7;

    /// A codec of [ColumnCodec].
    @Param({"" + ColumnCodec.RAW, "" + ColumnCodec.PACKED})
    public int codec;

    private final List<ColumnBatch> batches = GaugeMix.batches(SEED, BATCHES, ENTITIES);
    private final UnsafeBuffer[] frames = new UnsafeBuffer[BATCHES];
    private final int[] lengths = new int[BATCHES];
    private final MetricBatchReader reader = new MetricBatchReader(ENTITIES, GaugeMix.METRICS);
    private final float[] column = new float[ENTITIES];
    private MetricBatchWriter writer = new MetricBatchWriter();

    @Setup
    public void makeFrames() {
        writer = new MetricBatchWriter(codec);
        for (int i = 0; i < BATCHES; i++) {
            frames[i] =
                    new UnsafeBuffer(new byte[MetricBatchWriter.maxFrameLength(batches.get(i))]);
        }
        encode();
    }

    @Benchmark
    @OperationsPerInvocation(BATCHES)
    public int[] encode() {
        for (int i = 0; i < BATCHES; i++) {
            lengths[i] = writer.encode(i + 1, i, INTERVAL_MS, batches.get(i), frames[i], 0);
        }
        return lengths;
    }

    @Benchmark
    @OperationsPerInvocation(BATCHES)
    public float decode() {
        float sum = 0;
        for (int i = 0; i < BATCHES; i++) {
            ColumnBlockDecoder block = reader.wrap(frames[i], 0, lengths[i]).block();
            for (int metric = 0; metric < block.metricCount(); metric++) {
                block.column(metric, column);
                sum += column[0];
            }
        }
        return sum;
    }
}
