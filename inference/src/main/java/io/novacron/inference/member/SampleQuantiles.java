package io.novacron.inference.member;

import java.util.Arrays;

/// Quantiles .1 to .9 of a sample by linear interpolation between order statistics.
public final class SampleQuantiles {
    private SampleQuantiles() {}

    /// Sorts the first `count` (at least one) of `sample` and writes its nine quantiles.
    public static void write(float[] sample, int count, float[] out, int offset) {
        Arrays.sort(sample, 0, count);
        for (int level = 0; level < Member.LEVELS; level++) {
            float at = (level + 1) * (count - 1) / 10f;
            int below = (int) at;
            int above = Math.min(below + 1, count - 1);
            float low = sample[below];
            float high = sample[above];
            out[offset + level] = Math.min(high, low + (at - below) * (high - low));
        }
    }

    /// Nothing can be said: nine times NaN.
    public static void unknown(float[] out, int offset) {
        Arrays.fill(out, offset, offset + Member.LEVELS, Float.NaN);
    }
}
