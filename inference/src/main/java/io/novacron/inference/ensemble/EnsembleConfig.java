package io.novacron.inference.ensemble;

import io.novacron.inference.Bounds;
import io.novacron.inference.member.History;
import io.novacron.inference.member.Target;
import java.util.List;

/// What an ensemble is about, and how fast it learns.
///
/// @param targets what every forecast is about
/// @param bands for each target the number of its band; targets of one band share their weights
/// @param bounds of the metric
/// @param unit a small but noticeable amount of the metric, such as 1 for CPU %
/// @param stepsPerDay 288 for steps of five minutes
/// @param lags how many past steps analogs look at
/// @param maxPending forecasts of a series that wait for their targets; more are not remembered
/// @param learning how fast weights and widths follow
public record EnsembleConfig(
        List<Target> targets,
        List<Integer> bands,
        Bounds bounds,
        float unit,
        int stepsPerDay,
        int lags,
        int maxPending,
        Learning learning) {

    /// Rates, chosen on folds of recorded data (ADR 0014).
    ///
    /// @param memorySteps time constant of losses, in steps
    /// @param sharpness how steeply weight falls with relative loss
    /// @param priorSteps how many steps of a series' own feedback weigh as much as the pool
    /// @param ownRate how far one miss of a series widens its own interval, as a logarithm
    /// @param poolRate how far a round in which all series missed would widen every interval
    public record Learning(
            float memorySteps, float sharpness, float priorSteps, float ownRate, float poolRate) {
        public static final Learning DEFAULT =
                new Learning(4_000, Mixing.SHARPNESS, 100, Mixing.OWN_RATE, .4f);

        public Learning {
            check("memorySteps", memorySteps, 1, 1e6f);
            check("sharpness", sharpness, 0, 1_000);
            check("priorSteps", priorSteps, 0, 1e6f);
            check("ownRate", ownRate, 0, 1);
            check("poolRate", poolRate, 0, 1);
        }

        private static void check(String name, float value, float min, float max) {
            if (!(value >= min && value <= max)) {
                throw new IllegalArgumentException(
                        "%s=%s must be in [%s, %s]".formatted(name, value, min, max));
            }
        }
    }

    private static final int MAX_TARGETS = 64;
    private static final int MAX_LAGS = 1 << 16;

    public EnsembleConfig {
        targets = List.copyOf(targets);
        bands = List.copyOf(bands);
        if (targets.isEmpty() || targets.size() > MAX_TARGETS || bands.size() != targets.size()) {
            throw new IllegalArgumentException(
                    "targets.size()=%d must be in [1, %d], bands.size()=%d the same"
                            .formatted(targets.size(), MAX_TARGETS, bands.size()));
        }
        if (lags < 2 * History.MEAN_SPAN || lags > MAX_LAGS || maxPending < 1) {
            throw new IllegalArgumentException(
                    "lags=%d must be in [%d, %d], maxPending=%d at least 1"
                            .formatted(lags, 2 * History.MEAN_SPAN, MAX_LAGS, maxPending));
        }
    }

    /// The farthest step of any target.
    public int reach() {
        return targets.stream().mapToInt(Target::to).max().orElse(1);
    }

    /// How many steps a series keeps: what analogs look at, and the way back to it.
    public int capacity() {
        return lags + reach() + History.MEAN_SPAN;
    }
}
