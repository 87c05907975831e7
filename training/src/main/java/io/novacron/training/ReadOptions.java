package io.novacron.training;

/// What to read of a folder of traces.
///
/// @param stepSeconds length of a step where the folder does not say it; of a Parquet history the
///   grid
/// @param startTimeMs time of the first value where the folder does not say it
/// @param maxEntities of each metric, at most
/// @param days of a Parquet history: how many of its last ones
public record ReadOptions(int stepSeconds, long startTimeMs, int maxEntities, int days) {
    /// Four weeks: what an ensemble looks back on.
    public static final int DEFAULT_DAYS = 28;

    /// All that anybody has.
    public static final int MAX_DAYS = 3_660;

    private static final int DAY_SECONDS = 86_400;

    /// @throws IllegalArgumentException naming the option that is out of its range
    public ReadOptions {
        check(
                stepSeconds > 0 && stepSeconds <= DAY_SECONDS,
                "--step-seconds=%d must be in [1, 86400]",
                stepSeconds);
        check(maxEntities > 0, "--max-entities=%d must be positive", maxEntities);
        check(days > 0 && days <= MAX_DAYS, "--days=%d must be in [1, 3660]", days);
    }

    private static void check(boolean holds, String message, int value) {
        if (!holds) {
            throw new IllegalArgumentException(message.formatted(value));
        }
    }
}
