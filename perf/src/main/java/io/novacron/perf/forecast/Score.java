package io.novacron.perf.forecast;

import io.novacron.inference.Quantiles;
import io.novacron.perf.Figures;
import java.util.Arrays;

/// Sums over many forecasts of one level and horizon, and the figures that come of them. What each
/// figure means stands in `docs/forecasting.md`.
final class Score {
    private static final double BUSY = 10;
    private static final double BUCKET = 25;

    private final double[] scales;
    private final double[] entityErrors;
    private final long[] entityCounts;
    private final double[] memberErrors;
    private double errors;
    private double actuals;
    private double pinball;
    private long count;
    private long unanswered;
    private long inside;
    private long within5;
    private long within10;
    private long busy;
    private long busyWithin5;
    private long high;
    private long sameBucket;
    private final long[] below = new long[Quantiles.COUNT];

    /// @param scales mean absolute one-step change of each entity before the test, NaN or 0 where
    ///   it has none
    Score(double[] scales, int members) {
        this.scales = scales;
        this.entityErrors = new double[scales.length];
        this.entityCounts = new long[scales.length];
        this.memberErrors = new double[members];
    }

    /// Sums of both; entities of `other` follow the ones here.
    Score plus(Score other) {
        var both = new Score(join(scales, other.scales), memberErrors.length);
        System.arraycopy(
                join(entityErrors, other.entityErrors),
                0,
                both.entityErrors,
                0,
                both.scales.length);
        for (int i = 0; i < both.scales.length; i++) {
            both.entityCounts[i] =
                    i < scales.length ? entityCounts[i] : other.entityCounts[i - scales.length];
        }
        for (int i = 0; i < memberErrors.length; i++) {
            both.memberErrors[i] = memberErrors[i] + other.memberErrors[i];
        }
        for (int i = 0; i < below.length; i++) {
            both.below[i] = below[i] + other.below[i];
        }
        both.errors = errors + other.errors;
        both.actuals = actuals + other.actuals;
        both.pinball = pinball + other.pinball;
        both.count = count + other.count;
        both.unanswered = unanswered + other.unanswered;
        both.inside = inside + other.inside;
        both.within5 = within5 + other.within5;
        both.within10 = within10 + other.within10;
        both.busy = busy + other.busy;
        both.busyWithin5 = busyWithin5 + other.busyWithin5;
        both.high = high + other.high;
        both.sameBucket = sameBucket + other.sameBucket;
        return both;
    }

    private static double[] join(double[] left, double[] right) {
        double[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }

    void unanswered() {
        unanswered++;
    }

    /// One forecast of entity `index` and what came.
    void add(int index, float actual, float[] quantiles) {
        double error = Math.abs((double) actual - quantiles[Quantiles.MEDIAN]);
        count++;
        errors += error;
        actuals += Math.abs(actual);
        entityErrors[index] += error;
        entityCounts[index]++;
        for (int level = 0; level < Quantiles.COUNT; level++) {
            pinball += Quantiles.pinball(Quantiles.level(level), quantiles[level], actual);
            below[level] += actual <= quantiles[level] ? 1 : 0;
        }
        inside += actual >= quantiles[0] && actual <= quantiles[Quantiles.COUNT - 1] ? 1 : 0;
        within5 += error <= 5 ? 1 : 0;
        within10 += error <= 10 ? 1 : 0;
        if (actual > BUSY) {
            busy++;
            busyWithin5 += error <= 5 ? 1 : 0;
        }
        if (actual >= BUCKET) {
            high++;
            sameBucket += bucket(actual) == bucket(quantiles[Quantiles.MEDIAN]) ? 1 : 0;
        }
    }

    private static int bucket(double value) {
        return (int) Math.min(3, Math.max(0, value / BUCKET));
    }

    /// The error of one member on the forecast that was added last.
    void addMember(int member, double error) {
        memberErrors[member] += error;
    }

    long count() {
        return count;
    }

    double wape() {
        return errors / actuals;
    }

    double memberWape(int member) {
        return memberErrors[member] / actuals;
    }

    double coverage80() {
        return inside / (double) count;
    }

    /// Share of outcomes at or below the quantile: near its level when calibrated.
    double shareBelow(int level) {
        return below[level] / (double) count;
    }

    /// WAPE of one entity needs its actuals; its mean error is enough to order entities.
    double entityError(int index) {
        return entityCounts[index] == 0 ? Double.NaN : entityErrors[index] / entityCounts[index];
    }

    private double mase() {
        double sum = 0;
        int entities = 0;
        for (int i = 0; i < scales.length; i++) {
            if (scales[i] > 0 && entityCounts[i] > 0) {
                sum += entityErrors[i] / entityCounts[i] / scales[i];
                entities++;
            }
        }
        return sum / entities;
    }

    void write(String prefix, Figures figures) {
        figures.add(prefix + ".wape", wape())
                .add(prefix + ".mase", mase())
                .add(prefix + ".wql", 2 * pinball / Quantiles.COUNT / actuals)
                .add(prefix + ".coverage80", coverage80())
                .add(prefix + ".within5", within5 / (double) count)
                .add(prefix + ".within10", within10 / (double) count)
                .add(prefix + ".within5busy", busyWithin5 / (double) busy)
                .add(prefix + ".bucket25", sameBucket / (double) high)
                .add(prefix + ".count", count)
                .add(prefix + ".unanswered", unanswered);
    }
}
