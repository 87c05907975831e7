package io.novacron.training;

/// What a training run is asked for.
///
/// @param seed of row drawing and of XGBoost
/// @param rows training rows
/// @param rounds boosting rounds, each one tree per quantile
/// @param depth of a tree
/// @param learningRate shrinkage of each round
public record TrainingOptions(long seed, int rows, int rounds, int depth, float learningRate) {
    public static final TrainingOptions DEFAULT = new TrainingOptions(1, 150_000, 80, 5, .12f);

    public TrainingOptions {
        if (rows < 1000 || rows > 5_000_000) {
            throw new IllegalArgumentException(
                    "rows=%d must be in [1000, 5000000]".formatted(rows));
        }
        if (rounds < 1 || rounds > 2000 || depth < 1 || depth > 12) {
            throw new IllegalArgumentException(
                    "rounds=%d must be in [1, 2000], depth=%d in [1, 12]".formatted(rounds, depth));
        }
        if (!(learningRate > 0 && learningRate <= 1)) {
            throw new IllegalArgumentException(
                    "learning-rate=%s must be in (0, 1]".formatted(learningRate));
        }
    }
}
