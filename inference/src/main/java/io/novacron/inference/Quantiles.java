package io.novacron.inference;

import java.util.Arrays;

/// The fixed grid of quantile levels that every forecast carries, and the arithmetic on it.
public final class Quantiles {
    /// Number of levels.
    public static final int COUNT = 9;

    /// Index of the median.
    public static final int MEDIAN = 4;

    /// Index of the lower and upper end of the 80 % interval.
    public static final int LOW = 0;

    public static final int HIGH = COUNT - 1;

    private static final float[] LEVELS = {.1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f};

    /// Standard normal quantiles at [#LEVELS].
    private static final float[] NORMAL = {
        -1.2816f, -.8416f, -.5244f, -.2533f, 0, .2533f, .5244f, .8416f, 1.2816f
    };

    /// Below this many residuals a series' own past says too little, and a prior is mixed in.
    static final int ENOUGH_RESIDUALS = 20;

    private Quantiles() {}

    public static float level(int index) {
        return LEVELS[index];
    }

    /// Levels as a fresh array.
    public static float[] levels() {
        return LEVELS.clone();
    }

    /// Pinball loss of `forecast` at `level` when `actual` came: the proper score of a quantile.
    public static float pinball(float level, float forecast, float actual) {
        float error = actual - forecast;
        return error >= 0 ? level * error : (level - 1) * error;
    }

    /// Makes nine quantiles at `out[at]` ascend: the median stays, and from there outward none may
    /// fall back behind the one before.
    public static void ascendFromMedian(float[] out, int at) {
        for (int level = MEDIAN - 1; level >= 0; level--) {
            out[at + level] = Math.min(out[at + level], out[at + level + 1]);
        }
        for (int level = MEDIAN + 1; level < COUNT; level++) {
            out[at + level] = Math.max(out[at + level], out[at + level - 1]);
        }
    }

    /// Quantiles at the grid of the first `count` residuals (which this sorts), by linear
    /// interpolation between order statistics. With few residuals, nine draws from a normal of
    /// deviation `priorSpread` are added, so that a young series has an interval and not a point;
    /// the array must have room for them.
    static void ofResiduals(float[] residuals, int count, float priorSpread, float[] grid) {
        int size = count;
        if (size < ENOUGH_RESIDUALS) {
            for (float normal : NORMAL) {
                residuals[size++] = normal * priorSpread;
            }
        }
        Arrays.sort(residuals, 0, size);
        for (int level = 0; level < COUNT; level++) {
            float at = LEVELS[level] * (size - 1);
            int below = (int) at;
            int above = Math.min(below + 1, size - 1);
            grid[level] = between(residuals[below], residuals[above], at - below);
        }
    }

    /// Spreads quantiles at the ascending `levels` of a model to the grid by linear interpolation;
    /// outside the model's levels the end value is held. Both sides are sorted first: a model's
    /// quantiles may cross.
    static void toGrid(float[] modelLevels, float[] modelValues, float[] grid) {
        Arrays.sort(modelValues);
        int above = 0;
        for (int level = 0; level < COUNT; level++) {
            float wanted = LEVELS[level];
            while (above < modelLevels.length && modelLevels[above] < wanted - 1e-6f) {
                above++;
            }
            if (above == 0) {
                grid[level] = modelValues[0];
            } else if (above == modelLevels.length) {
                grid[level] = modelValues[above - 1];
            } else {
                float low = modelLevels[above - 1];
                float share = Math.min(1, (wanted - low) / (modelLevels[above] - low));
                grid[level] = between(modelValues[above - 1], modelValues[above], share);
            }
        }
    }

    /// Interpolates without leaving `[low, high]`, as rounding alone would.
    private static float between(float low, float high, float share) {
        return Math.min(high, low + share * (high - low));
    }
}
