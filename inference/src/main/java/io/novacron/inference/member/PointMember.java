package io.novacron.inference.member;

import java.util.Arrays;

/// A member that forecasts points, with one or more variants of itself. The variant that was best
/// of late answers for each target, and its past errors give the spread around the point.
abstract class PointMember implements Member {
    private static final int RESIDUALS = 64;
    private static final int ENOUGH_RESIDUALS = 12;
    private static final int RECENT_VALUES = 48;
    private static final int ENOUGH_VALUES = 6;
    private static final float LOSS_DECAY = .98f;
    private static final float[] NORMAL = {
        -1.2816f, -.8416f, -.5244f, -.2533f, 0, .2533f, .5244f, .8416f, 1.2816f
    };

    final History history;
    final Target[] targets;
    private final String name;
    private final int variants;
    private final float[] losses;
    private final float[] residuals;
    private final int[] residualCounts;
    private final float[] sample = new float[RESIDUALS + NORMAL.length];
    private final float[] points;
    private final float[] recent = new float[RECENT_VALUES];

    PointMember(String name, History history, Target[] targets, int variants) {
        this.name = name;
        this.history = history;
        this.targets = targets;
        this.variants = variants;
        this.losses = new float[targets.length * variants];
        this.residuals = new float[targets.length * RESIDUALS];
        this.residualCounts = new int[targets.length];
        this.points = new float[targets.length * variants];
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final int noteLength() {
        return variants;
    }

    /// Writes `points[target * variants + variant]`, NaN where nothing can be said.
    abstract void points(float[] points);

    @Override
    public void update() {}

    @Override
    public final void forecast(float[] quantiles, int offset, float[] notes, int noteOffset) {
        points(points);
        System.arraycopy(points, 0, notes, noteOffset, points.length);
        for (int target = 0; target < targets.length; target++) {
            float point = points[target * variants + best(target)];
            int at = offset + target * LEVELS;
            if (Float.isFinite(point)) {
                spread(target, point, quantiles, at);
            } else {
                SampleQuantiles.unknown(quantiles, at);
            }
        }
    }

    private int best(int target) {
        int best = 0;
        for (int variant = 1; variant < variants; variant++) {
            if (losses[target * variants + variant] < losses[target * variants + best]) {
                best = variant;
            }
        }
        return best;
    }

    private void spread(int target, float point, float[] quantiles, int at) {
        int count = Math.min(residualCounts[target], RESIDUALS);
        System.arraycopy(residuals, target * RESIDUALS, sample, 0, count);
        if (count < ENOUGH_RESIDUALS) {
            float deviation = youngDeviation(point);
            for (float normal : NORMAL) {
                sample[count++] = normal * deviation;
            }
        }
        SampleQuantiles.write(sample, count, quantiles, at);
        float middle = quantiles[at + MEDIAN];
        for (int level = 0; level < LEVELS; level++) {
            quantiles[at + level] = history.bounds().clip(point + (quantiles[at + level] - middle));
        }
    }

    /// What errors to expect while there are hardly any: as much as the newest values vary, or
    /// where there are only a few, a quarter of the level.
    private float youngDeviation(float point) {
        int count = history.valid(recent.length, recent);
        if (count < ENOUGH_VALUES) {
            return Math.max(history.unit(), Math.abs(point) / 4);
        }
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            sum += recent[i];
            squares += (double) recent[i] * recent[i];
        }
        double variance = squares / count - sum / count * (sum / count);
        return Math.max(.02f * history.unit(), (float) Math.sqrt(Math.max(0, variance)));
    }

    @Override
    public final void learn(int target, float[] notes, int offset, float outcome) {
        float point = notes[offset + best(target)];
        if (Float.isFinite(point)) {
            int slot = residualCounts[target]++ % RESIDUALS;
            residuals[target * RESIDUALS + slot] = outcome - point;
            if (residualCounts[target] == 2 * RESIDUALS) {
                residualCounts[target] = RESIDUALS; // same slot next, no overflow ever
            }
        }
        for (int variant = 0; variant < variants; variant++) {
            float variantPoint = notes[offset + variant];
            int at = target * variants + variant;
            float error = Float.isFinite(variantPoint) ? Math.abs(outcome - variantPoint) : 1e15f;
            losses[at] = LOSS_DECAY * losses[at] + error;
        }
    }

    /// Forgets errors, after a shift that made them worthless.
    final void forget() {
        Arrays.fill(losses, 0);
        Arrays.fill(residualCounts, 0);
    }
}
