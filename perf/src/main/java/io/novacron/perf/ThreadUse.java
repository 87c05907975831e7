package io.novacron.perf;

import java.util.HashMap;
import java.util.Map;

/// CPU time and allocation of Java threads but the calling one, so far or between two moments.
record ThreadUse(long cpuNs, long allocatedBytes) {
    private static final ThreadUse NONE = new ThreadUse(0, 0);

    /// What each thread has used since it started, by its id.
    record Reading(Map<Long, ThreadUse> threads) {
        static Reading now() {
            Map<Long, ThreadUse> uses = new HashMap<>();
            for (long thread : CpuCost.THREADS.getAllThreadIds()) {
                long cpuNs = CpuCost.THREADS.getThreadCpuTime(thread);
                long allocatedBytes = CpuCost.THREADS.getThreadAllocatedBytes(thread);
                if (thread != Thread.currentThread().threadId()
                        && cpuNs >= 0
                        && allocatedBytes >= 0) { // -1: gone
                    uses.put(thread, new ThreadUse(cpuNs, allocatedBytes));
                }
            }
            return new Reading(uses);
        }

        /// The sum over the threads alive now; one that ended in between is left out, as what it
        /// used last is not known.
        ThreadUse since(Reading before) {
            long cpuNs = 0;
            long allocatedBytes = 0;
            for (Map.Entry<Long, ThreadUse> thread : threads.entrySet()) {
                ThreadUse then = before.threads.getOrDefault(thread.getKey(), NONE);
                cpuNs += thread.getValue().cpuNs - then.cpuNs;
                allocatedBytes += thread.getValue().allocatedBytes - then.allocatedBytes;
            }
            return new ThreadUse(cpuNs, allocatedBytes);
        }
    }
}
