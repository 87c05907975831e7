package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.Framing;
import io.novacron.wire.sbe.ConnectionKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Counts what the threads on a frame's way allocate: event loop, journal and fleet thread.
class AllocationTest {
    private static final int ENTITIES = 20;
    private static final int ROUND = 2_000; // frames
    private static final int ROUNDS = 40;
    private static final long BYTES_PER_FRAME = 16;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir Path folder;

    private final VirtualClock clock = new VirtualClock();

    /// Once compiled. When that is, the compiler decides; so the least of many rounds counts, and a
    /// frame that always allocates is seen in each.
    @Test
    void aFrameAllocatesNothingOnItsWay() throws IOException {
        var config = IngestHarness.config(folder).withAcknowledgeFrames(1_000);
        try (var harness = new IngestHarness(config, clock);
                TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            var vms = IntStream.range(0, ENTITIES).mapToObj(i -> new UUID(7, i));
            agent.write(agent.inventoryFrame(1, vms.toArray(UUID[]::new)));
            byte[] frame = frame(agent);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long before = allocated();
                long applied = harness.count(Counter.BATCHES_APPLIED);
                agent.write(many(frame, agent));
                harness.awaitCount(Counter.BATCHES_APPLIED, applied + ROUND);
                least = Math.min(least, (allocated() - before) / ROUND);
            }
            assertThat(least).as("bytes a frame").isLessThan(BYTES_PER_FRAME);
        }
    }

    private byte[] frame(TestAgent agent) {
        int[] entities = IntStream.rangeClosed(1, ENTITIES).toArray();
        int[] metrics = {1, 2, 3, 4};
        var values = new float[metrics.length][ENTITIES];
        for (int metric = 0; metric < metrics.length; metric++) {
            for (int entity = 0; entity < ENTITIES; entity++) {
                values[metric][entity] = metric + entity * 0.5f;
            }
        }
        return agent.batchFrame(1, clock.millis(), 60_000, entities, metrics, values);
    }

    /// The same frame over and over, each with its own sequence and checksum.
    private static byte[] many(byte[] frame, TestAgent agent) {
        var framing = new Framing();
        byte[] one = Arrays.copyOf(frame, frame.length);
        var view = new UnsafeBuffer(one);
        var all = new ByteArrayOutputStream(frame.length * ROUND);
        for (int i = 0; i < ROUND; i++) {
            agent.sequence(agent.sequence() + 1);
            view.putLong(Framing.HEADER_LENGTH + 8, agent.sequence()); // after the message's header
            framing.finish(view, 0, one.length - Framing.HEADER_LENGTH);
            all.write(one, 0, one.length);
        }
        return all.toByteArray();
    }

    private static long allocated() {
        long bytes = 0;
        for (var thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            if (thread != null && isOnTheWay(thread.getThreadName())) {
                bytes += THREADS.getThreadAllocatedBytes(thread.getThreadId());
            }
        }
        return bytes;
    }

    private static boolean isOnTheWay(String name) {
        return name.startsWith("novacron-ingest") || name.startsWith("novacron-stage");
    }
}
