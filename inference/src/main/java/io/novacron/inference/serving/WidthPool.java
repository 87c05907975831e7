package io.novacron.inference.serving;

import java.util.Arrays;

/// How much wider the intervals of all series must be so that a tenth of outcomes lies beyond each
/// end: split conformal calibration (Vovk; Romano et al. 2019) over the pool.
///
/// Each outcome tells how many times as wide its side would have had to be. The .9 quantile of
/// those is the factor. Unlike a width that is nudged by misses it does not swing where outcomes
/// come late, and it is right as soon as there are outcomes: a day ahead that is after a replay of
/// the past, not after days.
///
/// ```text
///  counts[(target × 2 + side) × BINS + bin]   bins by logarithm, the first: no wider than least
/// ```
///
/// Changed between rounds only, so that series of one round do not depend on their order.
final class WidthPool {
    private static final float MAX_LOG = 1.4f; // four times as wide, or a quarter
    private static final float STEP = .05f;
    private static final int BINS = Math.round(2 * MAX_LOG / STEP) + 2;
    private static final float BEYOND = .1f;
    private static final float PRIOR = 20; // outcomes as if the width were right
    private static final float ROUNDS = 288;

    private final int targets;
    private final int kept;
    private final float[] counts;
    private final float[] totals;
    private final float[] roundCounts;
    private final float[] logWidths; // of now
    private final float[] before; // by step modulo what is kept
    private final int[] beforeSteps;

    /// @param kept how many steps back an outcome's forecast may lie
    WidthPool(int targets, int kept) {
        this.targets = targets;
        this.kept = kept + 1;
        this.counts = new float[targets * 2 * BINS];
        this.totals = new float[targets * 2];
        this.roundCounts = new float[counts.length];
        this.logWidths = new float[targets * 2];
        this.before = new float[this.kept * targets * 2];
        this.beforeSteps = new int[this.kept];
        Arrays.fill(beforeSteps, Integer.MIN_VALUE);
    }

    /// Forecasts are made at this step, with the widths of now.
    void begin(int step) {
        int at = Math.floorMod(step, kept);
        if (beforeSteps[at] != step) {
            beforeSteps[at] = step;
            System.arraycopy(logWidths, 0, before, at * targets * 2, targets * 2);
        }
    }

    /// Logarithm of the factor of a side: 0 below the median, 1 above.
    float logWidth(int target, int side) {
        return logWidths[target * 2 + side];
    }

    /// What [#logWidth] was for forecasts made at `step`; NaN when that is not known any more.
    float logWidthAt(int step, int target, int side) {
        int at = Math.floorMod(step, kept);
        return beforeSteps[at] == step ? before[at * targets * 2 + target * 2 + side] : Float.NaN;
    }

    /// Takes in one outcome.
    ///
    /// @param low, middle, high what was forecast, with the factors `logBelow` and `logAbove`
    void tell(
            int target,
            float low,
            float middle,
            float high,
            float logBelow,
            float logAbove,
            float outcome) {
        add(target * 2, middle - outcome, middle - low, logBelow);
        add(target * 2 + 1, outcome - middle, high - middle, logAbove);
    }

    private void add(int at, float distance, float end, float logWidth) {
        if (Float.isNaN(logWidth) || Float.isNaN(distance) || Float.isNaN(end)) {
            return;
        }
        int bin;
        if (!(distance > 0)) {
            bin = 0;
        } else if (!(end > 0)) {
            bin = BINS - 1;
        } else {
            double needed = Math.log((double) distance / end) + logWidth;
            bin = (int) Math.clamp(1 + (needed + MAX_LOG) / STEP, 0, BINS - 1);
        }
        roundCounts[at * BINS + bin]++;
    }

    /// Takes in what was told since the last call.
    void endRound() {
        for (int side = 0; side < targets * 2; side++) {
            float told = 0;
            for (int bin = 0; bin < BINS; bin++) {
                told += roundCounts[side * BINS + bin];
            }
            if (told > 0) {
                float keep = 1 - 1 / ROUNDS;
                totals[side] = totals[side] * keep + told;
                for (int bin = 0; bin < BINS; bin++) {
                    int at = side * BINS + bin;
                    counts[at] = counts[at] * keep + roundCounts[at];
                }
                logWidths[side] = wanted(side);
            }
        }
        Arrays.fill(roundCounts, 0);
    }

    /// The width beyond which a tenth of what was told lies, with some that say it is right as it
    /// was made.
    private float wanted(int side) {
        float left = BEYOND * (totals[side] + PRIOR);
        float beyond = 0;
        for (int bin = BINS - 1; bin > 0; bin--) {
            float lower = -MAX_LOG + (bin - 1) * STEP;
            float more = counts[side * BINS + bin];
            // the prior's tenth lies beyond 0
            float prior = lower <= 0 && lower + STEP > 0 ? BEYOND * PRIOR : 0;
            if (beyond + more + prior > left) {
                float share = more + prior > 0 ? (left - beyond) / (more + prior) : 0;
                return Math.clamp(lower + STEP * (1 - share), -MAX_LOG, MAX_LOG);
            }
            beyond += more + prior;
        }
        return -MAX_LOG;
    }
}
