package io.novacron.inference.serving;

import java.util.Arrays;

/// What similar series share: how well each speaker does compared with the others, by group and by
/// all, and how wide intervals must be. A series without outcomes of its own starts from here.
///
/// Changed between rounds only, so that series of one round do not depend on their order.
final class GroupPool {
    private static final float ROUNDS = 200;
    private static final float GROUP_PRIOR = 50;
    private static final float LATE_ROUNDS = 7.5f;
    private static final float POOL_RATE = .4f;
    private static final float MAX_LOG_WIDTH = 1.4f;

    private final int groups;
    private final int targets;
    private final float[] sums; // [group + 1][band][speaker], the last group is all
    private final float[] counts;
    private final float[] roundSums;
    private final float[] roundCounts;
    private final float[] logWidths; // [target][side]
    private final float[] roundMisses;
    private final float[] roundOutcomes;
    private final int[] reaches;

    GroupPool(int groups, int[] targets) {
        this.groups = groups;
        this.targets = targets.length;
        this.reaches = targets.clone();
        int cells = (groups + 1) * ServingConfig.BANDS * Layout.SPEAKERS;
        this.sums = new float[cells];
        this.counts = new float[cells];
        this.roundSums = new float[cells];
        this.roundCounts = new float[cells];
        this.logWidths = new float[targets.length * 2];
        this.roundMisses = new float[targets.length * 2];
        this.roundOutcomes = new float[targets.length];
    }

    private static int at(int group, int band, int speaker) {
        return (group * ServingConfig.BANDS + band) * Layout.SPEAKERS + speaker;
    }

    /// Loss of a speaker relative to the mean of all, 1 while nothing is known.
    float relativeLoss(int group, int band, int speaker) {
        int own = at(group, band, speaker);
        int all = at(groups, band, speaker);
        float general = counts[all] > 0 ? sums[all] / counts[all] : 1;
        return (sums[own] + GROUP_PRIOR * general) / (counts[own] + GROUP_PRIOR);
    }

    float logWidth(int target, int side) {
        return logWidths[target * 2 + side];
    }

    void tellLoss(int group, int band, int speaker, float relative) {
        for (int one : new int[] {at(group, band, speaker), at(groups, band, speaker)}) {
            roundSums[one] += relative;
            roundCounts[one]++;
        }
    }

    void tellOutcome(int target, boolean below, boolean above) {
        roundOutcomes[target]++;
        roundMisses[target * 2] += below ? 1 : 0;
        roundMisses[target * 2 + 1] += above ? 1 : 0;
    }

    /// Takes in what was told since the last call.
    void endRound() {
        float keep = 1 - 1 / ROUNDS;
        for (int i = 0; i < sums.length; i++) {
            if (roundCounts[i] > 0) {
                sums[i] = keep * sums[i] + roundSums[i];
                counts[i] = keep * counts[i] + roundCounts[i];
            }
        }
        for (int target = 0; target < targets; target++) {
            float outcomes = roundOutcomes[target];
            if (outcomes > 0) {
                // late outcomes must move the width slowly, or it would swing
                float patience = Math.min(1, LATE_ROUNDS / (1 + reaches[target]));
                float rate = POOL_RATE * patience * outcomes / (outcomes + 20);
                for (int side = 0; side < 2; side++) {
                    float miss = roundMisses[target * 2 + side] / outcomes;
                    float moved = logWidths[target * 2 + side] + rate * (miss - .1f);
                    logWidths[target * 2 + side] = Math.clamp(moved, -MAX_LOG_WIDTH, MAX_LOG_WIDTH);
                }
            }
        }
        Arrays.fill(roundSums, 0);
        Arrays.fill(roundCounts, 0);
        Arrays.fill(roundMisses, 0);
        Arrays.fill(roundOutcomes, 0);
    }
}
