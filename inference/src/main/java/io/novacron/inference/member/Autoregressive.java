package io.novacron.inference.member;

import java.util.Arrays;

/// An autoregressive model of the last days, order by AICc, refitted twice a day by Levinson–Durbin
/// on sample autocovariances (Brockwell & Davis 1991); gaps count as the mean.
final class Autoregressive extends PointMember {
    static final int MAX_ORDER = 18;
    private static final int FIT_STEPS = 1440;
    private static final int MIN_VALUES = 24;

    private final float[] window = new float[FIT_STEPS];
    private final double[] covariance = new double[MAX_ORDER + 1];
    private final float[] coefficients = new float[MAX_ORDER];
    private final float[] path;
    private int order;
    private float mean = Float.NaN;
    private long nextFit = MIN_VALUES;

    Autoregressive(History history, Target[] targets) {
        super("ar", history, targets, 1);
        this.path =
                new float[MAX_ORDER + Arrays.stream(targets).mapToInt(Target::to).max().orElse(1)];
    }

    @Override
    public void update() {
        if (history.steps() >= nextFit) {
            fit();
            long steps = history.steps();
            nextFit = steps + Math.clamp(steps / 2, 12, history.stepsPerDay() / 2);
        }
    }

    private void fit() {
        int count = Math.min(FIT_STEPS, history.size());
        double sum = 0;
        int valid = 0;
        for (int i = 0; i < count; i++) {
            window[i] = history.ago(count - 1 - i);
            if (!Float.isNaN(window[i])) {
                sum += window[i];
                valid++;
            }
        }
        if (valid < MIN_VALUES) {
            return;
        }
        mean = (float) (sum / valid);
        for (int i = 0; i < count; i++) {
            window[i] = !Float.isNaN(window[i]) ? window[i] - mean : 0;
        }
        for (int lag = 0; lag <= MAX_ORDER; lag++) {
            double product = 0;
            for (int i = lag; i < count; i++) {
                product += (double) window[i] * window[i - lag];
            }
            covariance[lag] = product / valid;
        }
        order = levinson(covariance, Math.min(MAX_ORDER, valid / 4), valid, coefficients);
    }

    /// Solves Yule–Walker for orders 0 to `maxOrder`, keeps the one with the least AICc, and
    /// returns it; its coefficients go to `best`.
    static int levinson(double[] covariance, int maxOrder, int count, float[] best) {
        double[] phi = new double[maxOrder + 1];
        double[] before = new double[maxOrder + 1];
        double variance = covariance[0];
        if (!(variance > 0)) {
            return 0;
        }
        int bestOrder = 0;
        double bestScore = aicc(variance, 0, count);
        for (int k = 1; k <= maxOrder; k++) {
            double sum = covariance[k];
            for (int j = 1; j < k; j++) {
                sum -= before[j] * covariance[k - j];
            }
            double reflection = sum / variance;
            phi[k] = reflection;
            for (int j = 1; j < k; j++) {
                phi[j] = before[j] - reflection * before[k - j];
            }
            variance *= 1 - reflection * reflection;
            if (!(variance > 1e-9 * covariance[0])) {
                break; // perfectly predictable: higher orders are rounding
            }
            double score = aicc(variance, k, count);
            if (score < bestScore) {
                bestScore = score;
                bestOrder = k;
                for (int j = 1; j <= k; j++) {
                    best[j - 1] = (float) phi[j];
                }
            }
            System.arraycopy(phi, 0, before, 0, k + 1);
        }
        return bestOrder;
    }

    private static double aicc(double variance, int order, int count) {
        double parameters = order + 2.0;
        return count * Math.log(variance)
                + 2 * parameters * count / Math.max(1, count - parameters - 1);
    }

    @Override
    void points(float[] points) {
        if (Float.isNaN(mean)) {
            Arrays.fill(points, Float.NaN);
            return;
        }
        for (int i = 0; i < MAX_ORDER; i++) { // oldest first, then the future
            float value = history.ago(MAX_ORDER - 1 - i);
            path[i] = !Float.isNaN(value) ? value - mean : 0;
        }
        for (int i = MAX_ORDER; i < path.length; i++) {
            float next = 0;
            for (int j = 0; j < order; j++) {
                next += coefficients[j] * path[i - 1 - j];
            }
            path[i] = next;
        }
        for (int target = 0; target < targets.length; target++) {
            double sum = 0;
            for (int ahead = targets[target].from(); ahead <= targets[target].to(); ahead++) {
                sum += path[MAX_ORDER + ahead - 1];
            }
            points[target] = history.bounds().clip((float) (mean + sum / targets[target].span()));
        }
    }
}
