package io.novacron.perf.forecast;

import io.novacron.inference.Quantiles;
import io.novacron.perf.Figures;

/// GIFT-Eval's measures over windows, series and metrics: MASE is the mean over points of the error
/// divided by the series' seasonal error, ND the sum of errors and WQL the sum of weighted quantile
/// losses, both divided by the sum of the actual values.
final class GiftScore {
    private double errors;
    private double actuals;
    private double pinball;
    private double scaledErrors;
    private long scaledCount;
    private long count;
    private long inside;
    private long unanswered;

    /// One point: what came, nine quantiles (NaN where unknown), and the seasonal error of the
    /// series, NaN or 0 where it has none.
    void add(float actual, float[] quantiles, double scale) {
        float median = quantiles[Quantiles.MEDIAN];
        if (!Float.isFinite(median)) {
            unanswered++;
            return;
        }
        double error = Math.abs((double) actual - median);
        count++;
        errors += error;
        actuals += Math.abs(actual);
        if (scale > 0) {
            scaledErrors += error / scale;
            scaledCount++;
        }
        for (int level = 0; level < Quantiles.COUNT; level++) {
            pinball += Quantiles.pinball(Quantiles.level(level), quantiles[level], actual);
        }
        inside += actual >= quantiles[0] && actual <= quantiles[Quantiles.COUNT - 1] ? 1 : 0;
    }

    void write(String prefix, Figures figures) {
        figures.add(prefix + ".mase", scaledErrors / scaledCount)
                .add(prefix + ".nd", errors / actuals)
                .add(prefix + ".wql", 2 * pinball / Quantiles.COUNT / actuals)
                .add(prefix + ".coverage80", inside / (double) count)
                .add(prefix + ".count", count)
                .add(prefix + ".unanswered", unanswered);
    }
}
