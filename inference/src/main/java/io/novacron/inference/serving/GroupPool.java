package io.novacron.inference.serving;

import java.util.Arrays;

/// What similar series share: how well each speaker does compared with the others, by group and by
/// all. A series without outcomes of its own starts from here.
///
/// Changed between rounds only, so that series of one round do not depend on their order.
final class GroupPool {
    private static final float ROUNDS = 200;
    private static final float GROUP_PRIOR = 50;

    private final int groups;
    private final float[] sums; // [group + 1][band][speaker], the last group is all
    private final float[] counts;
    private final float[] roundSums;
    private final float[] roundCounts;

    GroupPool(int groups) {
        this.groups = groups;
        int cells = (groups + 1) * ServingConfig.BANDS * Layout.SPEAKERS;
        this.sums = new float[cells];
        this.counts = new float[cells];
        this.roundSums = new float[cells];
        this.roundCounts = new float[cells];
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

    void tellLoss(int group, int band, int speaker, float relative) {
        for (int one : new int[] {at(group, band, speaker), at(groups, band, speaker)}) {
            roundSums[one] += relative;
            roundCounts[one]++;
        }
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
        Arrays.fill(roundSums, 0);
        Arrays.fill(roundCounts, 0);
    }
}
