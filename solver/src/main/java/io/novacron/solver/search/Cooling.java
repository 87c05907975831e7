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
    private static final double STARTED_SHARE = 0.6; // of the drop that is left when it has begun
    private static final int MARGIN = 2; // bins: a longer run cools down at lower temperatures
    private static final double COLD_WEIGHT = 0.1; // of a bin after, against one inside
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
        int bin = 0;
        while (bin < BINS - 1 && ends[bin] <= share) { // a bin may have no time at all
            bin++;
        }
        return bin;
    }

    /// Adds what another one of the same times and temperatures observed.
    public void add(Cooling other) {
        for (int bin = 0; bin < BINS; bin++) {
            costSums[bin] += other.costSums[bin];
            costCounts[bin] += other.costCounts[bin];
        }
    }

    /// A run that starts a little hotter than where this run's mean cost was well below that of the
    /// plan it starts from, and spends most of its time from there to a little colder than where
    /// all but a small share of the drop was done.
    ///
    /// @param startCost of the plan that the next run starts from; to heat that one up and quench
    ///   it again would only spoil it
    /// @param doneShare of the drop, which may be left
    /// @param mostBins that the drop may take, without a margin; where cost still fell later in a
    ///   short run, it only froze too fast
    public Cooling refined(double startCost, double doneShare, int mostBins) {
        var mean = new double[BINS];
        double before = startCost;
        double lowest = startCost;
        for (int bin = 0; bin < BINS; bin++) {
            mean[bin] = costCounts[bin] == 0 ? before : costSums[bin] / costCounts[bin];
            before = mean[bin];
            lowest = Math.min(lowest, mean[bin]);
        }
        double drop = startCost - lowest;
        if (!(drop > 0)) {
            return even(hottest, hottest * StrictMath.pow(ratio, BINS));
        }
        int first = 0;
        while (first < BINS - 1 && mean[first] > lowest + STARTED_SHARE * drop) {
            first++;
        }
        int end = first + Math.min(mostBins, BINS - first) - 1;
        int last = first;
        while (last < end && mean[last] > lowest + doneShare * drop) {
            last++;
        }
        first = Math.max(0, first - MARGIN);
        last = Math.min(BINS - 1, last + MARGIN);
        var refinedEnds = new double[BINS];
        double weights = 0;
        for (int bin = 0; bin < BINS; bin++) {
            weights += bin < first ? 0 : bin > last ? COLD_WEIGHT : 1;
            refinedEnds[bin] = weights;
        }
        for (int bin = 0; bin < BINS; bin++) {
            refinedEnds[bin] /= weights;
        }
        return new Cooling(hottest, ratio, refinedEnds);
    }
}
