package io.novacron.daemon.decision;

import io.novacron.daemon.view.AutomationRow.Observed;
import java.time.Duration;
import java.util.List;

/// Adds up what the advice of each tick would have freed. A pure function of the advice and its
/// times. One thread.
final class ObservedSavings {
    private static final double HOUR_MS = Duration.ofHours(1).toMillis();
    private static final double GIB = 1L << 30;

    private Observed total = Observed.NOTHING;
    private long lastMs;

    /// @param advice what would have been proposed at this tick
    void onTick(List<Proposal> advice, long tickMs) {
        double vcpus = 0;
        double memory = 0;
        for (Proposal proposal : advice) {
            vcpus += proposal.fromVcpus() - proposal.toVcpus();
            memory += proposal.fromMemoryBytes() - proposal.toMemoryBytes();
        }
        double hours = lastMs == 0 ? 0 : Math.max(0, tickMs - lastMs) / HOUR_MS;
        total =
                new Observed(
                        total.sinceMs() == 0 ? tickMs : total.sinceMs(),
                        advice.size(),
                        vcpus,
                        memory,
                        total.vcpuHours() + total.vcpusFreed() * hours,
                        total.memoryGibHours() + total.memoryFreedBytes() / GIB * hours);
        lastMs = tickMs;
    }

    Observed total() {
        return total;
    }
}
