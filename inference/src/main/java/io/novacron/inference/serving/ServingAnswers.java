package io.novacron.inference.serving;

import io.novacron.inference.FallbackReason;
import io.novacron.inference.Quantiles;
import java.util.Arrays;

/// What a [ServingEnsemble] answered for one chunk of slots; reused from call to call.
public final class ServingAnswers {
    private final int targets;
    float[] quantiles = new float[0];
    byte[] reasons = new byte[0];
    byte[] stackReasons = new byte[0];
    boolean[] far = new boolean[0];
    float[] confidences = new float[0];
    int[] sizes = new int[0];
    int count;

    public ServingAnswers(int targets) {
        this.targets = targets;
    }

    void reset(int newCount) {
        if (reasons.length < newCount) {
            quantiles = new float[newCount * targets * Quantiles.COUNT];
            reasons = new byte[newCount];
            stackReasons = new byte[newCount];
            far = new boolean[newCount];
            confidences = new float[newCount];
            sizes = new int[newCount];
        }
        count = newCount;
        Arrays.fill(quantiles, Float.NaN);
        Arrays.fill(reasons, FallbackReason.ALL_MISSING.code());
        Arrays.fill(stackReasons, FallbackReason.NONE.code());
        Arrays.fill(far, false);
        Arrays.fill(confidences, Float.NaN);
        Arrays.fill(sizes, 0);
    }

    /// [FallbackReason#NONE] where the ensemble answered; else why a simpler model must.
    public FallbackReason reason(int index) {
        return FallbackReason.of(reasons[index]);
    }

    /// Why the stacked model had no part in the answer, or [FallbackReason#NONE].
    public FallbackReason stackReason(int index) {
        return FallbackReason.of(stackReasons[index]);
    }

    public boolean isAnswered(int index) {
        return reasons[index] == FallbackReason.NONE.code();
    }

    /// Whether the far targets were asked this time; where not, those of before still hold.
    public boolean hasFar(int index) {
        return far[index];
    }

    public float quantile(int index, int target, int level) {
        return quantiles[(index * targets + target) * Quantiles.COUNT + level];
    }

    /// How far a decision may rest on the forecasts of the series, 0 to 1: the smoothed share of
    /// lately judged near targets that the median met within the tolerance, times the share of the
    /// last day that is not missing. NaN before anything was judged.
    public float confidence(int index) {
        return confidences[index];
    }

    /// Steps since the first value in the window.
    public int size(int index) {
        return sizes[index];
    }
}
