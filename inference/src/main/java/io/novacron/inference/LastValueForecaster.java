package io.novacron.inference;

/// Holds the newest valid value. The tier that always answers where there is a value at all.
///
/// Its quantiles come from the changes over as many steps in the last 288 origins. The median is
/// the last value itself, so that this stays the baseline that it is called; where the horizon is
/// longer than half the history, shorter changes are stretched by the square root of time.
public final class LastValueForecaster extends SeriesForecaster {
    private static final int MAX_ORIGINS = 288;
    private static final int MAX_STEPS = 2 * MAX_ORIGINS;

    private final float[] residuals = new float[MAX_ORIGINS + Quantiles.COUNT];
    private final float[] grid = new float[Quantiles.COUNT];

    public LastValueForecaster() {
        super(MAX_STEPS);
    }

    @Override
    public ModelKind kind() {
        return ModelKind.LAST_VALUE;
    }

    @Override
    FallbackReason forecastSeries(
            ForecastRequest request,
            float[] values,
            Window window,
            int newest,
            int index,
            Forecasts out) {
        float last = values[newest];
        float prior = priorSpread(last, request.bounds());
        int age = window.steps() - 1 - newest; // a stale value has been held for longer
        for (int h = 0; h < request.horizonCount(); h++) {
            int horizon = request.horizon(h) + age;
            int reach = Math.clamp(horizon, 1, Math.max(1, newest / 2));
            int count = changes(values, newest, reach);
            Quantiles.ofResiduals(residuals, count, prior, grid);
            float stretch = (float) Math.sqrt((double) horizon / reach);
            for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
                float offset = grid[quantile] * stretch;
                grid[quantile] =
                        quantile < Quantiles.MEDIAN
                                ? Math.min(0, offset)
                                : quantile > Quantiles.MEDIAN ? Math.max(0, offset) : 0;
            }
            out.putGrid(h, index, last, grid, request.bounds());
        }
        return FallbackReason.NONE;
    }

    private int changes(float[] values, int newest, int reach) {
        int count = 0;
        for (int step = newest; step >= reach && count < MAX_ORIGINS; step--) {
            float change = values[step] - values[step - reach];
            if (!Float.isNaN(change)) {
                residuals[count++] = change;
            }
        }
        return count;
    }
}
