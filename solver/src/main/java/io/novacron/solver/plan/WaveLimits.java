package io.novacron.solver.plan;

import io.novacron.solver.Mistakes;

/// How many vms may move at a time.
///
/// @param movesPerHost of one wave, to and from any one host together
/// @param movesPerWave of one wave, in the whole fleet
public record WaveLimits(int movesPerHost, int movesPerWave) {
    private static final int LIMIT = 100_000;

    public static final WaveLimits DEFAULT = new WaveLimits(2, 64);

    public WaveLimits {
        new Mistakes("wave limits")
                .check(
                        movesPerHost >= 1 && movesPerHost <= LIMIT,
                        "movesPerHost=%s must be in [1, %s]. Maybe 2?",
                        movesPerHost,
                        LIMIT)
                .check(
                        movesPerWave >= 1 && movesPerWave <= LIMIT,
                        "movesPerWave=%s must be in [1, %s]. Maybe 64?",
                        movesPerWave,
                        LIMIT)
                .throwIfAny();
    }
}
