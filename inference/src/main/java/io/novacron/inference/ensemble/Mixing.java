package io.novacron.inference.ensemble;

import io.novacron.inference.Bounds;
import io.novacron.inference.Quantiles;

/// The arithmetic of mixing, the same for the ensemble that is evaluated and for the one that is
/// served: weights from losses, the stacked model's part, the width of intervals, drift.
public final class Mixing {
    /// How steeply a member's weight falls with its relative loss.
    public static final float SHARPNESS = 8;

    /// Of the unit: losses below are all the same.
    public static final float LOSS_FLOOR = .001f;

    /// How far one miss of a series widens its own interval, as a logarithm.
    public static final float OWN_RATE = .02f;

    private static final int LEVELS = Quantiles.COUNT;
    private static final float MAX_LOG_WIDTH = 1.1f;
    private static final float[] STACK_SHARE = {0, .25f, .5f, .75f, 1, .75f, .5f, .25f, 0};
    private static final float STACK_EXCESS = .5f; // loses half its share at so much more loss
    private static final float MISS = .1f; // beyond each end of an 80 % interval
    private static final float DRIFT_RATIO = 5;
    private static final int DRIFT_MIN_OUTCOMES = 24;
    private static final float FAST = .2f;
    private static final float SLOW = .01f;

    private Mixing() {}

    /// By how much a loss exceeds the least one, relative to that.
    ///
    /// @param floor below it losses are all the same
    public static float excess(float loss, float least, float floor) {
        return (loss - least) / (least + floor + 1e-6f);
    }

    /// The weight of a member whose loss exceeds the least one by `excess`.
    public static float weight(float excess, float sharpness) {
        return (float) Math.exp(-sharpness * excess) + 1e-12f;
    }

    /// How far the stacked model counts when its loss exceeds the least member's by `excess`.
    public static float trust(float excess) {
        float ratio = Math.max(0, excess) / STACK_EXCESS;
        return 1 / (1 + ratio * ratio);
    }

    /// Moves the middle of nine quantiles toward the stacked model's: wholly at the median where
    /// trust is 1, not at all at the ends, where it is too wide. They stay ascending.
    public static void addStacked(float[] stacked, int from, float trust, float[] out, int at) {
        for (int level = 0; level < LEVELS; level++) {
            float share = trust * STACK_SHARE[level];
            out[at + level] += share * (stacked[from + level] - out[at + level]);
        }
        Quantiles.ascendFromMedian(out, at);
    }

    /// Widens nine quantiles around their median.
    ///
    /// @param logBelow logarithm of the factor for those below
    /// @param logAbove the same for those above
    public static void stretch(float logBelow, float logAbove, Bounds bounds, float[] out, int at) {
        float middle = out[at + Quantiles.MEDIAN];
        float below = (float) Math.exp(logBelow);
        float above = (float) Math.exp(logAbove);
        for (int level = 0; level < LEVELS; level++) {
            float width = level < Quantiles.MEDIAN ? below : above;
            out[at + level] = bounds.clip(middle + width * (out[at + level] - middle));
        }
    }

    /// The own width of one side after an outcome: Gibbs & Candès (2021), a miss widens it, a hit
    /// narrows it by a ninth of that.
    public static float widened(float logWidth, boolean missed, float rate) {
        float moved = logWidth + rate * ((missed ? 1 : 0) - MISS);
        return Math.clamp(moved, -MAX_LOG_WIDTH, MAX_LOG_WIDTH);
    }

    /// The fast mean of losses after one more.
    ///
    /// @param count of losses with this one
    public static float fast(float mean, float loss, float count) {
        return mean + (loss - mean) * Math.max(FAST, 1 / count);
    }

    /// The slow mean of losses after one more.
    public static float slow(float mean, float loss, float count) {
        return mean + (loss - mean) * Math.max(SLOW, 1 / count);
    }

    /// Whether losses of late are several times what they used to be.
    ///
    /// @param unit of the metric
    public static boolean isDrift(float fast, float slow, float count, float unit) {
        return count >= DRIFT_MIN_OUTCOMES && fast > DRIFT_RATIO * slow + .1f * unit;
    }
}
