package io.novacron.agent.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.novacron.agent.HostSource.HostSink;
import io.novacron.wire.catalogue.Metrics;
import java.nio.file.Path;

/// Memory in use from `/proc/meminfo`: what is neither free nor given back on demand.
final class MemoryReader implements Reader {
    private static final byte[] TOTAL = "MemTotal:".getBytes(US_ASCII);
    private static final byte[] AVAILABLE = "MemAvailable:".getBytes(US_ASCII);
    private static final int LINES = 8; // MemAvailable is the third line; kernels only append

    private final ProcFile file;
    private long totalBytes;
    private long availableBytes;

    MemoryReader(Path proc) {
        file = new ProcFile(proc.resolve("meminfo"), 4096);
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        readBytes();
        if (totalBytes > 0 && availableBytes >= 0 && availableBytes <= totalBytes) {
            long used = totalBytes - availableBytes;
            sink.put(Metrics.MEMORY_USED, used);
            sink.put(Metrics.MEMORY_USAGE, (float) (100.0 * used / totalBytes));
        }
    }

    /// The host's memory, or 0 when nobody says.
    long totalBytes() {
        readBytes();
        return Math.max(0, totalBytes);
    }

    private void readBytes() {
        totalBytes = -1;
        availableBytes = -1;
        if (!file.readStart()) {
            return;
        }
        for (int i = 0; i < LINES && file.hasMore(); i++, file.skipLine()) {
            if (file.take(TOTAL)) {
                totalBytes = kibibytes(file.nextLong());
            } else if (file.take(AVAILABLE)) {
                availableBytes = kibibytes(file.nextLong());
            }
        }
    }

    private static long kibibytes(long value) {
        return value < 0 ? -1 : value * 1024;
    }

    @Override
    public void close() {
        file.close();
    }
}
