package io.novacron.inference.features;

import io.novacron.inference.Window;
import io.novacron.inference.kernel.BlockKernels;
import io.novacron.inference.kernel.Kernels;
import io.novacron.inference.kernel.WindowStats;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.function.DoubleConsumer;

/// Computes every feature of [FeatureSet] for a range of series of a window.
///
/// Statistics of windows come from the SIMD kernels over the whole range, autocorrelations in
/// blocks of eight series, the rest one series at a time in doubles. Owned by one thread; after the
/// first call of a size nothing is allocated but the calendar of the newest step.
public final class FeatureExtractor {
    private static final int WIDTH = BlockKernels.WIDTH;
    private static final int GROUP = BlockKernels.LAG_GROUP;
    private static final int LONG = FeatureSet.LONG;
    private static final int SECONDS_PER_HOUR = 3_600;
    private static final int MAX_DAYS = 7;
    private static final int DAY_PARTS = 24;
    private static final int MAX_HOUR_STEPS = 3_600;

    private final Kernels kernels;
    private final BlockKernels blocks;
    private final Catch22 catch22;
    private final WindowStats[] stats = new WindowStats[FeatureSet.WINDOWS.length];
    private final SeriesShape shape = new SeriesShape();
    private final double[] block = new double[(LONG + GROUP) * WIDTH];
    private final double[] lagged = new double[(LONG + 2 * GROUP) * WIDTH];
    private final double[] calendar = new double[9];
    private final double[] partSums = new double[Math.max(DAY_PARTS, MAX_HOUR_STEPS)];
    private final int[] partCounts = new int[Math.max(DAY_PARTS, MAX_HOUR_STEPS)];
    private double[] catch22Rows = new double[0];
    private final DoubleConsumer put = this::put; // held, so that passing it does not allocate
    private float[] row = new float[0];
    private int at;

    public FeatureExtractor() {
        this(Kernels.best(), BlockKernels.best());
    }

    FeatureExtractor(Kernels kernels, BlockKernels blocks) {
        this.kernels = kernels;
        this.blocks = blocks;
        catch22 = new Catch22(blocks);
        for (int window = 0; window < stats.length; window++) {
            stats[window] = new WindowStats();
        }
    }

    /// Fills `rows` with one row of [FeatureSet#COUNT] features for each series of `[from, to)`.
    public void compute(Window window, int from, int to, float[] rows) {
        int count = to - from;
        if (rows.length < (long) count * FeatureSet.COUNT) {
            throw new IllegalArgumentException(
                    ("rows.length=%d must be at least %d series times %d features."
                                    + " Maybe the array is of another feature set?")
                            .formatted(rows.length, count, FeatureSet.COUNT));
        }
        int steps = window.steps();
        int end = window.firstStep() + steps;
        for (int w = 0; w < stats.length; w++) {
            int length = Math.min(FeatureSet.WINDOWS[w], steps);
            kernels.windowStats(
                    window.values(), window.series(), from, to, end - length, end, stats[w]);
        }
        int length = Math.min(LONG, steps);
        if (catch22Rows.length < count * Catch22.COUNT) {
            catch22Rows = new double[count * Catch22.COUNT];
        }
        catch22.compute(window.values(), window.series(), from, to, end - length, end, catch22Rows);
        calendar(window.endTimeMs());
        for (int first = 0; first < count; first += WIDTH) {
            int lanes = Math.min(WIDTH, count - first);
            correlate(window, from + first, lanes, length);
            for (int lane = 0; lane < lanes; lane++) {
                row = rows;
                at = (first + lane) * FeatureSet.COUNT;
                one(window, from + first + lane, first + lane, lane, length);
            }
        }
    }

    /// Lagged products of eight series around their means, into `lagged`.
    private void correlate(Window window, int series, int lanes, int length) {
        Arrays.fill(block, 0);
        int firstStep = window.steps() - length;
        for (int lane = 0; lane < lanes; lane++) {
            double sum = 0;
            int valid = 0;
            for (int step = 0; step < length; step++) {
                float value = window.at(firstStep + step, series + lane);
                if (Float.isFinite(value)) {
                    sum += value;
                    valid++;
                }
            }
            double mean = sum / valid;
            for (int step = 0; step < length; step++) {
                float value = window.at(firstStep + step, series + lane);
                block[step * WIDTH + lane] = Float.isFinite(value) ? value - mean : 0;
            }
        }
        for (int lag = 0; lag < length; lag += GROUP) {
            blocks.laggedProducts(block, length, lag, lagged, lag);
        }
    }

    /// A value that a float cannot hold is no value.
    private void put(double value) {
        float narrow = (float) value;
        row[at++] = Float.isFinite(narrow) ? narrow : Float.NaN;
    }

    private void one(Window window, int series, int i, int lane, int length) {
        shape.load(window, series, length);
        for (WindowStats column : stats) {
            put(column.mean[i]);
            put(Math.sqrt(column.variance[i]));
            put(column.min[i]);
            put(column.max[i]);
            put(column.slope[i]);
            put(column.autocorrelation[i]);
            put(column.missingShare[i]);
        }
        WindowStats day = stats[2];
        put(day.last[i]);
        put(day.lastAge[i]);
        put(day.changeAge[i]);
        for (double share : FeatureSet.LONG_QUANTILES) {
            put(shape.quantile(share));
        }
        for (double share : FeatureSet.MIDDLE_QUANTILES) {
            put(shape.recentQuantile(share));
        }
        put(shape.quantile(0.75) - shape.quantile(0.25));
        put(shape.medianDeviation());
        put(shape.mean() == 0 ? Double.NaN : shape.spread() / Math.abs(shape.mean()));
        put(shape.skewness());
        put(shape.kurtosis());
        put(shape.trimmedMean());
        put(shape.curvature(FeatureSet.MIDDLE));
        put(shape.curvature(LONG));
        put(shape.lineShare());
        put(shape.halfShift());
        memory(lane, length);
        shape.changes(put);
        shape.crossingsAndRuns(put);
        shape.spikes(put);
        shape.levelShifts(put);
        put(shape.entropy());
        put(shape.permutationEntropy());
        put(shape.distinctShare());
        season(window, series);
        shape.bounds(put);
        put(shape.longestGap());
        put(shape.gaps());
        now(i);
        for (double value : calendar) {
            put(value);
        }
        for (int feature = 0; feature < Catch22.COUNT; feature++) {
            put(catch22Rows[i * Catch22.COUNT + feature]);
        }
    }

    private double correlation(int lane, int length, int lag) {
        return lag < length && shape.varies()
                ? lagged[lag * WIDTH + lane] / lagged[lane]
                : Double.NaN;
    }

    private void memory(int lane, int length) {
        for (int lag : FeatureSet.LAGS) {
            put(correlation(lane, length, lag));
        }
        double first = correlation(lane, length, 1);
        double second = correlation(lane, length, 2);
        put((second - first * first) / (1 - first * first));
        put(firstBelow(lane, length, Double.MIN_VALUE));
        put(firstBelow(lane, length, 1 / Math.E));
    }

    private double firstBelow(int lane, int length, double limit) {
        if (!shape.varies()) {
            return Double.NaN;
        }
        int lag = 0;
        while (lag < length && correlation(lane, length, lag) >= limit) {
            lag++;
        }
        return lag;
    }

    private void season(Window window, int series) {
        int steps = window.steps();
        int day = window.stepsPerDay();
        int hour =
                SECONDS_PER_HOUR % window.stepSeconds() == 0
                        ? SECONDS_PER_HOUR / window.stepSeconds()
                        : 0;
        boolean days = day > 1 && steps >= 2 * day;
        put(
                days
                        ? strength(window, series, Math.min(steps, MAX_DAYS * day), day, DAY_PARTS)
                        : Double.NaN);
        boolean hours = hour > 1 && steps >= 2 * hour;
        int span = Math.min(steps, day == 0 ? DAY_PARTS * hour : day);
        put(hours ? strength(window, series, span, hour, hour) : Double.NaN);
        double last = valueAt(window, series, 0);
        put(hour == 0 ? Double.NaN : last - valueAt(window, series, hour));
        put(day == 0 ? Double.NaN : last - valueAt(window, series, day));
        put(day == 0 ? Double.NaN : last - valueAt(window, series, (long) MAX_DAYS * day));
        double sum = 0;
        int count = 0;
        for (int back = 1; back <= MAX_DAYS && day > 0; back++) {
            double value = valueAt(window, series, (long) back * day);
            if (!Double.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        put(last - sum / count);
    }

    /// The value so many steps before the newest, NaN when there is none.
    private static double valueAt(Window window, int series, long age) {
        int newest = window.steps() - 1;
        if (age > newest) {
            return Double.NaN;
        }
        float value = window.at((int) (newest - age), series);
        return Float.isFinite(value) ? value : Double.NaN;
    }

    /// Share of the variance of the newest `span` steps that the means of `parts` equal parts of a
    /// period explain.
    private double strength(Window window, int series, int span, int period, int parts) {
        Arrays.fill(partSums, 0, parts, 0);
        Arrays.fill(partCounts, 0, parts, 0);
        double sum = 0;
        int count = 0;
        for (int age = 0; age < span; age++) {
            double value = valueAt(window, series, age);
            if (!Double.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        double mean = sum / count;
        double total = 0;
        for (int age = 0; age < span; age++) {
            double value = valueAt(window, series, age);
            if (!Double.isNaN(value)) {
                int part = (int) ((long) (age % period) * parts / period);
                partSums[part] += value - mean;
                partCounts[part]++;
                total += (value - mean) * (value - mean);
            }
        }
        double between = 0;
        for (int part = 0; part < parts; part++) {
            if (partCounts[part] > 0) {
                between += partSums[part] * partSums[part] / partCounts[part];
            }
        }
        return shape.varies() && total > 0 ? between / total : Double.NaN;
    }

    private void now(int i) {
        double mean = shape.mean();
        double spread = shape.varies() ? shape.spread() : Double.NaN;
        put((stats[0].mean[i] - mean) / spread);
        put((stats[1].mean[i] - mean) / spread);
        put(Math.sqrt(stats[0].variance[i]) / spread);
        put(Math.sqrt(stats[1].variance[i]) / spread);
        put((shape.last() - mean) / spread);
        put(shape.lastRank());
        double fast = shape.weightedMean(0.3);
        double slow = shape.weightedMean(0.05);
        put(fast);
        put(slow);
        put((fast - slow) / spread);
    }

    private void calendar(long endTimeMs) {
        LocalDateTime time =
                LocalDateTime.ofInstant(Instant.ofEpochMilli(endTimeMs), ZoneOffset.UTC);
        double day = time.toLocalTime().toNanoOfDay() / 86_400e9;
        turn(0, day);
        turn(2, (time.getDayOfWeek().getValue() - 1 + day) / 7);
        calendar[4] = time.getDayOfWeek().compareTo(DayOfWeek.SATURDAY) >= 0 ? 1 : 0;
        turn(5, (time.getDayOfMonth() - 1.0) / time.toLocalDate().lengthOfMonth());
        turn(7, (time.getDayOfYear() - 1.0) / time.toLocalDate().lengthOfYear());
    }

    private void turn(int place, double share) {
        calendar[place] = StrictMath.sin(2 * StrictMath.PI * share);
        calendar[place + 1] = StrictMath.cos(2 * StrictMath.PI * share);
    }
}
