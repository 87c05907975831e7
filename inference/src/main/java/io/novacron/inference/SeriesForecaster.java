package io.novacron.inference;

/// A forecaster that looks at one series at a time: gathers it out of the time-major window, cleans
/// it, asks the subclass, and checks what came back.
///
/// Sixteen neighbouring floats share a cache line, so series are gathered in blocks of 16 columns.
abstract class SeriesForecaster implements Forecaster {
    static final int BLOCK = 16;

    private final int maxSteps;
    private float[][] columns = new float[BLOCK][0];

    /// `maxSteps` bounds the work: older steps are not looked at.
    SeriesForecaster(int maxSteps) {
        this.maxSteps = maxSteps;
    }

    @Override
    public final void forecast(
            ForecastRequest request,
            Selection selection,
            WorkLimit limit,
            Forecasts out,
            byte[] outcomes) {
        Window window = request.window().last(maxSteps);
        if (columns[0].length < window.steps()) {
            columns = new float[BLOCK][window.steps()];
        }
        for (int start = 0; start < selection.count(); start += BLOCK) {
            int end = Math.min(start + BLOCK, selection.count());
            if (!limit.mayContinue(start)) {
                for (int position = start; position < selection.count(); position++) {
                    outcomes[selection.at(position)] = FallbackReason.MODEL_TOO_SLOW.code();
                }
                return;
            }
            gather(window, selection, start, end, request.bounds());
            for (int position = start; position < end; position++) {
                int index = selection.at(position);
                outcomes[index] =
                        one(request, window, index, columns[position - start], out).code();
            }
        }
    }

    private FallbackReason one(
            ForecastRequest request, Window window, int index, float[] values, Forecasts out) {
        int newest = newestValid(values, window.steps());
        if (newest < 0) {
            return FallbackReason.ALL_MISSING;
        }
        FallbackReason reason = forecastSeries(request, values, window, newest, index, out);
        return reason == FallbackReason.NONE && !out.isAnswerFinite(index)
                ? FallbackReason.MODEL_NAN
                : reason;
    }

    private void gather(Window window, Selection selection, int start, int end, Bounds bounds) {
        float[] values = window.values();
        int series = window.series();
        for (int step = 0; step < window.steps(); step++) {
            int row = (window.firstStep() + step) * series;
            for (int position = start; position < end; position++) {
                float value = values[row + selection.at(position)];
                columns[position - start][step] =
                        Float.isFinite(value) ? bounds.clip(value) : Float.NaN;
            }
        }
    }

    static int newestValid(float[] values, int steps) {
        int step = steps - 1;
        while (step >= 0 && Float.isNaN(values[step])) {
            step--;
        }
        return step;
    }

    /// A spread for a series with hardly any past: a quarter of its level or a twentieth of the
    /// metric's range, whichever is more.
    static float priorSpread(float level, Bounds bounds) {
        float byRange = bounds.isFinite() ? (bounds.max() - bounds.min()) / 20 : 1e-6f;
        return Math.max(byRange, Math.abs(level) / 4);
    }

    /// Forecasts one series: `values[0..window.steps())` holds its steps with NaN where missing,
    /// `newest` is the newest valid one.
    abstract FallbackReason forecastSeries(
            ForecastRequest request,
            float[] values,
            Window window,
            int newest,
            int index,
            Forecasts out);
}
