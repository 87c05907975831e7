package io.novacron.inference;

/// Repeats the same time of the day before (or of the newest earlier day that has it, up to a
/// week).
///
/// Needs a step that divides the day and at least a day and an hour of history. Quantiles come from
/// the differences to the same time so many days earlier over the last day of history.
public final class SeasonalNaiveForecaster extends SeriesForecaster {
    private static final int MAX_DAYS = 7;
    private static final int MAX_ORIGINS = 288;
    static final int MIN_PAIRS = 12;

    private final float[] residuals = new float[MAX_ORIGINS + Quantiles.COUNT];
    private final float[] grid = new float[Quantiles.COUNT];

    public SeasonalNaiveForecaster() {
        super(86_400); // a day of one-second steps; coarser steps keep more days than are used
    }

    @Override
    public ModelKind kind() {
        return ModelKind.SEASONAL_NAIVE;
    }

    @Override
    FallbackReason forecastSeries(
            ForecastRequest request,
            float[] values,
            Window window,
            int newest,
            int index,
            Forecasts out) {
        int period = window.stepsPerDay();
        int steps = window.steps();
        if (period == 0 || steps < period + MIN_PAIRS) {
            return FallbackReason.TOO_LITTLE_HISTORY;
        }
        for (int h = 0; h < request.horizonCount(); h++) {
            int target = steps - 1 + request.horizon(h);
            int days = daysBack(values, target, steps, period);
            if (days == 0) {
                return FallbackReason.TOO_LITTLE_HISTORY;
            }
            float base = values[target - days * period];
            int count = differences(values, steps, days * period, period);
            if (count < MIN_PAIRS) { // too few pairs that many days apart: use one day
                count = differences(values, steps, period, period);
            }
            if (count < MIN_PAIRS) {
                return FallbackReason.TOO_LITTLE_HISTORY;
            }
            Quantiles.ofResiduals(residuals, count, priorSpread(base, request.bounds()), grid);
            for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
                grid[quantile] =
                        quantile < Quantiles.MEDIAN
                                ? Math.min(0, grid[quantile])
                                : quantile > Quantiles.MEDIAN ? Math.max(0, grid[quantile]) : 0;
            }
            out.putGrid(h, index, base, grid, request.bounds());
        }
        return FallbackReason.NONE;
    }

    /// Whole days to go back from `target` to a valid step, or 0.
    private static int daysBack(float[] values, int target, int steps, int period) {
        int days = (target - (steps - 1) + period - 1) / period; // first day that has happened
        for (int tried = 0; tried < MAX_DAYS; tried++, days++) {
            int step = target - days * period;
            if (step < 0) {
                return 0;
            }
            if (!Float.isNaN(values[step])) {
                return days;
            }
        }
        return 0;
    }

    private int differences(float[] values, int steps, int lag, int period) {
        int stride = Math.max(1, period / MAX_ORIGINS);
        int count = 0;
        for (int step = steps - 1; step >= lag && count < MAX_ORIGINS; step -= stride) {
            float difference = values[step] - values[step - lag];
            if (!Float.isNaN(difference)) {
                residuals[count++] = difference;
            }
        }
        return count;
    }
}
