package io.novacron.inference.features;

import io.novacron.inference.kernel.BlockKernels;
import java.util.Arrays;

/// The features of catch22 that are found one series at a time, on results that the block shares.
///
/// The series is z-scored; lagged products come from [BlockKernels]. Each method says what the
/// reference computes, not how. Owned by one thread; allocates only in [#prepare].
final class SeriesFeatures {
    private static final int WIDTH = BlockKernels.WIDTH;
    private static final double ONE_OVER_E = 1 / Math.E;
    private static final double INCREMENT = 0.01; // of outlier thresholds, in deviations
    private static final double PER_UNIT = 100;
    private static final double TRIM_PERCENT = 2;
    private static final double LARGE_CHANGE = 40; // thousandths of a deviation
    private static final double PEAK_THRESHOLD = 0.01;
    private static final double FLAT_DEVIATION = 0.001;
    private static final double TWO_PI = 2 * 3.14159265359; // as many digits as the reference has
    private static final int INFORMATION_LAGS = 40;
    private static final int INFORMATION_BINS = 5;
    private static final int INFORMATION_DELAY = 2;
    private static final int LETTERS = 3;

    private int n;
    private double[] y = new double[0];
    private double[] lagged = new double[0];
    private double[] laggedResidual = new double[0];
    private int lane;
    private int firstZero;
    private int firstZeroOfChanges;
    private double min;
    private double max;
    private final OrderStatistics order = new OrderStatistics();
    private long[] breaks = new long[0];
    private double[] sampled = new double[0];
    private double[] distances = new double[0];
    private byte[] letters = new byte[0];
    private int[] bins = new int[0];
    private double[] pairLogs = new double[0]; // p log p for p = k / (n - 1)
    private double[] delayLogs = new double[0]; // the same for k / (n - 2)
    private final int[] joint = new int[INFORMATION_BINS * INFORMATION_BINS];
    private final int[] pairs = new int[LETTERS * LETTERS];
    private int[] members = new int[0]; // outliers: steps of non-negative values, in order
    private int[] thresholds = new int[0]; // the highest threshold that a step reaches
    private int[] byThreshold = new int[0]; // members in the order of that
    private int[] counts = new int[0]; // members a threshold
    private int[] previous = new int[0]; // positions still above the threshold, as a list
    private int[] next = new int[0];
    private int[] medians = new int[0];

    void prepare(int steps) {
        n = steps;
        order.ensure(n);
        breaks = new long[(n + 63) >> 6];
        sampled = new double[n];
        distances = new double[n];
        letters = new byte[n];
        bins = new int[n];
        pairLogs = logTable(n - 1);
        delayLogs = logTable(n - INFORMATION_DELAY);
        counts = new int[(int) (Math.sqrt(n) / INCREMENT) + 4]; // no z-score is above the root of n
        members = new int[n + 1];
        thresholds = new int[n];
        byThreshold = new int[n];
        previous = new int[n + 2];
        next = new int[n + 2];
        medians = new int[2 * n + 1];
    }

    private static double[] logTable(int total) {
        double[] table = new double[total + 1];
        for (int k = 1; k <= total; k++) {
            double share = k / (double) total;
            table[k] = share * StrictMath.log(share);
        }
        return table;
    }

    /// Takes the next series: its z-scores, and lane `lane` of the lagged products of the z-scores
    /// and of what is left of them without their trend.
    void load(
            double[] series,
            double least,
            double greatest,
            double[] products,
            double[] residualProducts,
            int laneOfBlock,
            int zeroOfChanges) {
        y = series;
        lagged = products;
        laggedResidual = residualProducts;
        lane = laneOfBlock;
        firstZeroOfChanges = zeroOfChanges;
        min = least;
        max = greatest;
        firstZero = 0;
        while (firstZero < n && lagged[firstZero * WIDTH + lane] > 0) {
            firstZero++;
        }
    }

    private double autocorrelation(int lag) {
        return lagged[lag * WIDTH + lane] / lagged[lane];
    }

    /// Centre of the fullest of `count` equal bins; the mean of the centres of equally full ones.
    double histogramMode(int count) {
        double width = (max - min) / count;
        Arrays.fill(bins, 0, count, 0);
        for (int i = 0; i < n; i++) {
            bins[Math.min((int) ((y[i] - min) / width), count - 1)]++;
        }
        int fullest = 0;
        int equals = 1;
        double centres = 0;
        for (int bin = 0; bin < count; bin++) {
            double centre = (bin * width + min + (bin + 1) * width + min) * 0.5;
            if (bins[bin] > fullest) {
                fullest = bins[bin];
                equals = 1;
                centres = centre;
            } else if (bins[bin] == fullest) {
                equals++;
                centres += centre;
            }
        }
        return centres / equals;
    }

    /// Lag, between samples, at which the autocorrelation first falls below 1/e.
    double firstCrossingOfOneOverE() {
        for (int lag = 0; lag < n - 2; lag++) {
            double later = autocorrelation(lag + 1);
            if (later < ONE_OVER_E) {
                double now = autocorrelation(lag);
                return lag + (ONE_OVER_E - now) / (later - now);
            }
        }
        return n;
    }

    /// Lag of the first minimum of the autocorrelation.
    double firstMinimum() {
        for (int lag = 1; lag < n - 1; lag++) {
            double now = autocorrelation(lag);
            if (now < autocorrelation(lag - 1) && now < autocorrelation(lag + 1)) {
                return lag;
            }
        }
        return n;
    }

    /// Mutual information of values two steps apart, over five equal bins.
    double mutualInformation() {
        double width = (max - min + 0.2) / INFORMATION_BINS;
        double edge1 = min + width - 0.1; // edges with the roundings of the reference
        double edge2 = min + width * 2 - 0.1;
        double edge3 = min + width * 3 - 0.1;
        double edge4 = min + width * 4 - 0.1;
        for (int i = 0; i < n; i++) {
            double value = y[i];
            bins[i] =
                    4
                            - (int)
                                    (negative(value - edge1)
                                            + negative(value - edge2)
                                            + negative(value - edge3)
                                            + negative(value - edge4));
        }
        Arrays.fill(joint, 0);
        for (int i = 0; i < n - INFORMATION_DELAY; i++) {
            joint[bins[i] * INFORMATION_BINS + bins[i + INFORMATION_DELAY]]++;
        }
        double information = 0;
        for (int i = 0; i < INFORMATION_BINS; i++) {
            int row = 0;
            int column = 0;
            for (int j = 0; j < INFORMATION_BINS; j++) {
                information += delayLogs[joint[i * INFORMATION_BINS + j]];
                row += joint[i * INFORMATION_BINS + j];
                column += joint[j * INFORMATION_BINS + i];
            }
            information -= delayLogs[row] + delayLogs[column];
        }
        return information;
    }

    /// Mean cube of the changes.
    double timeReversal() {
        double sum = 0;
        for (int i = 1; i < n; i++) {
            double change = y[i] - y[i - 1];
            sum += change * change * change;
        }
        return sum / (n - 1);
    }

    /// Share of changes of more than 0.04 deviations.
    double largeChanges() {
        long count = 0;
        for (int i = 1; i < n; i++) {
            count += negative(LARGE_CHANGE - Math.abs(y[i] - y[i - 1]) * 1000);
        }
        return count / (double) (n - 1);
    }

    /// 1 for a negative value, 0 for another, without a branch that noise would mislead.
    private static long negative(double value) {
        return Double.doubleToRawLongBits(value) >>> 63;
    }

    /// Longest stretch of values not below the mean, as the reference counts it.
    double longestAboveMean() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += y[i];
        }
        double mean = sum / n;
        Arrays.fill(breaks, 0);
        for (int i = 0; i < n - 1; i++) {
            breaks[i >> 6] |= negative(y[i] - mean) << i;
        }
        return longestStretch();
    }

    /// Longest stretch of steps without a rise.
    double longestFall() {
        Arrays.fill(breaks, 0);
        for (int i = 0; i < n - 1; i++) {
            breaks[i >> 6] |= negative(y[i] - y[i + 1]) << i;
        }
        return longestStretch();
    }

    /// Longest distance between neighbouring breaks; the start and the last change are breaks too.
    private double longestStretch() {
        int longest = 0;
        int lastBreak = 0;
        breaks[(n - 2) >> 6] |= 1L << (n - 2);
        for (int word = 0; word < breaks.length; word++) {
            for (long left = breaks[word]; left != 0; left &= left - 1) {
                int at = (word << 6) + Long.numberOfTrailingZeros(left);
                longest = Math.max(longest, at - lastBreak);
                lastBreak = at;
            }
        }
        return longest;
    }

    /// A quantile of `count` values of which `order` knows the ranks.
    private static double quantile(OrderStatistics order, int count, double share) {
        double half = 0.5 / count;
        if (share < half) {
            return order.at(0);
        }
        if (share > 1 - half) {
            return order.at(count - 1);
        }
        double at = count * share - 0.5;
        int left = (int) Math.floor(at);
        int right = (int) Math.ceil(at);
        double low = order.at(left);
        return low + (at - left) * (order.at(right) - low) / (right - left);
    }

    /// Writes each value's third of the distribution of the first `count` of `values`.
    private void spell(double[] values, int count, double least, double greatest) {
        double third = 1.0 / LETTERS;
        order.load(values, count, least, greatest);
        double low = quantile(order, count, third);
        double high = quantile(order, count, third + third);
        for (int i = 0; i < count; i++) {
            letters[i] = (byte) (negative(low - values[i]) + negative(high - values[i]));
        }
    }

    private void countPairs(int count) {
        Arrays.fill(pairs, 0);
        for (int i = 0; i < count - 1; i++) {
            pairs[letters[i] * LETTERS + letters[i + 1]]++;
        }
    }

    /// Entropy of the pairs of neighbouring thirds.
    double motifEntropy() {
        spell(y, n, min, max);
        countPairs(n);
        double entropy = 0;
        for (int pair : pairs) {
            entropy -= pairLogs[pair];
        }
        return entropy;
    }

    /// Trace of the covariance between columns of the transition matrix of thirds, of the series
    /// sampled at the first zero of its autocorrelation.
    double transitionVariance() {
        if (firstZero == 0) {
            return Double.NaN;
        }
        int count = (n - 1) / firstZero + 1;
        if (firstZero > 1) {
            double least = y[0];
            double greatest = least;
            for (int i = 0; i < count; i++) {
                double value = y[i * firstZero];
                sampled[i] = value;
                least = Math.min(least, value);
                greatest = Math.max(greatest, value);
            }
            spell(sampled, count, least, greatest);
        } else {
            spell(y, n, min, max);
        }
        countPairs(count);
        double trace = 0;
        for (int column = 0; column < LETTERS; column++) {
            double first = pairs[column] / (double) (count - 1);
            double second = pairs[column + LETTERS] / (double) (count - 1);
            double third = pairs[column + 2 * LETTERS] / (double) (count - 1);
            double mean = (first + second + third) / LETTERS;
            trace +=
                    ((first - mean) * (first - mean)
                                    + (second - mean) * (second - mean)
                                    + (third - mean) * (third - mean))
                            / (LETTERS - 1);
        }
        return trace;
    }

    private double residualCovariance(int index) {
        int lag = index + 1;
        return laggedResidual[lag * WIDTH + lane] / (n - lag);
    }

    /// Place of the first peak of the autocovariance of the detrended series that is positive and
    /// stands out from the trough before it; 0 when there is none.
    double periodicity() {
        int count = (n + 2) / 3;
        int trough = -1;
        for (int i = 1; i < count - 1; i++) {
            double now = residualCovariance(i);
            double in = now - residualCovariance(i - 1);
            double out = residualCovariance(i + 1) - now;
            if (in < 0 && out > 0) {
                trough = i;
            } else if (in > 0
                    && out < 0
                    && trough >= 0
                    && now - residualCovariance(trough) >= PEAK_THRESHOLD
                    && now >= 0) {
                return i;
            }
        }
        return 0;
    }

    /// Mean difference between the distribution of distances of consecutive points in the plane
    /// (value, value a first zero later) and an exponential one of the same mean.
    double embeddingDistance() {
        int delay = firstZero > n / 10.0 ? (int) Math.floor(n / 10.0) : firstZero;
        int count = n - delay - 1;
        double sum = 0;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            double now = y[i + 1] - y[i];
            double later = y[i + delay] - y[i + delay + 1];
            double distance = Math.sqrt(now * now + later * later);
            distances[i] = distance;
            sum += distance;
            least = distance < least ? distance : least;
            most = distance > most ? distance : most;
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (distances[i] - mean) * (distances[i] - mean);
        }
        double deviation = Math.sqrt(squares / (count - 1));
        if (deviation < FLAT_DEVIATION) {
            return 0;
        }
        int binCount = (int) Math.ceil((most - least) / (3.5 * deviation / StrictMath.cbrt(count)));
        if (binCount < 1 || binCount > bins.length) {
            return Double.NaN;
        }
        double width = (most - least) / binCount;
        Arrays.fill(bins, 0, binCount, 0);
        for (int i = 0; i < count; i++) {
            bins[Math.min((int) ((distances[i] - least) / width), binCount - 1)]++;
        }
        double difference = 0;
        for (int bin = 0; bin < binCount; bin++) {
            double centre = (bin * width + least + (bin + 1) * width + least) * 0.5;
            double expected = StrictMath.exp(-centre / mean) / mean;
            difference += Math.abs(bins[bin] / (double) count - expected);
        }
        return difference / binCount;
    }

    /// Lag, less one, of the first minimum of the mutual information that a Gaussian with the
    /// series' autocorrelations would have; as many lags as are tried when there is none.
    double firstMinimumOfInformation() {
        int lags = Math.min(INFORMATION_LAGS, (n + 1) / 2);
        double headSum = 0; // of the first n - lag values
        double tailSum = 0; // of the last n - lag values
        double headSquares = lagged[lane];
        double tailSquares = lagged[lane];
        double before = 0;
        double now = 0;
        for (int lag = 1; lag <= lags; lag++) {
            double left = y[lag - 1];
            double right = y[n - lag];
            tailSum -= left; // z-scores sum to zero
            tailSquares -= left * left;
            headSum -= right;
            headSquares -= right * right;
            int count = n - lag;
            double covariance = lagged[lag * WIDTH + lane] - headSum * tailSum / count;
            double spread =
                    (headSquares - headSum * headSum / count)
                            * (tailSquares - tailSum * tailSum / count);
            double after = covariance * covariance / spread; // grows with the information
            if (lag >= 3 && now < before && now < after) {
                return lag - 2;
            }
            before = now;
            now = after;
        }
        return lags;
    }

    /// First zero of the autocorrelation of the changes over that of the series.
    double changeRatio() {
        return firstZero == 0 ? Double.NaN : firstZeroOfChanges / (double) firstZero;
    }

    /// Where in time the values above rising thresholds lie: the median, over the thresholds 0,
    /// 0.01, 0.02 … that more than 2 % of the non-negative values reach, of the median position of
    /// the values that reach it, from -1 at the start to 1 at the end. `sign` -1 turns the series
    /// upside down.
    double outlierTiming(int sign) {
        double top = sign > 0 ? max : -min;
        if (top < INCREMENT) {
            return 0;
        }
        int total = 0;
        for (int i = 0; i < n; i++) { // a branch here would be mispredicted half of the time
            members[total] = i;
            total += 1 - (int) negative(sign * y[i]);
            total += minusZero(sign * y[i]);
        }
        sortByThreshold(sign, total);
        // the members' positions, counted from 1, as a list around the anchor 0
        int before = 0;
        for (int k = 0; k < total; k++) {
            int position = members[k] + 1;
            next[before] = position;
            previous[position] = before;
            before = position;
        }
        next[before] = 0;
        previous[0] = before;
        int middle = members[total / 2] + 1; // the upper one of two
        int size = total;
        int threshold = 0; // the lowest one not yet counted
        int count = 0;
        for (int k = 0; k < total && (k == 0 || (size - 1) * 100.0 / total > TRIM_PERCENT); k++) {
            int position = byThreshold[k] + 1;
            boolean trimmed = !((size - 1) * 100.0 / total > TRIM_PERCENT);
            int upTo = trimmed ? 0 : thresholds[byThreshold[k]];
            boolean odd = (size & 1) == 1;
            int twice = middle + (odd ? middle : previous[middle]);
            medians[twice] += upTo - threshold + 1; // of thresholds; none when they are equal
            count += upTo - threshold + 1;
            threshold = upTo + 1;
            if (odd) {
                middle = position > middle ? middle : next[middle];
            } else {
                middle = position < middle ? middle : previous[middle];
            }
            next[previous[position]] = next[position];
            previous[next[position]] = previous[position];
            size--;
        }
        return medianOfMedians(count);
    }

    private static int minusZero(double value) {
        return Double.doubleToRawLongBits(value) == Long.MIN_VALUE ? 1 : 0;
    }

    /// Orders the members by the highest threshold that each reaches.
    private void sortByThreshold(int sign, int total) {
        int buckets = 0;
        for (int k = 0; k < total; k++) {
            int i = members[k];
            int bucket = bucket(sign * y[i]);
            thresholds[i] = bucket;
            counts[bucket]++;
            buckets = Math.max(buckets, bucket + 1);
        }
        int start = 0;
        for (int bucket = 0; bucket < buckets; bucket++) {
            int size = counts[bucket];
            counts[bucket] = start;
            start += size;
        }
        for (int k = 0; k < total; k++) {
            int i = members[k];
            byThreshold[counts[thresholds[i]]++] = i;
        }
        Arrays.fill(counts, 0, buckets, 0);
    }

    /// The highest threshold that a value reaches.
    private static int bucket(double value) {
        int bucket = (int) (value * PER_UNIT);
        while (bucket > 0 && value < bucket * INCREMENT) {
            bucket--;
        }
        while (value >= (bucket + 1) * INCREMENT) {
            bucket++;
        }
        return bucket;
    }

    private double medianOfMedians(int count) {
        int seen = 0;
        int twice = -1;
        while (seen <= (count - 1) / 2) {
            seen += medians[++twice];
        }
        double low = twice / 2.0 / (n / 2.0) - 1;
        while (seen <= count / 2) {
            seen += medians[++twice];
        }
        double high = twice / 2.0 / (n / 2.0) - 1;
        Arrays.fill(medians, 0);
        return low == high ? high : (high + low) / 2;
    }

    /// Power in the lowest fifth of the frequencies; `power` holds running sums over them.
    double lowFrequencyArea(double[] power) {
        int bins = power.length / WIDTH;
        int last = bins / 5 - 1;
        double frequencyStep = TWO_PI / (2 * (bins - 1));
        return last < 0 ? 0 : power[last * WIDTH + lane] / n / TWO_PI * frequencyStep;
    }

    /// Frequency below which half of the power lies.
    double spectralCentroid(double[] power) {
        int bins = power.length / WIDTH;
        double half = power[(bins - 1) * WIDTH + lane] * 0.5;
        int low = 0;
        int high = bins - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (power[middle * WIDTH + lane] > half) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low * TWO_PI / (2 * (bins - 1));
    }

    /// Deviation of the errors of a forecast by the mean of three steps.
    double threeStepError() {
        int count = n - 3;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            double error = y[i + 3] - (y[i] + y[i + 1] + y[i + 2]) / 3;
            distances[i] = error;
            sum += error;
        }
        double mean = sum / count;
        for (int i = 0; i < count; i++) {
            squares += (distances[i] - mean) * (distances[i] - mean);
        }
        return Math.sqrt(squares / (count - 1));
    }
}
