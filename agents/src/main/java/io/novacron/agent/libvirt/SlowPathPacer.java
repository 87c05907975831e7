package io.novacron.agent.libvirt;

/// Says when the next bulk read may be, so that the reads' CPU (libvirtd's and ours) stays within a
/// share of one core: a read that costs 20 ms waits for 5 s at a share of 0.4 %.
///
/// The cost is smoothed, upwards at once and downwards slowly, so that one cheap read between dear
/// ones does not hurry the next. One thread owns it.
final class SlowPathPacer {
    private static final double FORGETTING = 0.2;

    private final long minIntervalNs;
    private final long maxIntervalNs;
    private final double budget;
    private double costNs;

    /// @param budget the share of one core, e.g. 0.004
    SlowPathPacer(long minIntervalNs, long maxIntervalNs, double budget) {
        this.minIntervalNs = minIntervalNs;
        this.maxIntervalNs = maxIntervalNs;
        this.budget = budget;
    }

    /// Takes what one read cost.
    void onRead(long readCostNs) {
        costNs = readCostNs >= costNs ? readCostNs : costNs + FORGETTING * (readCostNs - costNs);
    }

    /// The least time from the start of one read to the start of the next.
    long intervalNs() {
        return Math.clamp((long) (costNs / budget), minIntervalNs, maxIntervalNs);
    }
}
