package io.novacron.agent.host;

import io.novacron.agent.SelfCost;
import java.nio.file.Path;

/// What this process costs: CPU time from `/proc/self/stat`, resident memory from
/// `/proc/self/statm`. Thread-safe: the sampling and the control thread both ask.
public final class SelfMeter implements SelfCost, AutoCloseable {
    private static final int FIELDS_BEFORE_CPU = 11; // after the name: state … cmajflt
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final ProcFile stat;
    private final ProcFile statm;
    private final AuxiliaryVector constants;

    public SelfMeter(Path proc) {
        stat = new ProcFile(proc.resolve("self/stat"), 1024);
        statm = new ProcFile(proc.resolve("self/statm"), 256);
        constants = AuxiliaryVector.read(proc);
    }

    /// User and system time of all threads so far, or -1 when it cannot be read.
    @Override
    public synchronized long cpuNs() {
        // the name in parentheses may hold anything, even parentheses
        if (!stat.readStart() || !stat.skipPastLast(')')) {
            return -1;
        }
        for (int i = 0; i < FIELDS_BEFORE_CPU; i++) {
            stat.skipWord('\n');
        }
        long user = stat.nextLong();
        long system = stat.nextLong();
        if (user < 0 || system < 0) {
            return -1;
        }
        return (user + system) * (NS_PER_SECOND / constants.jiffiesPerSecond());
    }

    /// The resident set, or -1 when it cannot be read.
    @Override
    public synchronized long rssBytes() {
        if (!statm.readStart()) {
            return -1;
        }
        statm.nextLong();
        long pages = statm.nextLong();
        return pages < 0 ? -1 : pages * constants.pageBytes();
    }

    @Override
    public synchronized void close() {
        stat.close();
        statm.close();
    }
}
