package io.novacron.inference;

import java.util.Random;
import java.util.function.IntToDoubleFunction;

/// Small windows for tests: five-minute steps that end on a midnight.
final class TestSeries {
    static final int STEP_SECONDS = 300;
    static final int DAY = 288;
    static final long END_MS = 1_767_571_200_000L;

    private TestSeries() {}

    static Window of(float[]... series) {
        int steps = series[0].length;
        float[] values = new float[steps * series.length];
        for (int i = 0; i < series.length; i++) {
            for (int step = 0; step < steps; step++) {
                values[step * series.length + i] = series[i][step];
            }
        }
        return Window.of(values, series.length, steps, STEP_SECONDS, END_MS);
    }

    static float[] series(int steps, IntToDoubleFunction value) {
        float[] series = new float[steps];
        for (int step = 0; step < steps; step++) {
            series[step] = (float) value.applyAsDouble(step);
        }
        return series;
    }

    static float[] constant(int steps, float value) {
        return series(steps, _ -> value);
    }

    static float[] missing(int steps) {
        return constant(steps, Float.NaN);
    }

    /// Only the newest step is there.
    static float[] oneSample(int steps, float value) {
        return series(steps, step -> step == steps - 1 ? value : Float.NaN);
    }

    static float[] daily(int steps, double level, double swing, double noise, long seed) {
        var random = new Random(seed);
        return series(
                steps,
                step ->
                        level
                                + swing * Math.sin(2 * Math.PI * step / DAY)
                                + noise * random.nextGaussian());
    }

    static Forecasts forecast(
            Forecaster forecaster, Window window, Bounds bounds, int... horizons) {
        var out = Forecasts.sized(window.series(), horizons.length);
        forecaster.forecast(
                new ForecastRequest(window, horizons, bounds),
                Selection.all(window.series()),
                WorkLimit.NONE,
                out,
                new byte[window.series()]);
        return out;
    }

    static byte[] outcomes(Forecaster forecaster, Window window, Bounds bounds, int... horizons) {
        byte[] outcomes = new byte[window.series()];
        forecaster.forecast(
                new ForecastRequest(window, horizons, bounds),
                Selection.all(window.series()),
                WorkLimit.NONE,
                Forecasts.sized(window.series(), horizons.length),
                outcomes);
        return outcomes;
    }
}
