package io.novacron.solver.search;

import java.util.Arrays;

/// How a search by annealing cools down: from hot to cold in bins of equal ratio, each with its
/// share of the time.
///
/// At first all bins have the same time. A short run tells the mean cost in each bin, and from that
/// [#refined] gives the next run most of its time between the temperatures where the plan takes
/// shape. The same time for each of those bins has done better than time in proportion to a power
/// of the drop, which starves the cold end.
public final class Cooling {
    private static final double STILL_SHARE = 0.02; // of the drop, before it has begun
    private static final double IDLE_WEIGHT = 0.1; // of a bin outside, against one inside
    private static final int BINS = 40;

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

    /// The same times and temperatures, with nothing observed yet.
    public Cooling again() {
        return new Cooling(hottest, ratio, ends);
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

    /// The same temperatures, with most of the time between the first bin in which this run's cost
    /// fell and the last one after which it still fell by something that counts. What rises again
    /// later, as it may where prices do, does not count.
    ///
    /// @param doneShare of the drop, which counts for nothing; a run too short to come to rest at
    ///   any temperature needs more of it than a long one
    public Cooling refined(double doneShare) {
        double highest = Double.NEGATIVE_INFINITY;
        double lowest = Double.POSITIVE_INFINITY;
        for (int bin = 0; bin < BINS; bin++) {
            if (costCounts[bin] > 0) {
                highest = Math.max(highest, costSums[bin] / costCounts[bin]);
                lowest = Math.min(lowest, costSums[bin] / costCounts[bin]);
            }
        }
        var leastLater = new double[BINS]; // of the mean costs of the bins after one
        double least = Double.POSITIVE_INFINITY;
        for (int bin = BINS - 1; bin >= 0; bin--) {
            leastLater[bin] = least;
            if (costCounts[bin] > 0) {
                least = Math.min(least, costSums[bin] / costCounts[bin]);
            }
        }
        double drop = highest - lowest;
        if (!(drop > 0)) {
            return even(hottest, hottest * StrictMath.pow(ratio, BINS));
        }
        var refinedEnds = new double[BINS];
        double end = 0;
        for (int bin = 0; bin < BINS; bin++) {
            double mean = costCounts[bin] == 0 ? highest : costSums[bin] / costCounts[bin];
            boolean falls =
                    mean < highest - STILL_SHARE * drop
                            && mean > leastLater[bin] + doneShare * drop;
            end += falls ? 1 : IDLE_WEIGHT;
            refinedEnds[bin] = end;
        }
        for (int bin = 0; bin < BINS; bin++) {
            refinedEnds[bin] /= end;
        }
        return new Cooling(hottest, ratio, refinedEnds);
    }
}
