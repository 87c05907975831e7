package io.novacron.perf;

import io.novacron.agent.host.SelfMeter;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;

/// What an ingest in this process has done and used between two moments.
///
/// @param server all Java threads but the calling one, the load generator
/// @param processCpuNs of the whole process: generator, compiler and collector included
record IngestUse(
        long wallNs,
        ThreadUse server,
        long generatorCpuNs,
        long processCpuNs,
        long samples,
        long frames,
        long journalBytes) {

    /// Counters so far, which mean nothing before they are subtracted from later ones.
    record Reading(
            long timeNs,
            ThreadUse.Reading server,
            long generatorCpuNs,
            long processCpuNs,
            long samples,
            long frames,
            long journalBytes) {

        static Reading now(Ingest ingest, SelfMeter meter) {
            IngestStatistics counted = ingest.statistics();
            return new Reading(
                    System.nanoTime(),
                    ThreadUse.Reading.now(),
                    CpuCost.THREADS.getCurrentThreadCpuTime(),
                    meter.cpuNs(),
                    counted.get(Counter.SAMPLES_APPLIED),
                    counted.get(Counter.BATCHES_APPLIED),
                    counted.get(Counter.RECORD_BYTES_APPENDED));
        }

        IngestUse since(Reading before) {
            return new IngestUse(
                    timeNs - before.timeNs,
                    server.since(before.server),
                    generatorCpuNs - before.generatorCpuNs,
                    processCpuNs - before.processCpuNs,
                    samples - before.samples,
                    frames - before.frames,
                    journalBytes - before.journalBytes);
        }
    }
}
