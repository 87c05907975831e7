package io.novacron.inference.member;

import java.util.Arrays;

/// Additive Holt-Winters with a damped trend and a daily season, several settings side by side; for
/// each target the setting that was best of late answers (Gardner 2006 on damping).
///
/// A gap advances level and trend without correction. The season starts as the deviation of the
/// first day from its running level and counts from the second day on.
final class HoltWinters extends PointMember {
    private static final float[] ALPHA = {.03f, .1f, .3f, .6f, .9f, .03f, .1f, .3f, .6f, .9f};
    private static final float[] GAMMA = {0, 0, 0, 0, 0, .15f, .15f, .15f, .15f, .15f};
    private static final float BETA = .04f;
    private static final float PHI = .9f;
    private static final int SETTINGS = ALPHA.length;

    private final int day;
    private final float[] level = new float[SETTINGS];
    private final float[] trend = new float[SETTINGS];
    private final float[] season;
    private final boolean[] seen;
    private int phase;
    private int count;

    HoltWinters(History history, Target[] targets) {
        super("holt-winters", history, targets, SETTINGS);
        this.day = history.stepsPerDay();
        this.season = new float[SETTINGS / 2 * day];
        this.seen = new boolean[day];
        Arrays.fill(level, Float.NaN);
    }

    @Override
    public void update() {
        phase = (int) (history.steps() % day);
        float value = history.ago(0);
        if (Float.isNaN(value)) {
            for (int i = 0; i < SETTINGS; i++) {
                level[i] += trend[i] * PHI;
                trend[i] *= PHI;
            }
            return;
        }
        count = Math.min(count + 1, 1_000_000);
        for (int i = 0; i < SETTINGS; i++) {
            if (count == 1) {
                level[i] = value;
                continue;
            }
            float alpha = Math.max(ALPHA[i], 1f / count);
            boolean seasonal = GAMMA[i] > 0;
            int slot = (i - SETTINGS / 2) * day + phase;
            float seasonal0 = seasonal && seen[phase] ? season[slot] : 0;
            float expected = level[i] + PHI * trend[i] + seasonal0;
            float error = value - expected;
            float before = level[i];
            level[i] = before + PHI * trend[i] + alpha * error;
            if (seasonal) {
                season[slot] =
                        seen[phase]
                                ? season[slot] + GAMMA[i] * (1 - alpha) * error
                                : .5f * (value - level[i]);
            } else {
                trend[i] = PHI * trend[i] + alpha * BETA * error;
            }
        }
        seen[phase] = true;
    }

    @Override
    void points(float[] points) {
        for (int target = 0; target < targets.length; target++) {
            int from = targets[target].from();
            int to = targets[target].to();
            for (int i = 0; i < SETTINGS; i++) {
                double sum = 0;
                double damping = Math.pow(PHI, from - 1.0);
                for (int ahead = from; ahead <= to; ahead++) {
                    damping *= PHI;
                    double reach = PHI * (1 - damping) / (1 - PHI); // φ + φ² + … + φ^ahead
                    sum += level[i] + trend[i] * reach;
                    if (GAMMA[i] > 0) {
                        int at = (phase + ahead) % day;
                        sum += seen[at] ? season[(i - SETTINGS / 2) * day + at] : 0;
                    }
                }
                points[target * SETTINGS + i] =
                        history.bounds().clip((float) (sum / (to - from + 1)));
            }
        }
    }
}
