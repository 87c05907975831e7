package io.novacron.inference.member;

import java.util.Arrays;

/// Exponentially weighted means with several memories; the memory that was best of late answers.
/// Young means are plain means: the weight of a new value is at least `1 / count`.
final class Ewma extends PointMember {
    static final float[] WEIGHTS = {.01f, .03f, .08f, .16f, .3f, .5f, .75f};

    private final float[] levels = new float[WEIGHTS.length];
    private int count;

    Ewma(History history, Target[] targets) {
        super("ewma", history, targets, WEIGHTS.length);
        Arrays.fill(levels, Float.NaN);
    }

    @Override
    public void update() {
        float value = history.ago(0);
        if (Float.isNaN(value)) {
            return;
        }
        count = Math.min(count + 1, 1_000_000);
        for (int i = 0; i < WEIGHTS.length; i++) {
            float weight = Math.max(WEIGHTS[i], 1f / count);
            levels[i] = count == 1 ? value : levels[i] + weight * (value - levels[i]);
        }
    }

    @Override
    void points(float[] points) {
        for (int target = 0; target < targets.length; target++) {
            System.arraycopy(levels, 0, points, target * WEIGHTS.length, WEIGHTS.length);
        }
    }
}
