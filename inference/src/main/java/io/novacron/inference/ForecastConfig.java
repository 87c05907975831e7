package io.novacron.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Limits of a [ForecastService].
///
/// @param modelLimit time that one model may take in one call before the next simpler one takes
///   over
/// @param pauseCalls calls that a model sits out after it ran out of its time
/// @param backtestOrigins past origins that a backtest forecasts from
/// @param backtestStrideSteps steps between those origins
public record ForecastConfig(
        Duration modelLimit, int pauseCalls, int backtestOrigins, int backtestStrideSteps) {
    private static final Duration MAX_MODEL_LIMIT = Duration.ofMinutes(5);
    private static final int MAX_PAUSE_CALLS = 100_000;
    private static final int MAX_BACKTEST_ORIGINS = 64;
    private static final int MAX_STRIDE_STEPS = 10_000;

    public static final ForecastConfig DEFAULT =
            new ForecastConfig(Duration.ofSeconds(2), 40, 6, 12);

    public ForecastConfig {
        List<String> problems = new ArrayList<>();
        if (!modelLimit.isPositive() || modelLimit.compareTo(MAX_MODEL_LIMIT) > 0) {
            problems.add(
                    "model-limit=%s must be in (0, %s]. Maybe a unit is missing, e.g. 2s?"
                            .formatted(modelLimit, MAX_MODEL_LIMIT));
        }
        check(problems, "pause-calls", pauseCalls, 1, MAX_PAUSE_CALLS);
        check(problems, "backtest-origins", backtestOrigins, 0, MAX_BACKTEST_ORIGINS);
        check(problems, "backtest-stride-steps", backtestStrideSteps, 1, MAX_STRIDE_STEPS);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    private static void check(List<String> problems, String name, int value, int min, int max) {
        if (value < min || value > max) {
            problems.add("%s=%d must be in [%d, %d]".formatted(name, value, min, max));
        }
    }
}
