package io.novacron.perf.budget;

import io.novacron.perf.LoadGenerator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/// One more agent, which sends a frame every second and measures when it is acknowledged as
/// journaled. Late frames count from when they were due.
final class AcknowledgementProbe implements AutoCloseable {
    private static final long EVERY_NS = Duration.ofSeconds(1).toNanos();
    private static final long PATIENCE_NS = Duration.ofSeconds(30).toNanos();
    private static final long POLL_NS = 50_000;

    private final LoadGenerator agent = new LoadGenerator(Duration.ofSeconds(60), 1);
    private final InstantSource clock;
    private final Histogram latencyNs = new Histogram(3);
    private long sent;
    private long nextNs;

    AcknowledgementProbe(int port, InstantSource clock) throws IOException {
        this.clock = clock;
        agent.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        nextNs = System.nanoTime();
    }

    /// Sends a frame when it is due, and waits for its acknowledgement; else sleeps a little.
    void step() throws IOException {
        long dueNs = nextNs;
        long waitNs = dueNs - System.nanoTime();
        if (waitNs > 0) {
            LockSupport.parkNanos(waitNs);
            return;
        }
        nextNs = dueNs + EVERY_NS;
        agent.sendRound(clock.millis());
        sent++;
        while (agent.readJournaled() < sent) {
            if (System.nanoTime() - dueNs > PATIENCE_NS) {
                throw new IOException("frame %d was not acknowledged in 30 s".formatted(sent));
            }
            LockSupport.parkNanos(POLL_NS);
        }
        latencyNs.recordValue(System.nanoTime() - dueNs);
    }

    /// Forgets what was measured so far.
    void reset() {
        latencyNs.reset();
    }

    double p99Ms() {
        return latencyNs.getValueAtPercentile(99) / 1e6;
    }

    @Override
    public void close() throws IOException {
        agent.close();
    }
}
