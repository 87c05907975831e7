package io.novacron.wire.column;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.novacron.wire.Framing;
import io.novacron.wire.column.kernel.ScalarColumnKernel;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/// The vector kernel is left out: until it is compiled, each of its vectors is an object.
class AllocationTest {
    private static final int FRAMES = 2_000;

    private final ColumnBatch batch = GaugeMix.batch(new Random(3), 50, 0);
    private final MetricBatchWriter writer = new MetricBatchWriter();
    private final MetricBatchReader reader =
            new MetricBatchReader(64, 64, new ColumnBlockDecoder(new ScalarColumnKernel()));
    private final Framing framing = new Framing();
    private final UnsafeBuffer buffer =
            new UnsafeBuffer(new byte[MetricBatchWriter.maxFrameLength(batch)]);
    private final float[] column = new float[50];

    @Test
    void writingAndReadingMetricBatchesAllocatesNothing() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        float sum = 0;
        for (int i = 0; i < FRAMES; i++) {
            sum += writeAndRead(i);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < FRAMES; i++) {
            sum += writeAndRead(i);
        }
        long perFrame = (threads.getCurrentThreadAllocatedBytes() - before) / FRAMES;
        assertThat(perFrame).as("bytes a frame").isZero();
        assertThat(sum).isPositive();
    }

    private float writeAndRead(int sequence) {
        batch.set(0, 0, sequence);
        int length = writer.encode(sequence, sequence, 10_000, batch, buffer, 0);
        Framing.checkHeader(buffer, 0, length, Framing.MAX_FRAME_LENGTH);
        framing.checkCrc(buffer, 0, length);
        var block = reader.wrap(buffer, 0, length).block();
        float sum = 0;
        for (int metric = 0; metric < block.metricCount(); metric++) {
            block.column(metric, column);
            sum += column[0];
        }
        return sum;
    }
}
