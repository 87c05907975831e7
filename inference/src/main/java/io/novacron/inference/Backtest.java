package io.novacron.inference;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Scores forecasts made from past origins of the same window against what came after.
///
/// Per series, over all origins and the horizons whose outcome has happened:
/// - **confidence** = `(hits + 1) / (points + 2)` × share of valid steps in the last day of the
///   window, where a hit is a median within the tolerance of the actual value. The tolerance is a
///   tenth of the metric's range, or for an open-ended metric a quarter of the actual value, but no
///   less than the metric's resolution. The `+1`, `+2` (Laplace's rule) keep a handful of points
///   from claiming certainty.
/// - **coverage** = `(inside + .8) / (points + 1)`, inside the 80 % interval, smoothed towards .8.
/// - **skill** = 1 − mean pinball loss over the grid / mean pinball loss of holding the last value.
///
/// What it does not say: horizons longer than the oldest origin's offset are not judged, and the
/// points of one series overlap, so they are fewer than they look.
final class Backtest {
    private @Nullable ForecastRequest request;
    private int[] points = new int[0];
    private int[] hits = new int[0];
    private int[] inside = new int[0];
    private double[] loss = new double[0];
    private double[] naiveLoss = new double[0];

    void start(ForecastRequest request, Forecasts out) {
        this.request = request;
        int series = request.window().series();
        if (points.length < series) {
            points = new int[series];
            hits = new int[series];
            inside = new int[series];
            loss = new double[series];
            naiveLoss = new double[series];
        }
        Arrays.fill(points, 0);
        Arrays.fill(hits, 0);
        Arrays.fill(inside, 0);
        Arrays.fill(loss, 0);
        Arrays.fill(naiveLoss, 0);
        out.clearConfidence();
    }

    /// Scores forecasts whose window ended `offset` steps before the request's.
    void score(Forecasts past, int offset) {
        ForecastRequest now = request();
        Window window = now.window();
        int origin = window.steps() - offset - 1;
        for (int index = 0; index < window.series(); index++) {
            if (past.model(index) == ModelKind.NONE) {
                continue;
            }
            float held = newest(window, origin, index);
            for (int h = 0; h < now.horizonCount() && now.horizon(h) <= offset; h++) {
                float actual = window.at(origin + now.horizon(h), index);
                if (Float.isFinite(actual)) {
                    score(past, h, index, now.bounds().clip(actual), held);
                }
            }
        }
    }

    private static float newest(Window window, int origin, int index) {
        int step = origin;
        while (step > 0 && !Float.isFinite(window.at(step, index))) {
            step--;
        }
        return window.at(step, index);
    }

    private void score(Forecasts past, int h, int index, float actual, float held) {
        points[index]++;
        if (Math.abs(actual - past.median(h, index)) <= tolerance(actual)) {
            hits[index]++;
        }
        if (actual >= past.at(h, Quantiles.LOW, index)
                && actual <= past.at(h, Quantiles.HIGH, index)) {
            inside[index]++;
        }
        for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
            float level = Quantiles.level(quantile);
            loss[index] += Quantiles.pinball(level, past.at(h, quantile, index), actual);
            naiveLoss[index] += Quantiles.pinball(level, held, actual);
        }
    }

    private float tolerance(float actual) {
        Bounds bounds = request().bounds();
        return bounds.isFinite()
                ? (bounds.max() - bounds.min()) / 10
                : Math.max(Math.abs(actual) / 4, bounds.resolution(actual));
    }

    void finish(Forecasts out) {
        Window window = request().window();
        for (int index = 0; index < window.series(); index++) {
            if (points[index] == 0 || out.model(index) == ModelKind.NONE) {
                continue; // stays NaN: nothing was judged
            }
            float valid = validShare(window, index);
            float confidence = (hits[index] + 1f) / (points[index] + 2f) * valid;
            float coverage = (inside[index] + .8f) / (points[index] + 1f);
            double skill = naiveLoss[index] > 0 ? 1 - loss[index] / naiveLoss[index] : Double.NaN;
            out.judged(index, confidence, coverage, (float) skill);
        }
        request = null;
    }

    private static float validShare(Window window, int index) {
        int day = window.stepsPerDay() == 0 ? window.steps() : window.stepsPerDay();
        int steps = Math.min(day, window.steps());
        int valid = 0;
        for (int step = window.steps() - steps; step < window.steps(); step++) {
            valid += Float.isFinite(window.at(step, index)) ? 1 : 0;
        }
        return valid / (float) steps;
    }

    private ForecastRequest request() {
        if (request == null) {
            throw new IllegalStateException("start comes before score and finish");
        }
        return request;
    }
}
