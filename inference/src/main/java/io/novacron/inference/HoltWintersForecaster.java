package io.novacron.inference;

import java.util.Arrays;

/// Additive Holt-Winters with damped trend, and daily seasonality where there are two days of it.
///
/// ## How the parameters are chosen
///
/// Eight settings of (level, trend, season, damping) run side by side in one pass, as lanes of one
/// inner loop. On the way, at up to 128 evenly spaced origins, every setting forecasts every
/// horizon; per horizon the setting with the least mean absolute error forecasts, and its errors
/// give the quantiles. So the cost is bounded (one pass, no search), a long horizon may smooth more
/// than a short one, and the interval is that of real errors at that horizon.
///
/// A missing step moves time on without correcting the state.
public final class HoltWintersForecaster extends SeriesForecaster {
    private static final int MAX_STEPS = 8 * 288;
    private static final int MAX_ORIGINS = 128;
    private static final int SMOOTHING = 3;
    private static final int MIN_VALID = 24;
    private static final int MIN_ERRORS = 8;

    /// The settings. A season of 0 has no season, a damping of 0 no trend.
    private static final float[] LEVEL = {.05f, .1f, .2f, .4f, .7f, .3f, .9f, .6f};

    private static final float[] TREND = {0, 0, 0, 0, 0, 0, 0, .1f};
    private static final float[] SEASON = {.05f, .1f, .15f, .15f, .1f, 0, 0, 0};
    private static final float[] DAMPING = {0, 0, 0, 0, 0, 0, 0, .9f};
    private static final int LANES = LEVEL.length;

    private final float[] levels = new float[LANES];
    private final float[] trends = new float[LANES];
    private final float[][] errors = new float[LANES][MAX_ORIGINS + Quantiles.COUNT];
    private final float[] errorSums = new float[LANES];
    private final float[] grid = new float[Quantiles.COUNT];
    private float[] seasons = new float[0];
    private float[] rough = new float[0];
    private float[] origins = new float[0]; // [origin][horizon][lane] forecasts
    private final int[] originSteps = new int[MAX_ORIGINS];
    private final float[] trendSums = new float[ForecastRequest.MAX_HORIZONS * LANES];
    private int originCount;

    public HoltWintersForecaster() {
        super(MAX_STEPS);
    }

    @Override
    public ModelKind kind() {
        return ModelKind.HOLT_WINTERS;
    }

    @Override
    FallbackReason forecastSeries(
            ForecastRequest request,
            float[] values,
            Window window,
            int newest,
            int index,
            Forecasts out) {
        int steps = window.steps();
        int first = firstValid(values, newest);
        int valid = countValid(values, first, newest);
        if (valid < MIN_VALID) {
            return FallbackReason.TOO_LITTLE_HISTORY;
        }
        int day = window.stepsPerDay();
        boolean seasonal = day > 1 && newest + 1 - first >= 2 * day && valid >= day;
        int period = seasonal ? day : 1;
        initialise(values, first, newest, period);
        sumTrends(request);
        run(request, values, first, steps, period);
        return answer(request, values, steps, period, index, out);
    }

    private static int firstValid(float[] values, int newest) {
        int step = 0;
        while (step < newest && Float.isNaN(values[step])) {
            step++;
        }
        return step;
    }

    private static int countValid(float[] values, int first, int newest) {
        int count = 0;
        for (int step = first; step <= newest; step++) {
            if (!Float.isNaN(values[step])) {
                count++;
            }
        }
        return count;
    }

    /// Level: where the line through the means of the first two days begins; season: what those
    /// days add to that line at each time of day. Without the line, a steady rise would be learned
    /// as a saw tooth that falls at the end of each day.
    private void initialise(float[] values, int first, int newest, int period) {
        if (seasons.length < period * LANES) {
            seasons = new float[period * LANES];
        }
        Arrays.fill(seasons, 0, period * LANES, 0);
        Arrays.fill(trends, 0);
        if (period == 1) {
            Arrays.fill(levels, mean(values, first, Math.min(newest + 1, first + 12)));
            return;
        }
        float today = mean(values, first, first + period);
        float tomorrow = mean(values, first + period, first + 2 * period);
        float slope = Float.isNaN(tomorrow) ? 0 : (tomorrow - today) / period;
        float start = today - slope * (period - 1) / 2;
        Arrays.fill(levels, start);
        for (int step = first; step < first + period; step++) {
            float line = start + slope * (step - first);
            float one = values[step] - line;
            float two = values[step + period] - line - slope * period;
            float season = Float.isNaN(one) ? two : Float.isNaN(two) ? one : (one + two) / 2;
            if (!Float.isNaN(season)) {
                seasons[step % period * LANES] = season;
            }
        }
        smoothSeasons(period);
    }

    /// Averages the rough season (in lane 0) over seven neighbouring times of day, round the clock,
    /// into every lane that has a season. Two days are few: this halves their noise and keeps a
    /// jump between the days from becoming a habit of midnight.
    private void smoothSeasons(int period) {
        if (rough.length < period) {
            rough = new float[period];
        }
        for (int phase = 0; phase < period; phase++) {
            rough[phase] = seasons[phase * LANES];
        }
        for (int phase = 0; phase < period; phase++) {
            float sum = 0;
            for (int offset = -SMOOTHING; offset <= SMOOTHING; offset++) {
                sum += rough[Math.floorMod(phase + offset, period)];
            }
            float season = sum / (2 * SMOOTHING + 1);
            for (int lane = 0; lane < LANES; lane++) {
                seasons[phase * LANES + lane] = SEASON[lane] > 0 ? season : 0;
            }
        }
    }

    private static float mean(float[] values, int from, int to) {
        float sum = 0;
        int count = 0;
        for (int step = from; step < to; step++) {
            if (!Float.isNaN(values[step])) {
                sum += values[step];
                count++;
            }
        }
        return sum / count; // NaN when nothing is valid; values[first] always is
    }

    /// Damped trend over each horizon: φ + φ² + … + φ^h.
    private void sumTrends(ForecastRequest request) {
        for (int h = 0; h < request.horizonCount(); h++) {
            for (int lane = 0; lane < LANES; lane++) {
                double damping = DAMPING[lane];
                double power = StrictMath.pow(damping, request.horizon(h));
                trendSums[h * LANES + lane] =
                        damping == 0 ? 0 : (float) (damping * (1 - power) / (1 - damping));
            }
        }
    }

    private void run(ForecastRequest request, float[] values, int first, int steps, int period) {
        int horizons = request.horizonCount();
        if (origins.length < MAX_ORIGINS * horizons * LANES) {
            origins = new float[MAX_ORIGINS * horizons * LANES];
        }
        originCount = 0;
        int warmUp = first + Math.min((steps - first) / 3, Math.max(2 * period, 12));
        int stride = Math.max(1, (steps - warmUp + MAX_ORIGINS - 1) / MAX_ORIGINS);
        for (int step = first; step < steps; step++) {
            step(values[step], step % period * LANES, period > 1);
            boolean isOrigin = step >= warmUp && (steps - 1 - step) % stride == 0;
            if (isOrigin && originCount < MAX_ORIGINS && !Float.isNaN(values[step])) {
                int row = originCount * horizons * LANES;
                for (int h = 0; h < horizons; h++, row += LANES) {
                    project(step + request.horizon(h), h, period, origins, row);
                }
                originSteps[originCount++] = step;
            }
        }
    }

    private void step(float value, int phase, boolean seasonal) {
        if (Float.isNaN(value)) {
            for (int lane = 0; lane < LANES; lane++) {
                trends[lane] *= DAMPING[lane];
                levels[lane] += trends[lane];
            }
            return;
        }
        for (int lane = 0; lane < LANES; lane++) {
            float season = seasons[phase + lane];
            float damped = trends[lane] * DAMPING[lane];
            float before = levels[lane] + damped;
            float level = before + LEVEL[lane] * (value - season - before);
            trends[lane] = damped + TREND[lane] * (level - levels[lane] - damped);
            levels[lane] = level;
            if (seasonal) {
                seasons[phase + lane] = season + SEASON[lane] * (value - level - season);
            }
        }
    }

    private void project(int target, int h, int period, float[] into, int row) {
        int phase = target % period * LANES;
        for (int lane = 0; lane < LANES; lane++) {
            into[row + lane] =
                    levels[lane]
                            + trends[lane] * trendSums[h * LANES + lane]
                            + seasons[phase + lane];
        }
    }

    private FallbackReason answer(
            ForecastRequest request,
            float[] values,
            int steps,
            int period,
            int index,
            Forecasts out) {
        int horizons = request.horizonCount();
        float[] now = new float[LANES];
        for (int h = 0; h < horizons; h++) {
            int count = collectErrors(request, values, steps, h);
            project(steps - 1 + request.horizon(h), h, period, now, 0);
            int best = count == 0 ? 0 : leastError();
            float point = request.bounds().clip(now[best]);
            if (count < MIN_ERRORS) {
                // the horizon is longer than the history can judge: widen what the last one had
                if (h == 0) {
                    return FallbackReason.TOO_LITTLE_HISTORY;
                }
                widen((double) request.horizon(h) / request.horizon(h - 1));
            } else {
                float prior = priorSpread(point, request.bounds());
                Quantiles.ofResiduals(errors[best], count, prior, grid);
            }
            out.putGrid(h, index, point, grid, request.bounds());
        }
        return FallbackReason.NONE;
    }

    private int collectErrors(ForecastRequest request, float[] values, int steps, int h) {
        int horizon = request.horizon(h);
        Arrays.fill(errorSums, 0);
        int count = 0;
        for (int origin = 0; origin < originCount; origin++) {
            int target = originSteps[origin] + horizon;
            if (target >= steps || Float.isNaN(values[target])) {
                continue;
            }
            int row = (origin * request.horizonCount() + h) * LANES;
            for (int lane = 0; lane < LANES; lane++) {
                float error = values[target] - request.bounds().clip(origins[row + lane]);
                errors[lane][count] = error;
                errorSums[lane] += Math.abs(error);
            }
            count++;
        }
        return count;
    }

    private int leastError() {
        int best = 0;
        for (int lane = 1; lane < LANES; lane++) {
            if (errorSums[lane] < errorSums[best]) {
                best = lane;
            }
        }
        return best;
    }

    private void widen(double ratio) {
        float factor = (float) Math.sqrt(ratio);
        for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
            grid[quantile] *= factor;
        }
    }
}
