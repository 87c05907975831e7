package io.novacron.solver.search;

import java.util.Arrays;

/// How a search by annealing cools down: from hot to cold in bins of equal ratio, each with its
/// share of the time.
///
/// At first all bins have the same time. A short run tells the mean cost in each bin, and from that
/// [#refined] gives the next run more time in the bins where the cost fell, that is, where the plan
/// takes shape. Time in strict proportion would starve the cold end, whose drops are small but are
/// the ones that count between good plans.
public final class Cooling {
    private static final double EXPONENT = 0.3; // of the drop: more than evenly, less than in proportion
    private static final int BINS = 40;
    private static final double EVEN_SHARE = 0.2; // of the time is spread evenly

    private final double hottest;
    private final double ratio; // of the temperatures at both ends of a bin
    private final double[] ends; // share of time at which a bin ends
    private final double[] costSums = new double[BINS];
    private final long[] costCounts = new long[BINS];

    private Cooling(double hottest, double ratio, double[] ends) {
        this.hottest = hottest;
        this.ratio = ratio;
        this.ends = ends;
    }

    /// @param hottest above `coldest`, which is above 0
    public static Cooling even(double hottest, double coldest) {
        var ends = new double[BINS];
        Arrays.setAll(ends, bin -> (bin + 1.0) / BINS);
        return new Cooling(hottest, StrictMath.pow(coldest / hottest, 1.0 / BINS), ends);
    }

    /// @param share of the time that is over, in [0, 1]
    public double temperature(double share) {
        int bin = bin(share);
        double start = bin == 0 ? 0 : ends[bin - 1];
        double part = Math.clamp((share - start) / Math.max(1e-12, ends[bin] - start), 0, 1);
        return hottest * StrictMath.pow(ratio, bin + part);
    }

    /// Remembers the cost of the plan at some time.
    public void observe(double share, double cost) {
        int bin = bin(share);
        costSums[bin] += cost;
        costCounts[bin]++;
    }

    private int bin(double share) {
        int place = Arrays.binarySearch(ends, share);
        return Math.min(BINS - 1, place >= 0 ? place + 1 : -place - 1);
    }

    /// The same temperatures, with time where this run's cost fell.
    public Cooling refined() {
        var weights = new double[BINS];
        double previous = Double.NaN;
        double sum = 0;
        for (int bin = BINS - 1; bin >= 0; bin--) {
            if (costCounts[bin] > 0) {
                double mean = costSums[bin] / costCounts[bin];
                double drop = Double.isNaN(previous) ? 0 : mean - previous;
                weights[bin] = StrictMath.pow(Math.max(0, drop), EXPONENT);
                sum += weights[bin];
                previous = mean;
            }
        }
        if (sum == 0) {
            return even(hottest, hottest * StrictMath.pow(ratio, BINS));
        }
        var refinedEnds = new double[BINS];
        double end = 0;
        for (int bin = 0; bin < BINS; bin++) {
            double before = bin == 0 ? 0 : weights[bin - 1];
            double after = bin == BINS - 1 ? 0 : weights[bin + 1];
            double smooth = (before + 2 * weights[bin] + after) / 4; // a short run is noisy
            end += EVEN_SHARE / BINS + (1 - EVEN_SHARE) * smooth / sum;
            refinedEnds[bin] = end;
        }
        for (int bin = 0; bin < BINS; bin++) {
            refinedEnds[bin] /= end;
        }
        return new Cooling(hottest, ratio, refinedEnds);
    }
}
