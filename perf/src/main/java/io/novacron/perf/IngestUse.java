package io.novacron.perf;

import io.novacron.agent.host.SelfMeter;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;

/// What an ingest in this process has done and used, so far or between two moments.
///
/// @param serverCpuNs of all Java threads but the calling one, the load generator
/// @param processCpuNs of the whole process: generator, compiler and collector included
/// @param allocatedBytes by the same threads as `serverCpuNs`
record IngestUse(
        long wallNs,
        long serverCpuNs,
        long generatorCpuNs,
        long processCpuNs,
        long allocatedBytes,
        long samples,
        long frames,
        long journalBytes) {

    static IngestUse now(Ingest ingest, SelfMeter meter) {
        IngestStatistics counted = ingest.statistics();
        long serverCpuNs = 0;
        long allocatedBytes = 0;
        for (long thread : CpuCost.THREADS.getAllThreadIds()) {
            if (thread != Thread.currentThread().threadId()) {
                serverCpuNs += Math.max(0, CpuCost.THREADS.getThreadCpuTime(thread)); // -1: gone
                allocatedBytes += Math.max(0, CpuCost.THREADS.getThreadAllocatedBytes(thread));
            }
        }
        return new IngestUse(
                System.nanoTime(),
                serverCpuNs,
                CpuCost.THREADS.getCurrentThreadCpuTime(),
                meter.cpuNs(),
                allocatedBytes,
                counted.get(Counter.SAMPLES_APPLIED),
                counted.get(Counter.BATCHES_APPLIED),
                counted.get(Counter.RECORD_BYTES_APPENDED));
    }

    IngestUse since(IngestUse before) {
        return new IngestUse(
                wallNs - before.wallNs,
                serverCpuNs - before.serverCpuNs,
                generatorCpuNs - before.generatorCpuNs,
                processCpuNs - before.processCpuNs,
                allocatedBytes - before.allocatedBytes,
                samples - before.samples,
                frames - before.frames,
                journalBytes - before.journalBytes);
    }
}
