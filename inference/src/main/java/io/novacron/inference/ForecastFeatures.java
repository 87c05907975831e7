package io.novacron.inference;

import io.novacron.inference.kernel.Kernels;
import io.novacron.inference.kernel.WindowStats;
import java.util.List;

/// The features of the global forecast model: the one class that both training and serving use.
///
/// One row per series and horizon, without units: every value `x` enters as `(x − base) / scale`,
/// where `base` is the newest valid value and `scale` what the series moved by in a step of the
/// last day, plus a quarter of its spread: a calm series is seen under a stronger glass. So one
/// model serves every metric. A feature whose past is missing is NaN, which the trees handle.
/// [#NAMES] is the contract with a model card; a change of meaning needs a new name.
///
/// Columns that do not depend on the horizon are computed once per series; statistics of windows by
/// the SIMD kernels, vertically over the block.
public final class ForecastFeatures {
    private static final int[] LAGS = {2, 3, 4, 5, 6, 12, 18, 24};
    private static final int[] WINDOWS = {6, 12, 36, 144, 288, 2016};
    private static final int DAY_WINDOW = 4; // index of 288 in WINDOWS
    private static final int MAX_DAYS = 7;
    private static final int HOUR_SECONDS = 3600;
    private static final int MAX_HOURS = 12;

    /// Values older than this many steps say nothing about now.
    static final int MAX_AGE = 24;

    /// Steps of the past that any feature looks at.
    public static final int LOOKBACK = 2017;

    public static final List<String> NAMES =
            List.of(
                    "lag2",
                    "lag3",
                    "lag4",
                    "lag5",
                    "lag6",
                    "lag12",
                    "lag18",
                    "lag24",
                    "mean6",
                    "mean12",
                    "mean36",
                    "mean144",
                    "mean288",
                    "mean2016",
                    "spread6",
                    "spread12",
                    "spread36",
                    "spread144",
                    "spread288",
                    "spread2016",
                    "min12",
                    "min36",
                    "min288",
                    "max12",
                    "max36",
                    "max288",
                    "max2016",
                    "slope12",
                    "slope36",
                    "slope288",
                    "autocorrelation36",
                    "autocorrelation288",
                    "changeAge288",
                    "missing288",
                    "lastAge",
                    "base",
                    "roomAbove",
                    "roomBelow",
                    "dayAgoNow",
                    "dayMeanNow",
                    "horizon",
                    "targetSin",
                    "targetCos",
                    "dayAgoTarget",
                    "dayAgoTargetSmooth",
                    "twoDaysAgoTarget",
                    "weekAgoTarget",
                    "dayMeanTarget",
                    "daySpreadTarget",
                    "dayChange",
                    "hourPhaseMean");

    public static final int COUNT = NAMES.size();
    private static final int SHARED = NAMES.indexOf("horizon");

    private final Kernels kernels;
    private final WindowStats[] stats = new WindowStats[WINDOWS.length];
    private final float[] daily = new float[2]; // mean and spread over days, returned by dailyAt
    private float[] bases = new float[0];
    private float[] scales = new float[0];

    public ForecastFeatures() {
        this(Kernels.best());
    }

    ForecastFeatures(Kernels kernels) {
        this.kernels = kernels;
        for (int window = 0; window < stats.length; window++) {
            stats[window] = new WindowStats();
        }
    }

    /// Newest valid value of series `i` of the block, NaN when there is none recent enough.
    public float base(int i) {
        return bases[i];
    }

    /// Positive scale of series `i` of the block.
    public float scale(int i) {
        return scales[i];
    }

    /// Fills `rows` with `(to - from) * horizons.length` rows of [#COUNT] features in the order
    /// series, horizon, for series `[from, to)` of the window.
    public void compute(
            Window window, int from, int to, int[] horizons, Bounds bounds, float[] rows) {
        int block = to - from;
        int steps = window.steps();
        ensureBlock(block);
        for (int w = 0; w < WINDOWS.length; w++) {
            int length = Math.min(WINDOWS[w], steps);
            int first = window.firstStep();
            kernels.windowStats(
                    window.values(),
                    window.series(),
                    from,
                    to,
                    first + steps - length,
                    first + steps,
                    stats[w]);
        }
        for (int i = 0; i < block; i++) {
            int row = i * horizons.length * COUNT;
            normalise(i, bounds);
            shared(window, from + i, i, bounds, rows, row);
            for (int h = 0; h < horizons.length; h++, row += COUNT) {
                if (h > 0) {
                    System.arraycopy(rows, row - COUNT, rows, row, SHARED);
                }
                perHorizon(window, from + i, i, horizons[h], rows, row + SHARED);
            }
        }
    }

    private void ensureBlock(int block) {
        if (bases.length < block) {
            bases = new float[block];
            scales = new float[block];
        }
    }

    private void normalise(int i, Bounds bounds) {
        WindowStats day = stats[DAY_WINDOW];
        boolean recent = day.lastAge[i] <= MAX_AGE; // false for NaN
        bases[i] = recent ? bounds.clip(day.last[i]) : Float.NaN;
        float spread = deviation(day.variance[i]);
        float change = spread * (float) Math.sqrt(Math.max(0, 2 - 2 * day.autocorrelation[i]));
        float scale =
                orZero(spread) / 4 + orZero(change) + bounds.resolution(Math.abs(day.mean[i]));
        scales[i] = Float.isFinite(scale) ? scale : Float.NaN;
    }

    private static float orZero(float value) {
        return Float.isNaN(value) ? 0 : value;
    }

    private static float deviation(float variance) {
        return (float) Math.sqrt(variance);
    }

    private void shared(Window window, int series, int i, Bounds bounds, float[] rows, int row) {
        int steps = window.steps();
        float base = bases[i];
        float scale = scales[i];
        int at = row;
        for (int lag : LAGS) {
            rows[at++] = (valueAt(window, steps - lag, series) - base) / scale;
        }
        for (WindowStats window_ : stats) {
            rows[at++] = (window_.mean[i] - base) / scale;
        }
        for (WindowStats window_ : stats) {
            rows[at++] = deviation(window_.variance[i]) / scale;
        }
        rows[at++] = (stats[1].min[i] - base) / scale;
        rows[at++] = (stats[2].min[i] - base) / scale;
        rows[at++] = (stats[4].min[i] - base) / scale;
        rows[at++] = (stats[1].max[i] - base) / scale;
        rows[at++] = (stats[2].max[i] - base) / scale;
        rows[at++] = (stats[4].max[i] - base) / scale;
        rows[at++] = (stats[5].max[i] - base) / scale;
        rows[at++] = stats[1].slope[i] * WINDOWS[1] / scale;
        rows[at++] = stats[2].slope[i] * WINDOWS[2] / scale;
        rows[at++] = stats[4].slope[i] * WINDOWS[4] / scale;
        rows[at++] = stats[2].autocorrelation[i];
        rows[at++] = stats[4].autocorrelation[i];
        rows[at++] = stats[4].changeAge[i];
        rows[at++] = stats[4].missingShare[i];
        rows[at++] = stats[4].lastAge[i];
        rows[at++] = base / scale;
        rows[at++] = room(bounds.max() - base, scale);
        rows[at++] = room(base - bounds.min(), scale);
        int day = window.stepsPerDay();
        int now = steps - 1;
        rows[at++] = (day == 0 ? Float.NaN : valueAt(window, now - day, series) - base) / scale;
        dailyAt(window, now, day, series);
        rows[at] = (daily[0] - base) / scale;
    }

    private static float room(float distance, float scale) {
        return Float.isInfinite(distance) ? Float.NaN : distance / scale;
    }

    private void perHorizon(Window window, int series, int i, int horizon, float[] rows, int row) {
        float base = bases[i];
        float scale = scales[i];
        int target = window.steps() - 1 + horizon;
        int day = window.stepsPerDay();
        double seconds =
                Math.floorMod(
                                window.endTimeMs() + horizon * 1000L * window.stepSeconds(),
                                86_400_000L)
                        / 1000.0;
        double angle = seconds / 86_400 * 2 * Math.PI;
        int at = row;
        rows[at++] = horizon;
        rows[at++] = (float) StrictMath.sin(angle);
        rows[at++] = (float) StrictMath.cos(angle);
        int ago = day == 0 ? 0 : (horizon + day - 1) / day; // first whole day that has happened
        rows[at++] = (backAt(window, target, ago, day, series) - base) / scale;
        rows[at++] = (smoothAt(window, target - ago * day, day, series) - base) / scale;
        rows[at++] = (backAt(window, target, ago + 1, day, series) - base) / scale;
        rows[at++] = (backAt(window, target, Math.max(ago, 7), day, series) - base) / scale;
        dailyAt(window, target, day, series);
        float meanTarget = daily[0];
        rows[at++] = (meanTarget - base) / scale;
        rows[at++] = daily[1] / scale;
        float meanNow = rows[row - 1]; // dayMeanNow, already scaled
        rows[at++] = (meanTarget - base) / scale - meanNow;
        rows[at] = (hourPhaseMean(window, target, series) - base) / scale;
    }

    private static float backAt(Window window, int target, int days, int day, int series) {
        return day == 0 ? Float.NaN : valueAt(window, target - days * day, series);
    }

    /// The value at a step, NaN outside the window and where it is not finite.
    private static float valueAt(Window window, int step, int series) {
        if (step < 0 || step >= window.steps()) {
            return Float.NaN;
        }
        float value = window.at(step, series);
        return Float.isFinite(value) ? value : Float.NaN;
    }

    private static float smoothAt(Window window, int centre, int day, int series) {
        if (day == 0) {
            return Float.NaN;
        }
        float sum = 0;
        int count = 0;
        for (int step = centre - 2; step <= centre + 2; step++) {
            float value = valueAt(window, step, series);
            if (!Float.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        return sum / count;
    }

    /// Mean and deviation of the same time of day over up to seven earlier days, into `daily`.
    private void dailyAt(Window window, int target, int day, int series) {
        float sum = 0;
        float squares = 0;
        int count = 0;
        float first = Float.NaN; // shifts the sums, against cancellation
        if (day > 0) {
            int past = Math.max(1, (target - window.steps() + day) / day);
            for (int back = past; back < past + MAX_DAYS; back++) {
                float value = valueAt(window, target - back * day, series);
                if (!Float.isNaN(value)) {
                    first = Float.isNaN(first) ? value : first;
                    sum += value - first;
                    squares += (value - first) * (value - first);
                    count++;
                }
            }
        }
        float mean = sum / count;
        daily[0] = first + mean;
        daily[1] =
                count > 1
                        ? (float) Math.sqrt(Math.max(0, (squares - sum * mean) / (count - 1)))
                        : Float.NaN;
    }

    /// Mean over the last twelve hours of the values at the target's minute of the hour.
    private static float hourPhaseMean(Window window, int target, int series) {
        if (HOUR_SECONDS % window.stepSeconds() != 0) {
            return Float.NaN;
        }
        int hour = HOUR_SECONDS / window.stepSeconds();
        int newest = window.steps() - 1;
        int step = target - Math.ceilDiv(target - newest, hour) * hour;
        float sum = 0;
        int count = 0;
        for (int back = 0; back < MAX_HOURS; back++, step -= hour) {
            float value = valueAt(window, step, series);
            if (!Float.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        return sum / count;
    }

    /// The target of the model: the change from `base`, scaled, with long tails pulled in.
    public static float toTarget(float value, float base, float scale) {
        return asinh((value - base) / scale);
    }

    /// Inverse of [#toTarget].
    public static float fromTarget(float target, float base, float scale) {
        return base + scale * (float) StrictMath.sinh(target);
    }

    private static float asinh(double value) {
        double size = Math.abs(value);
        double result = StrictMath.log(size + Math.sqrt(size * size + 1));
        return (float) Math.copySign(result, value);
    }
}
