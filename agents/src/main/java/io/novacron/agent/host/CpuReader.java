package io.novacron.agent.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.novacron.agent.HostSource.HostSink;
import io.novacron.wire.catalogue.Metrics;
import java.nio.file.Path;

/// CPU use, steal and I/O wait from the first line of `/proc/stat`. Guest time is part of user
/// time, and stolen time is nobody's use of this host.
final class CpuReader implements Reader {
    private static final byte[] CPU = "cpu ".getBytes(US_ASCII);
    private static final byte[] CPU_N = "cpu".getBytes(US_ASCII);
    private static final int COLUMNS = 8; // user nice system idle iowait irq softirq steal
    private static final int IDLE = 3;
    private static final int IOWAIT = 4;
    private static final int STEAL = 7;

    private final ProcFile file;
    private final Counter busy = new Counter();
    private final Counter all = new Counter();
    private final Counter iowait = new Counter();
    private final Counter steal = new Counter();
    private final long[] jiffies = new long[COLUMNS];

    CpuReader(Path proc) {
        file = new ProcFile(proc.resolve("stat"), 4096);
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        long total = readJiffies() ? sum() : -1;
        float elapsed = all.difference(total);
        float percent = elapsed > 0 ? 100f / elapsed : Float.NaN;
        long used = total < 0 ? -1 : total - jiffies[IDLE] - jiffies[IOWAIT] - jiffies[STEAL];
        sink.put(Metrics.CPU_USAGE, busy.difference(used) * percent);
        sink.put(Metrics.CPU_STEAL, steal.difference(total < 0 ? -1 : jiffies[STEAL]) * percent);
        sink.put(Metrics.CPU_IOWAIT, iowait.difference(total < 0 ? -1 : jiffies[IOWAIT]) * percent);
    }

    /// The CPUs that are online, or 0 when nobody says.
    int countCpus() {
        int count = 0;
        if (file.read()) {
            file.skipLine();
            while (file.take(CPU_N)) {
                count++;
                file.skipLine();
            }
        }
        return count;
    }

    private boolean readJiffies() {
        if (!file.readStart() || !file.take(CPU)) {
            return false;
        }
        for (int i = 0; i < COLUMNS; i++) {
            jiffies[i] = file.nextLong();
            if (jiffies[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private long sum() {
        long sum = 0;
        for (long value : jiffies) {
            sum += value;
        }
        return sum;
    }

    @Override
    public void close() {
        file.close();
    }
}
