package io.novacron.inference.serving;

import io.novacron.inference.Quantiles;
import io.novacron.inference.member.SampleQuantiles;
import io.novacron.inference.member.kernel.AnalogKernels;
import java.util.Arrays;
import java.util.List;

/// The members: each answers nine quantiles for every target from nothing but the newest steps.
///
/// A member that forecasts a point takes the spread around it from what its own rule would have
/// missed at 32 earlier origins of the same column; of several variants of a rule the one that
/// missed least there answers. A member that cannot say anything leaves NaN.
///
/// Keeps scratch memory for one series at a time: one thread owns it.
final class MemberBank {
    /// Names in the order of the answers.
    static final List<String> NAMES =
            List.of(
                    "last-value",
                    "ewma",
                    "holt",
                    "seasonal-day",
                    "seasonal-shift",
                    "same-time",
                    "recent-12",
                    "recent-48",
                    "recent-day",
                    "hour-phase",
                    "analog-linear",
                    "analog-soft");

    static final int COUNT = NAMES.size();
    static final int LAST_VALUE = 0;

    private static final int LEVELS = Quantiles.COUNT;
    private static final int EWMA = 1;
    private static final int HOLT = 2;
    private static final int SEASONAL_DAY = 3;
    private static final int SEASONAL_SHIFT = 4;
    private static final int SAME_TIME = 5;
    private static final int RECENT = 6; // and the two after it
    private static final int HOUR_PHASE = 9;
    private static final int ANALOG = 10; // and the one after it

    private static final int ORIGINS = 32;
    private static final int ENOUGH_RESIDUALS = 12;
    private static final int NEAR_STRIDE = 5;
    private static final int NEAR_PATH = 256;
    private static final float[] NORMAL = {
        -1.2816f, -.8416f, -.5244f, -.2533f, 0, .2533f, .5244f, .8416f, 1.2816f
    };

    private static final int AVERAGES = 5;
    private static final float ALPHA_0 = .08f;
    private static final float ALPHA_1 = .16f;
    private static final float ALPHA_2 = .3f;
    private static final float ALPHA_3 = .5f;
    private static final float ALPHA_4 = .75f;
    private static final int TRENDS = 3;
    private static final float TREND_ALPHA_0 = .3f;
    private static final float TREND_ALPHA_1 = .6f;
    private static final float TREND_ALPHA_2 = .9f;
    private static final float BETA = .04f;
    private static final float PHI = .9f;

    private static final int[] RECENT_STEPS = {12, 48, 288};
    private static final int[] RECENT_STRIDES = {1, 2, 8};
    private static final int ENOUGH_RECENT = 6;
    private static final int ENOUGH_PERIODS = 3;
    private static final int AROUND = 2;
    private static final int HOUR = 12;
    private static final int HOURS = 24;

    private static final int NEAREST = 32;
    private static final int MIN_SAMPLE = 4;
    private static final int MIN_CANDIDATES = 24;
    private static final float[] DECAYS = {.9f, .75f};
    private static final int[] STRETCHES = {24, 12};
    private static final float DAY_PENALTY = .05f;
    private static final float AGE_PENALTY = .1f;

    private final ServingConfig config;
    private final AnalogKernels kernels;
    private final int[] targets;
    private final int near;
    private final int day;

    /// `quantiles[(member * targets + target) * 9 + level]`.
    final float[] quantiles;

    private final float[] levels; // [variant][lag]
    private final float[] trends; // [trend variant][lag]
    private final float[] scaled;
    private final float[] distances;
    private final float[] penalties;
    private final int[] nearest = new int[NEAREST];
    private final float[] scores = new float[NEAREST];
    private final float[] sample = new float[512];
    private final float[] errors = new float[(AVERAGES + TRENDS) * ORIGINS];

    private Column column;
    private int back;
    private int size;
    private float last;
    private float deviation;
    private float mean;
    private float spread;

    MemberBank(ServingConfig config, AnalogKernels kernels) {
        this.config = config;
        this.kernels = kernels;
        this.targets = config.targets().stream().mapToInt(Integer::intValue).toArray();
        this.near = config.nearTargets();
        this.day = config.stepsPerDay();
        this.quantiles = new float[COUNT * targets.length * LEVELS];
        int window = config.window();
        this.levels = new float[(AVERAGES + TRENDS) * window];
        this.trends = new float[TRENDS * window];
        this.scaled = new float[window];
        this.distances = new float[window];
        this.penalties = new float[window];
        for (int lag = 1; lag <= window; lag++) {
            int phase = lag % day;
            float apart = 2f * Math.min(phase, day - phase) / day;
            penalties[lag - 1] = DAY_PENALTY * apart + AGE_PENALTY * lag / window;
        }
        this.column = new Column(config.bounds(), window);
    }

    /// Asks every member as of `back` steps ago, about the near targets, the far ones, or both.
    void ask(Column column, int back, boolean nearToo, boolean farToo) {
        this.column = column;
        this.back = back;
        this.size = column.size - back;
        this.last = column.filled[back];
        int from = nearToo ? 0 : near;
        int to = farToo ? targets.length : near;
        describe();
        smooth(farToo ? size : Math.min(size, NEAR_PATH));
        for (int target = from; target < to; target++) {
            points(target);
            sameTime(target);
            hourPhase(target);
        }
        recent(from, to);
        for (int analog = 0; analog < DECAYS.length; analog++) {
            analog(analog, nearToo, farToo);
        }
    }

    private float at(int lag) {
        return column.values[back + lag];
    }

    private float heldAt(int lag) {
        return column.filled[back + lag];
    }

    /// Where the answer of a member about a target begins in [#quantiles].
    int offset(int member, int target) {
        return (member * targets.length + target) * LEVELS;
    }

    /// Writes three quantiles of what every member said of a target, as they wait for the outcome,
    /// and that the stacked model said nothing.
    void tell(int target, float[] said, int at) {
        for (int member = 0; member < COUNT; member++) {
            tell(quantiles, offset(member, target), said, at + member * 3);
        }
        ChunkRows.clearStacked(said, at);
    }

    /// Copies the ends and the median of nine quantiles.
    static void tell(float[] from, int offset, float[] to, int at) {
        to[at] = from[offset + Quantiles.LOW];
        to[at + 1] = from[offset + Quantiles.MEDIAN];
        to[at + 2] = from[offset + Quantiles.HIGH];
    }

    /// Mean absolute deviation and mean of every eighth step: what analogs are scaled by.
    private void describe() {
        double sum = 0;
        int count = 0;
        for (int lag = 0; lag < size; lag += 8) {
            sum += heldAt(lag);
            count++;
        }
        mean = (float) (sum / count);
        double squares = 0;
        double absolute = 0;
        for (int lag = 0; lag < size; lag += 8) {
            double difference = heldAt(lag) - mean;
            squares += difference * difference;
            absolute += Math.abs(difference);
        }
        deviation = (float) Math.sqrt(squares / count);
        spread = (float) (absolute / count);
    }

    /// Spread of the column, 0 when it is constant; of the last [#ask].
    float deviation() {
        return deviation;
    }

    float mean() {
        return mean;
    }

    // ---- points and what they missed --------------------------------------------------------

    /// Exponential averages and damped trends at every lag below `length`. All variants side by
    /// side, because each waits for its own last step.
    private void smooth(int length) {
        int window = config.window();
        float[] held = column.filled;
        float first = heldAt(length - 1);
        float level0 = first;
        float level1 = first;
        float level2 = first;
        float level3 = first;
        float level4 = first;
        for (int lag = length - 1; lag >= 0; lag--) {
            float value = held[back + lag];
            level0 += ALPHA_0 * (value - level0);
            level1 += ALPHA_1 * (value - level1);
            level2 += ALPHA_2 * (value - level2);
            level3 += ALPHA_3 * (value - level3);
            level4 += ALPHA_4 * (value - level4);
            levels[lag] = level0;
            levels[window + lag] = level1;
            levels[2 * window + lag] = level2;
            levels[3 * window + lag] = level3;
            levels[4 * window + lag] = level4;
        }
        trended(length, first);
    }

    private void trended(int length, float first) {
        int window = config.window();
        float[] held = column.filled;
        float level0 = first;
        float level1 = first;
        float level2 = first;
        float trend0 = 0;
        float trend1 = 0;
        float trend2 = 0;
        for (int lag = length - 1; lag >= 0; lag--) {
            float value = held[back + lag];
            float expected0 = level0 + PHI * trend0;
            float expected1 = level1 + PHI * trend1;
            float expected2 = level2 + PHI * trend2;
            level0 = expected0 + TREND_ALPHA_0 * (value - expected0);
            level1 = expected1 + TREND_ALPHA_1 * (value - expected1);
            level2 = expected2 + TREND_ALPHA_2 * (value - expected2);
            trend0 = PHI * trend0 + TREND_ALPHA_0 * BETA * (value - expected0);
            trend1 = PHI * trend1 + TREND_ALPHA_1 * BETA * (value - expected1);
            trend2 = PHI * trend2 + TREND_ALPHA_2 * BETA * (value - expected2);
            levels[AVERAGES * window + lag] = level0;
            levels[(AVERAGES + 1) * window + lag] = level1;
            levels[(AVERAGES + 2) * window + lag] = level2;
            trends[lag] = trend0;
            trends[window + lag] = trend1;
            trends[2 * window + lag] = trend2;
        }
    }

    private void points(int target) {
        int ahead = targets[target];
        int stride = ahead <= ServingConfig.NEAR_REACH ? NEAR_STRIDE : strideOf(ahead);
        int limit = ahead <= ServingConfig.NEAR_REACH ? Math.min(size, NEAR_PATH) : size;
        float reach = (float) (PHI * (1 - StrictMath.pow(PHI, ahead)) / (1 - PHI));
        int window = config.window();
        int variants = AVERAGES + TRENDS;
        int count = 0;
        for (int k = 0; k < ORIGINS; k++) {
            int origin = ahead + k * stride;
            if (origin >= limit) {
                break;
            }
            float actual = at(origin - ahead);
            if (Float.isNaN(actual)) {
                continue;
            }
            sample[count] = actual - heldAt(origin);
            for (int variant = 0; variant < variants; variant++) {
                float point = levels[variant * window + origin];
                if (variant >= AVERAGES) {
                    point += reach * trends[(variant - AVERAGES) * window + origin];
                }
                errors[variant * ORIGINS + count] = actual - point;
            }
            count++;
        }
        write(LAST_VALUE, target, last, count);
        best(EWMA, target, 0, AVERAGES, count, 0);
        best(HOLT, target, AVERAGES, variants, count, reach);
        seasonal(target, stride);
    }

    /// Origins of far targets lie all over the window.
    private int strideOf(int ahead) {
        return Math.max(1, (size - ahead) / ORIGINS);
    }

    private void best(int member, int target, int from, int to, int count, float reach) {
        int best = from;
        double least = Double.POSITIVE_INFINITY;
        for (int variant = from; variant < to; variant++) {
            double sum = 0;
            for (int i = 0; i < count; i++) {
                sum += Math.abs(errors[variant * ORIGINS + i]);
            }
            if (sum < least) {
                least = sum;
                best = variant;
            }
        }
        int window = config.window();
        float point = levels[best * window];
        if (best >= AVERAGES) {
            point += reach * trends[(best - AVERAGES) * window];
        }
        System.arraycopy(errors, best * ORIGINS, sample, 0, count);
        write(member, target, point, count);
    }

    /// The same time a day ago, and the same moved by how much the level has changed since.
    private void seasonal(int target, int stride) {
        int ahead = targets[target];
        int period = (ahead + day - 1) / day * day;
        int lag = period - ahead;
        for (int shift = 0; shift < 2; shift++) {
            int member = shift == 0 ? SEASONAL_DAY : SEASONAL_SHIFT;
            float point = lag < size ? at(lag) : Float.NaN;
            if (shift == 1) {
                point = period < size ? point + last - heldAt(period) : Float.NaN;
            }
            if (Float.isNaN(point)) {
                SampleQuantiles.unknown(quantiles, offset(member, target));
                continue;
            }
            int count = 0;
            for (int k = 0; k < ORIGINS; k++) {
                int origin = ahead + k * stride;
                if (origin + period >= size) {
                    break;
                }
                float error = at(origin - ahead) - at(origin - ahead + period);
                if (shift == 1) {
                    error -= heldAt(origin) - heldAt(origin + period);
                }
                if (!Float.isNaN(error)) {
                    sample[count++] = error;
                }
            }
            write(member, target, point, count);
        }
    }

    /// Spreads `count` errors in `sample` around a point.
    private void write(int member, int target, float point, int count) {
        int at = offset(member, target);
        int filled = count;
        if (count < ENOUGH_RESIDUALS) {
            float young = youngDeviation(point);
            for (float normal : NORMAL) {
                sample[filled++] = normal * young;
            }
        }
        SampleQuantiles.write(sample, filled, quantiles, at);
        float middle = quantiles[at + Quantiles.MEDIAN];
        for (int level = 0; level < LEVELS; level++) {
            quantiles[at + level] = config.bounds().clip(point + (quantiles[at + level] - middle));
        }
    }

    /// What errors to expect while there are hardly any.
    private float youngDeviation(float point) {
        return size < ENOUGH_RECENT
                ? Math.max(config.unit(), Math.abs(point) / 4)
                : Math.max(.02f * config.unit(), deviation);
    }

    // ---- samples of the past ----------------------------------------------------------------

    private void sameTime(int target) {
        int ahead = targets[target];
        int first = (ahead + AROUND + day - 1) / day * day - ahead;
        int count = 0;
        for (int lag = first; lag - AROUND < size; lag += day) {
            for (int one = lag - AROUND; one <= lag + AROUND && one < size; one++) {
                float value = at(one);
                if (!Float.isNaN(value)) {
                    sample[count++] = value;
                }
            }
        }
        quantilesOf(SAME_TIME, target, count, ENOUGH_PERIODS);
    }

    private void hourPhase(int target) {
        int ahead = targets[target];
        int first = (ahead + HOUR - 1) / HOUR * HOUR - ahead;
        int count = 0;
        for (int k = 0; k < HOURS && first + k * HOUR < size; k++) {
            float value = at(first + k * HOUR);
            if (!Float.isNaN(value)) {
                sample[count++] = value;
            }
        }
        quantilesOf(HOUR_PHASE, target, count, ENOUGH_PERIODS);
    }

    /// As if nothing would change: the same for all targets.
    private void recent(int from, int to) {
        for (int window = 0; window < RECENT_STEPS.length; window++) {
            int count = 0;
            int end = Math.min(size, RECENT_STEPS[window]);
            for (int lag = 0; lag < end; lag += RECENT_STRIDES[window]) {
                float value = at(lag);
                if (!Float.isNaN(value)) {
                    sample[count++] = value;
                }
            }
            int member = RECENT + window;
            quantilesOf(member, from, count, ENOUGH_RECENT);
            for (int target = from + 1; target < to; target++) {
                System.arraycopy(
                        quantiles, offset(member, from), quantiles, offset(member, target), LEVELS);
            }
        }
    }

    private void quantilesOf(int member, int target, int count, int enough) {
        if (count < enough) {
            SampleQuantiles.unknown(quantiles, offset(member, target));
        } else {
            SampleQuantiles.write(sample, count, quantiles, offset(member, target));
        }
    }

    // ---- analogs ----------------------------------------------------------------------------

    /// What followed the 32 stretches most like the newest one. The distances to all lags are
    /// worked out anew: a stretch of some steps in SIMD costs less than to keep them for every
    /// series.
    private void analog(int which, boolean nearToo, boolean farToo) {
        int stretch = STRETCHES[which];
        int lags = size - stretch;
        int member = ANALOG + which;
        boolean found = false;
        if (lags >= ServingConfig.NEAR_REACH + MIN_CANDIDATES) {
            scale(which);
            Arrays.fill(distances, 0, lags, 0);
            for (int step = stretch - 1; step >= 0; step--) {
                kernels.advance(distances, scaled, step + 1, lags, scaled[step], DECAYS[which]);
            }
            found = true;
        }
        if (nearToo) {
            search(member, 0, near, found ? lags : 0, which);
        }
        if (farToo) {
            search(member, near, targets.length, found ? lags : 0, which);
        }
    }

    private void scale(int which) {
        float unit = config.unit();
        float[] held = column.filled;
        if (which == 0) {
            float factor = 1 / (deviation + .1f * unit);
            for (int lag = 0; lag < size; lag++) {
                scaled[lag] = held[back + lag] * factor;
            }
        } else {
            float factor = 2 / (spread + .2f * unit);
            for (int lag = 0; lag < size; lag++) {
                float x = (held[back + lag] - mean) * factor;
                scaled[lag] = x / (1 + .25f * Math.abs(x)); // large values count less
            }
        }
    }

    private void search(int member, int from, int to, int lags, int which) {
        if (from == to) {
            return;
        }
        int reach = targets[to - 1];
        int found =
                lags - reach < MIN_CANDIDATES
                        ? 0
                        : kernels.nearest(
                                distances,
                                penalties,
                                1 - DECAYS[which],
                                reach - 1,
                                lags,
                                nearest,
                                scores);
        for (int target = from; target < to; target++) {
            int count = 0;
            for (int i = 0; i < found; i++) {
                float value = at(nearest[i] + 1 - targets[target]);
                if (!Float.isNaN(value)) {
                    sample[count++] = value;
                }
            }
            quantilesOf(member, target, count, MIN_SAMPLE);
        }
    }
}
