package io.novacron.solver.consolidation;

/// Mean and variance of each vm's demand, weighted to the recent past.
///
/// Demand in five-minute averages is close to a level with noise on it: the level moves within
/// hours, and one sample says little about the next. So a mean is kept, not a trend. It starts from
/// what is usual, of which the first sample replaces two thirds.
final class DemandStatistics {
    private static final double PRIOR_SAMPLES = 0.5;
    private static final double VARIANCE_PRIOR_SAMPLES = 4;

    private final Estate estate;
    private final ConsolidationPolicy policy;
    private final double[] share;
    private final double[] shareVariance;
    private final int[] samples;

    /// By vm, in MIPS and MIPS squared.
    final double[] mean;

    final double[] variance;

    DemandStatistics(Estate estate, ConsolidationPolicy policy) {
        this.estate = estate;
        this.policy = policy;
        int vms = estate.vms();
        share = new double[vms];
        shareVariance = new double[vms];
        samples = new int[vms];
        mean = new double[vms];
        variance = new double[vms];
    }

    void add(int vm, double demand) {
        double mips = estate.vmMips(vm);
        double sample = demand / mips;
        int before = samples[vm]++;
        double expected = before == 0 ? policy.usualShare() : share[vm];
        share[vm] = expected + (sample - expected) * weight(before, PRIOR_SAMPLES);
        if (before == 0) {
            shareVariance[vm] = policy.noise() * policy.noise() * share[vm];
        } else {
            double spread = (sample - expected) * (sample - share[vm]);
            shareVariance[vm] +=
                    (spread - shareVariance[vm]) * weight(before, VARIANCE_PRIOR_SAMPLES);
        }
        mean[vm] = share[vm] * mips;
        variance[vm] = shareVariance[vm] * mips * mips;
    }

    private double weight(int before, double priorSamples) {
        return Math.max(policy.weight(), 1 / (before + 1 + priorSamples));
    }

    double deviation(int vm) {
        return Math.sqrt(variance[vm]);
    }
}
