package io.novacron.agent.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.novacron.agent.HostSource.HostSink;
import java.nio.file.Path;

/// Pressure stall information: the share of the interval in which some task waited for a resource,
/// from the kernel's own total and so exact for any interval.
final class PressureReader implements Reader {
    private static final byte[] SOME = "some ".getBytes(US_ASCII);
    private static final byte[] TOTAL = "total=".getBytes(US_ASCII);
    private static final double PERCENT_OF_A_SECOND = 1e-4; // microseconds a second, as a share

    private final ProcFile file;
    private final int metricId;
    private final Counter stalled = new Counter();

    PressureReader(Path proc, String resource, int metricId) {
        file = new ProcFile(proc.resolve("pressure").resolve(resource), 256);
        this.metricId = metricId;
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        float percent = (float) (stalled.perSecond(readTotal(), nowNs) * PERCENT_OF_A_SECOND);
        sink.put(metricId, Math.min(100, percent)); // the two clocks are read one after the other
    }

    private long readTotal() {
        if (!file.readStart() || !file.take(SOME)) {
            return -1;
        }
        for (int field = 0; field < 4; field++) {
            file.skipBlanks();
            if (file.take(TOTAL)) {
                return file.nextLong();
            }
            file.skipWord('\n');
        }
        return -1;
    }

    @Override
    public void close() {
        file.close();
    }
}
