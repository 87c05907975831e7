package io.novacron.inference.ensemble;

import java.util.Arrays;

/// What similar series share: how well each member does compared with the others, and how wide
/// intervals must be. A series without history starts from here.
///
/// Changed by one thread between rounds, read by many during a round.
public final class Pool {
    private static final float LOSS_MEMORY_ROUNDS = 200;
    private static final float LATE_ROUNDS = 7.5f;
    private static final float MAX_LOG_WIDTH = 1.4f; // four times as wide, or a quarter

    private final int members;
    private final float poolRate;
    private final float[] lossSums;
    private final float[] lossCounts;
    private final float[] logWidths;
    private final float[] roundSums;
    private final float[] roundCounts;
    private final float[] roundMisses;
    private final float[] roundOutcomes;
    private final float[] roundDepths;

    /// @param rows of losses, one for each band and part of the levels
    Pool(int targets, int rows, int members, float poolRate) {
        this.members = members;
        this.poolRate = poolRate;
        this.lossSums = new float[rows * members];
        this.lossCounts = new float[rows * members];
        this.roundSums = new float[rows * members];
        this.roundCounts = new float[rows * members];
        this.logWidths = new float[targets * 2];
        this.roundMisses = new float[targets * 2];
        this.roundOutcomes = new float[targets];
        this.roundDepths = new float[targets];
    }

    /// Mean loss of a member relative to the mean of all members, 1 while nothing is known.
    float relativeLoss(int row, int member) {
        int at = row * members + member;
        return lossCounts[at] > 0 ? lossSums[at] / lossCounts[at] : 1;
    }

    float logWidth(int target, int side) {
        return logWidths[target * 2 + side];
    }

    /// A series tells how its members did lately.
    void tellLoss(int row, int member, float relative) {
        roundSums[row * members + member] += relative;
        roundCounts[row * members + member]++;
    }

    /// A series tells of outcomes: how many there were, and how many lay below and above. `depth`
    /// forecasts have been made since the one that was judged.
    void tellOutcomes(int target, int outcomes, int below, int above, int depth) {
        roundDepths[target] = Math.max(roundDepths[target], depth);
        roundOutcomes[target] += outcomes;
        roundMisses[target * 2] += below;
        roundMisses[target * 2 + 1] += above;
    }

    /// Takes in what the series told in this round.
    void endRound() {
        float keep = 1 - 1 / LOSS_MEMORY_ROUNDS;
        for (int i = 0; i < lossSums.length; i++) {
            if (roundCounts[i] > 0) {
                lossSums[i] = keep * lossSums[i] + roundSums[i];
                lossCounts[i] = keep * lossCounts[i] + roundCounts[i];
            }
        }
        for (int target = 0; target < roundOutcomes.length; target++) {
            float outcomes = roundOutcomes[target];
            if (outcomes > 0) {
                // few outcomes say little, a round of 20 counts half; and late ones must move the
                // width slowly, or it would swing: it is corrected again before the effect is seen
                float patience = Math.min(1, LATE_ROUNDS / (1 + roundDepths[target]));
                float rate = poolRate * patience * outcomes / (outcomes + 20);
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
        Arrays.fill(roundDepths, 0);
    }
}
