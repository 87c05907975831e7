package io.novacron.inference.features;

import io.novacron.inference.Window;
import java.util.Arrays;
import java.util.function.DoubleConsumer;

/// The features of [FeatureSet] that look at one series of up to 288 steps as a list of valid
/// values. Owned by one thread.
final class SeriesShape {
    private static final int MAX = FeatureSet.LONG;
    private static final int SHIFT_SPAN = 12;
    private static final double SHIFT_SPREADS = 1.5;
    private static final double SPIKE_SCALES = 5;
    private static final double NORMAL_SCALE = 1.4826; // of the median deviation of a normal one
    private static final int ENTROPY_BINS = 10;
    private static final int TABLE = 1 << 10; // more than twice the values

    private final double[] x = new double[MAX]; // the values, oldest first
    private final int[] position = new int[MAX]; // their steps
    private final double[] scratch = new double[MAX];
    private final double[] prefix = new double[MAX + 1];
    private final OrderStatistics order = new OrderStatistics();
    private final OrderStatistics recentOrder = new OrderStatistics();
    private final OrderStatistics deviations = new OrderStatistics();
    private final int[] bins = new int[ENTROPY_BINS];
    private final double[] table = new double[TABLE];
    private final boolean[] taken = new boolean[TABLE];
    private int n;
    private int steps;
    private int recent; // index of the first value of the last 60 steps
    private double min;
    private double max;
    private double mean;
    private double squares; // around the mean
    private double median;
    private double medianDeviation;

    SeriesShape() {
        order.ensure(MAX);
        recentOrder.ensure(MAX);
        deviations.ensure(MAX);
    }

    void load(Window window, int series, int length) {
        steps = length;
        n = 0;
        recent = 0;
        double sum = 0;
        min = Double.POSITIVE_INFINITY;
        max = Double.NEGATIVE_INFINITY;
        int first = window.steps() - length;
        for (int step = 0; step < length; step++) {
            if (step == length - FeatureSet.MIDDLE) {
                recent = n;
            }
            float value = window.at(first + step, series);
            if (Float.isFinite(value)) {
                x[n] = value;
                position[n++] = step;
                sum += value;
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
        }
        mean = sum / n;
        squares = 0;
        for (int i = 0; i < n; i++) {
            squares += (x[i] - mean) * (x[i] - mean);
        }
        median = Double.NaN;
        medianDeviation = Double.NaN;
        if (n == 0) {
            return;
        }
        order.load(x, n, min, max);
        median = quantile(0.5);
        loadRecent();
        double largest = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            scratch[i] = Math.abs(x[i] - median);
            largest = Math.max(largest, scratch[i]);
            least = Math.min(least, scratch[i]);
        }
        deviations.load(scratch, n, least, largest);
        medianDeviation = quantile(deviations, n, 0.5);
    }

    private void loadRecent() {
        int count = n - recent;
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            scratch[i] = x[recent + i];
            least = Math.min(least, scratch[i]);
            greatest = Math.max(greatest, scratch[i]);
        }
        recentOrder.load(scratch, count, least, greatest);
    }

    boolean varies() {
        return min < max;
    }

    double mean() {
        return mean;
    }

    double last() {
        return n == 0 ? Double.NaN : x[n - 1];
    }

    double spread() {
        return n > 1 ? Math.sqrt(squares / (n - 1)) : Double.NaN;
    }

    double quantile(double share) {
        return quantile(order, n, share);
    }

    double recentQuantile(double share) {
        return quantile(recentOrder, n - recent, share);
    }

    private static double quantile(OrderStatistics order, int count, double share) {
        if (count == 0) {
            return Double.NaN;
        }
        double rank = (count - 1) * share;
        int low = (int) rank;
        double value = order.at(low);
        return rank == low ? value : value + (rank - low) * (order.at(low + 1) - value);
    }

    double medianDeviation() {
        return medianDeviation;
    }

    double skewness() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double centred = x[i] - mean;
            sum += centred * centred * centred;
        }
        double variance = squares / n;
        return varies() ? sum / n / (variance * Math.sqrt(variance)) : Double.NaN;
    }

    double kurtosis() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double squared = (x[i] - mean) * (x[i] - mean);
            sum += squared * squared;
        }
        double variance = squares / n;
        return varies() ? sum / n / (variance * variance) - 3 : Double.NaN;
    }

    double trimmedMean() {
        double low = quantile(0.1);
        double high = quantile(0.9);
        double sum = 0;
        int count = 0;
        for (int i = 0; i < n; i++) {
            if (x[i] >= low && x[i] <= high) {
                sum += x[i];
                count++;
            }
        }
        return sum / count;
    }

    /// Coefficient of the square of time over the values of the newest `window` steps.
    double curvature(int window) {
        int from = window < MAX ? recent : 0;
        int count = n - from;
        if (count < 3) {
            return Double.NaN;
        }
        double time = 0;
        for (int i = from; i < n; i++) {
            time += position[i];
        }
        double meanTime = time / count;
        double second = 0;
        double third = 0;
        for (int i = from; i < n; i++) {
            double t = position[i] - meanTime;
            second += t * t;
            third += t * t * t;
        }
        double level = second / count; // of the square, and its slope: what a line takes from it
        double slope = third / second;
        double cross = 0;
        double norm = 0;
        for (int i = from; i < n; i++) {
            double t = position[i] - meanTime;
            double bend = t * t - level - slope * t;
            cross += bend * (x[i] - mean);
            norm += bend * bend;
        }
        return cross / norm;
    }

    double lineShare() {
        double time = 0;
        for (int i = 0; i < n; i++) {
            time += position[i];
        }
        double timeSquares = 0;
        double cross = 0;
        for (int i = 0; i < n; i++) {
            double t = position[i] - time / n;
            timeSquares += t * t;
            cross += t * (x[i] - mean);
        }
        return varies() ? cross / timeSquares * (cross / squares) : Double.NaN;
    }

    double halfShift() {
        double early = 0;
        double late = 0;
        int earlyCount = 0;
        for (int i = 0; i < n; i++) {
            if (position[i] < steps / 2) {
                early += x[i];
                earlyCount++;
            } else {
                late += x[i];
            }
        }
        return late / (n - earlyCount) - early / earlyCount; // 0/0 is NaN
    }

    void changes(DoubleConsumer out) {
        int count = 0;
        int rises = 0;
        int equals = 0;
        double sum = 0;
        double sizes = 0;
        double most = Double.NEGATIVE_INFINITY;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 1; i < n; i++) {
            if (position[i] == position[i - 1] + 1) {
                double change = x[i] - x[i - 1];
                scratch[count++] = change;
                sum += change;
                sizes += Math.abs(change);
                rises += change > 0 ? 1 : 0;
                equals += change == 0 ? 1 : 0;
                most = Math.max(most, change);
                least = Math.min(least, change);
            }
        }
        double centre = sum / count;
        double total = 0;
        double cross = 0;
        for (int i = 0; i < count; i++) {
            total += (scratch[i] - centre) * (scratch[i] - centre);
            cross += i > 0 ? (scratch[i] - centre) * (scratch[i - 1] - centre) : 0;
        }
        out.accept(sizes / count);
        out.accept(count > 1 ? Math.sqrt(total / (count - 1)) : Double.NaN);
        out.accept(most); // infinite without changes, which becomes NaN
        out.accept(least);
        out.accept(rises / (double) count);
        out.accept(equals / (double) count);
        out.accept(most > least ? cross / total : Double.NaN);
    }

    private double crossings(int from, double level) {
        int count = 0;
        for (int i = from + 1; i < n; i++) {
            count += x[i] > level != x[i - 1] > level ? 1 : 0;
        }
        return n - from > 0 ? count : Double.NaN;
    }

    void crossingsAndRuns(DoubleConsumer out) {
        out.accept(crossings(0, mean));
        out.accept(crossings(0, median));
        double sum = 0;
        for (int i = recent; i < n; i++) {
            sum += x[i];
        }
        out.accept(crossings(recent, sum / (n - recent)));
        int turns = 0;
        int above = 0;
        int below = 0;
        int equal = 0;
        int rise = 0;
        int longestAbove = 0;
        int longestBelow = 0;
        int longestEqual = 0;
        int longestRise = 0;
        for (int i = 0; i < n; i++) {
            above = varies() && x[i] > mean ? above + 1 : 0;
            below = varies() && x[i] < mean ? below + 1 : 0;
            equal = i > 0 && x[i] == x[i - 1] ? equal + 1 : 1;
            rise = i > 0 && x[i] > x[i - 1] ? rise + 1 : 0;
            longestAbove = Math.max(longestAbove, above);
            longestBelow = Math.max(longestBelow, below);
            longestEqual = Math.max(longestEqual, equal);
            longestRise = Math.max(longestRise, rise);
            if (i > 0 && i + 1 < n) {
                boolean peak = x[i] > x[i - 1] && x[i] > x[i + 1];
                boolean trough = x[i] < x[i - 1] && x[i] < x[i + 1];
                turns += peak || trough ? 1 : 0;
            }
        }
        boolean some = n > 0;
        out.accept(some ? turns : Double.NaN);
        out.accept(some ? longestAbove : Double.NaN);
        out.accept(some ? longestBelow : Double.NaN);
        out.accept(some ? longestEqual : Double.NaN);
        out.accept(some ? longestRise : Double.NaN);
    }

    void spikes(DoubleConsumer out) {
        double scale = medianDeviation > 0 ? NORMAL_SCALE * medianDeviation : spread();
        int spikes = 0;
        int dips = 0;
        double age = Double.NaN;
        for (int i = 0; i < n; i++) {
            if (x[i] > median + SPIKE_SCALES * scale) {
                spikes++;
                age = steps - 1 - position[i];
            } else if (x[i] < median - SPIKE_SCALES * scale) {
                dips++;
            }
        }
        out.accept(n > 0 ? spikes : Double.NaN);
        out.accept(n > 0 ? dips : Double.NaN);
        out.accept(age);
        out.accept(varies() ? (max - median) / scale : Double.NaN);
        out.accept(varies() ? (median - min) / scale : Double.NaN);
    }

    void levelShifts(DoubleConsumer out) {
        if (n < 2 * SHIFT_SPAN) {
            out.accept(Double.NaN);
            out.accept(Double.NaN);
            out.accept(Double.NaN);
            return;
        }
        for (int i = 0; i < n; i++) {
            prefix[i + 1] = prefix[i] + (x[i] - mean);
        }
        double limit = SHIFT_SPREADS * spread();
        int shifts = 0;
        boolean inside = false;
        double largest = 0;
        double age = Double.NaN;
        for (int i = SHIFT_SPAN; i + SHIFT_SPAN <= n; i++) {
            double after = prefix[i + SHIFT_SPAN] - prefix[i];
            double before = prefix[i] - prefix[i - SHIFT_SPAN];
            double difference = (after - before) / SHIFT_SPAN;
            boolean shift = varies() && Math.abs(difference) > limit;
            shifts += shift && !inside ? 1 : 0;
            inside = shift;
            age = shift ? n - i : age;
            largest = Math.abs(difference) > Math.abs(largest) ? difference : largest;
        }
        out.accept(shifts);
        out.accept(varies() ? largest : 0);
        out.accept(age);
    }

    double entropy() {
        if (!varies()) {
            return n > 0 ? 0 : Double.NaN;
        }
        Arrays.fill(bins, 0);
        for (int i = 0; i < n; i++) {
            int bin = (int) ((x[i] - min) / (max - min) * ENTROPY_BINS);
            bins[Math.min(bin, ENTROPY_BINS - 1)]++;
        }
        return entropyOfBins(ENTROPY_BINS, n);
    }

    private double entropyOfBins(int count, int total) {
        double entropy = 0;
        for (int bin = 0; bin < count; bin++) {
            if (bins[bin] > 0) {
                double share = bins[bin] / (double) total;
                entropy -= share * StrictMath.log(share);
            }
        }
        return entropy / StrictMath.log(count);
    }

    double permutationEntropy() {
        if (n < 3) {
            return Double.NaN;
        }
        Arrays.fill(bins, 0);
        for (int i = 0; i + 2 < n; i++) {
            int first = x[i] <= x[i + 1] ? 1 : 0;
            int outer = x[i] <= x[i + 2] ? 1 : 0;
            int second = x[i + 1] <= x[i + 2] ? 1 : 0;
            bins[ORDERS[first * 4 + outer * 2 + second]]++;
        }
        return entropyOfBins(6, n - 2);
    }

    // of (first <= second, first <= third, second <= third); two of the eight cannot be
    private static final int[] ORDERS = {0, 1, 0, 2, 3, 0, 4, 5};

    double distinctShare() {
        Arrays.fill(taken, false);
        int distinct = 0;
        for (int i = 0; i < n; i++) {
            double value = x[i] + 0.0; // one zero
            long bits = Double.doubleToRawLongBits(value);
            int slot = (int) ((bits * 0x9E3779B97F4A7C15L) >>> 54);
            while (taken[slot] && table[slot] != value) {
                slot = (slot + 1) & (TABLE - 1);
            }
            if (!taken[slot]) {
                taken[slot] = true;
                table[slot] = value;
                distinct++;
            }
        }
        return distinct / (double) n;
    }

    void bounds(DoubleConsumer out) {
        int zeros = 0;
        int negatives = 0;
        int high = 0;
        int low = 0;
        double margin = (max - min) / 100;
        for (int i = 0; i < n; i++) {
            zeros += x[i] == 0 ? 1 : 0;
            negatives += x[i] < 0 ? 1 : 0;
            high += x[i] >= max - margin ? 1 : 0;
            low += x[i] <= min + margin ? 1 : 0;
        }
        out.accept(zeros / (double) n);
        out.accept(negatives / (double) n);
        out.accept(high / (double) n);
        out.accept(low / (double) n);
    }

    double longestGap() {
        int longest = n == 0 ? steps : Math.max(position[0], steps - 1 - position[n - 1]);
        for (int i = 1; i < n; i++) {
            longest = Math.max(longest, position[i] - position[i - 1] - 1);
        }
        return steps == 0 ? Double.NaN : longest;
    }

    double gaps() {
        if (steps == 0) {
            return Double.NaN;
        }
        if (n == 0) {
            return 1;
        }
        int gaps = (position[0] > 0 ? 1 : 0) + (position[n - 1] < steps - 1 ? 1 : 0);
        for (int i = 1; i < n; i++) {
            gaps += position[i] > position[i - 1] + 1 ? 1 : 0;
        }
        return gaps;
    }

    double lastRank() {
        int count = 0;
        for (int i = 0; i < n; i++) {
            count += x[i] <= x[n - 1] ? 1 : 0;
        }
        return count / (double) n;
    }

    double weightedMean(double weight) {
        if (n == 0) {
            return Double.NaN;
        }
        double level = x[0];
        for (int i = 1; i < n; i++) {
            level += weight * (x[i] - level);
        }
        return level;
    }
}
