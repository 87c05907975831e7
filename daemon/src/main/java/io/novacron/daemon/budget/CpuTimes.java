package io.novacron.daemon.budget;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/// The clocks that a budget is kept by, in nanoseconds. Any thread.
public interface CpuTimes {
    /// A monotonic clock.
    long wallNs();

    /// CPU time of the whole process since its start.
    long processNs();

    /// CPU time of the calling thread since its start.
    long threadNs();

    /// The clocks of this process.
    static CpuTimes ofThisProcess() {
        var process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return new CpuTimes() {
            @Override
            public long wallNs() {
                return System.nanoTime();
            }

            @Override
            public long processNs() {
                return process.getProcessCpuTime();
            }

            @Override
            public long threadNs() {
                return threads.getCurrentThreadCpuTime();
            }
        };
    }

    /// Clocks that stand still: work costs nothing, and everything is allowed.
    static CpuTimes standingStill() {
        return new CpuTimes() {
            @Override
            public long wallNs() {
                return 0;
            }

            @Override
            public long processNs() {
                return 0;
            }

            @Override
            public long threadNs() {
                return 0;
            }
        };
    }
}
