package io.novacron.perf;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.HdrHistogram.Histogram;

/// What work costs the thread that does it: CPU time and allocation, as the JVM meters them.
final class CpuCost {
    static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final double WARM_UP_SHARE = 0.5;
    private static final double NS_PER_SECOND = 1e9;
    private static final int DIGITS = 3;
    private static final int ALLOCATION_ROUNDS = 100;
    private static final int FEWEST_WARM_UPS = 4;
    private static final int MOST_WARM_UPS = 20;
    private static final double SETTLED = 0.9; // of the least cost before

    private CpuCost() {}

    /// Warms `round` up, then repeats it for a while.
    ///
    /// @param seconds of CPU time, so that the compiler gets its time on a busy machine too; half
    ///   of it is measured
    /// @param operations what one call of `round` does; it should take much longer than reading the
    ///   thread's clock, about 1 µs
    /// @return median over the rounds of CPU time in ns per operation
    static double nsPerOperation(double seconds, int operations, Runnable round) {
        warmUp(seconds * WARM_UP_SHARE, round);
        Histogram costs = repeat(seconds * (1 - WARM_UP_SHARE), round);
        return costs.getValueAtPercentile(50) / (double) operations;
    }

    /// Bytes that one operation allocates in the calling thread. Warm up first: code that is not
    /// compiled yet allocates what compiled code does not, each vector for one.
    static double bytesPerOperation(int operations, Runnable round) {
        return bytesPerOperation(operations, round, ALLOCATION_ROUNDS);
    }

    /// The same over `rounds` calls of a long `round`.
    static double bytesPerOperation(int operations, Runnable round, int rounds) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < rounds; i++) {
            round.run();
        }
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        return bytes / (double) rounds / operations;
    }

    /// Repeats `round` some times for so long, and goes on while its least cost still falls much:
    /// large kernels of vectors take the compiler a second, and cost a thousand times as much until
    /// then.
    static void warmUp(double cpuSeconds, Runnable round) {
        double before = Double.POSITIVE_INFINITY;
        for (int time = 1; time <= MOST_WARM_UPS; time++) {
            long least = repeat(cpuSeconds, round).getMinValue();
            if (time >= FEWEST_WARM_UPS && least > before * SETTLED) {
                return;
            }
            before = least;
        }
    }

    private static Histogram repeat(double cpuSeconds, Runnable round) {
        var costs = new Histogram(DIGITS);
        long startNs = THREADS.getCurrentThreadCpuTime();
        long beforeNs = startNs;
        do {
            round.run();
            long afterNs = THREADS.getCurrentThreadCpuTime();
            costs.recordValue(afterNs - beforeNs);
            beforeNs = afterNs;
        } while (beforeNs - startNs < cpuSeconds * NS_PER_SECOND);
        return costs;
    }
}
