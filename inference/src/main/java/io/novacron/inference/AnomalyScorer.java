package io.novacron.inference;

/// Finds series whose newest value is far from what their own past would make one expect.
///
/// The expectation is an exponential average (α = .3) of the steps before. The score is the newest
/// residual in robust deviations (1.4826 × median absolute residual over the last day, at least 1 %
/// of the metric's range or 5 % of the level). Three things must come together for an anomaly, so
/// that habits are not reported:
/// - the score is at least [AnomalyConfig#minScore],
/// - at most [AnomalyConfig#maxTailShare] of the past residuals were as large,
/// - the value lies outside what the same time of day, half an hour either way, held on the up to
///   seven days before (widened by three deviations).
///
/// It looks at one step of one metric, knows no correlation between metrics, and says nothing about
/// a series with less history than [AnomalyConfig#minHistory] or without a value now.
public final class AnomalyScorer {
    private static final float ALPHA = .3f;
    private static final float MAD_TO_DEVIATION = 1.4826f;
    private static final int HALF_HOUR_SECONDS = 1800;
    private static final int MAX_DAYS = 7;
    private static final int MAX_RESIDUALS = 1440;

    private final AnomalyConfig config;
    private final float[] residuals = new float[MAX_RESIDUALS];

    public AnomalyScorer(AnomalyConfig config) {
        this.config = config;
    }

    /// Scores the newest step of every series into `out`.
    public void score(Window window, Bounds bounds, Anomalies out) {
        out.reset(window.series());
        for (int index = 0; index < window.series(); index++) {
            scoreOne(window, bounds, index, out);
        }
    }

    private void scoreOne(Window window, Bounds bounds, int index, Anomalies out) {
        int newest = window.steps() - 1;
        if (newest < 0 || !Float.isFinite(window.at(newest, index))) {
            return;
        }
        float value = bounds.clip(window.at(newest, index));
        int day = window.stepsPerDay() == 0 ? MAX_RESIDUALS : window.stepsPerDay();
        int first = Math.max(0, newest - Math.min(day, MAX_RESIDUALS));
        float level = Float.NaN;
        int count = 0;
        for (int step = first; step < newest; step++) {
            float past = window.at(step, index);
            if (Float.isFinite(past)) {
                past = bounds.clip(past);
                if (!Float.isNaN(level)) {
                    residuals[count++] = Math.abs(past - level);
                }
                level = Float.isNaN(level) ? past : level + ALPHA * (past - level);
            }
        }
        if (count < config.minHistory()) {
            return;
        }
        float residual = value - level;
        int larger = 0;
        for (int past = 0; past < count; past++) {
            larger += residuals[past] >= Math.abs(residual) ? 1 : 0;
        }
        float least =
                bounds.isFinite()
                        ? (bounds.max() - bounds.min()) / 100
                        : Math.max(Math.abs(level) / 20, bounds.resolution(level));
        float spread = Math.max(MAD_TO_DEVIATION * smallest(count / 2, count), least);
        float score = residual / spread;
        float tail = larger / (float) count;
        boolean anomalous =
                Math.abs(score) >= config.minScore()
                        && tail <= config.maxTailShare()
                        && !isHabit(window, newest, index, value, 3 * spread);
        out.put(index, score, level, spread, tail, anomalous);
    }

    /// The residual that would be at `rank` if the first `count` were sorted (Hoare's selection).
    private float smallest(int rank, int count) {
        int from = 0;
        int to = count - 1;
        while (from < to) {
            float pivot = residuals[(from + to) >>> 1];
            int low = from - 1;
            int high = to + 1;
            while (true) {
                do {
                    low++;
                } while (residuals[low] < pivot);
                do {
                    high--;
                } while (residuals[high] > pivot);
                if (low >= high) {
                    break;
                }
                float swapped = residuals[low];
                residuals[low] = residuals[high];
                residuals[high] = swapped;
            }
            if (rank <= high) {
                to = high;
            } else {
                from = high + 1;
            }
        }
        return residuals[rank];
    }

    private static boolean isHabit(
            Window window, int newest, int index, float value, float margin) {
        int day = window.stepsPerDay();
        if (day == 0) {
            return false;
        }
        int around = HALF_HOUR_SECONDS / window.stepSeconds();
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (int back = 1; back <= MAX_DAYS && newest - back * day >= 0; back++) {
            int centre = newest - back * day;
            int to = Math.min(newest - 1, centre + around);
            for (int step = Math.max(0, centre - around); step <= to; step++) {
                float past = window.at(step, index);
                if (Float.isFinite(past)) {
                    min = Math.min(min, past);
                    max = Math.max(max, past);
                }
            }
        }
        return value >= min - margin && value <= max + margin; // false when nothing was seen
    }
}
