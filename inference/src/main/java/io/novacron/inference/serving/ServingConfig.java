package io.novacron.inference.serving;

import io.novacron.inference.Bounds;
import java.util.List;

/// What a [ServingEnsemble] forecasts.
///
/// @param bounds of the metric
/// @param unit a small but noticeable amount of the metric, such as 1 for CPU %
/// @param targets ascending steps ahead; those of more than [#NEAR_REACH] are asked less often
/// @param stepsPerDay 288 for steps of five minutes
/// @param window steps of history that the caller hands over, a whole number of days
public record ServingConfig(
        Bounds bounds, float unit, List<Integer> targets, int stepsPerDay, int window) {
    /// The longest target that is forecast at each step.
    public static final int NEAR_REACH = 12;

    private static final int MAX_TARGETS = 16;
    private static final int MAX_WINDOW = 1 << 14;
    private static final int MIN_STEPS_PER_DAY = 24;

    public ServingConfig {
        targets = List.copyOf(targets);
        if (!(unit > 0) || !Float.isFinite(unit)) {
            throw new IllegalArgumentException(
                    "unit=%s must be positive. Maybe 1, for a percentage?".formatted(unit));
        }
        int before = 0;
        for (int target : targets) {
            if (target <= before || target > stepsPerDay) {
                throw new IllegalArgumentException(
                        "targets=%s must be ascending steps of at most a day, %d. Maybe they are minutes?"
                                .formatted(targets, stepsPerDay));
            }
            before = target;
        }
        if (targets.isEmpty() || targets.size() > MAX_TARGETS) {
            throw new IllegalArgumentException(
                    "targets.size()=%d must be in [1, %d]".formatted(targets.size(), MAX_TARGETS));
        }
        if (stepsPerDay < MIN_STEPS_PER_DAY
                || window < 2 * stepsPerDay
                || window > MAX_WINDOW
                || window % stepsPerDay != 0) {
            throw new IllegalArgumentException(
                    ("window=%d must be two whole days of %d steps or more, at most %d;"
                                    + " stepsPerDay at least %d")
                            .formatted(window, stepsPerDay, MAX_WINDOW, MIN_STEPS_PER_DAY));
        }
    }

    /// A week of five-minute steps.
    public static ServingConfig ofFiveMinutes(Bounds bounds, float unit, List<Integer> targets) {
        return new ServingConfig(bounds, unit, targets, 288, 2_016);
    }

    /// How many of the targets are forecast at each step: they come first.
    int nearTargets() {
        return (int) targets.stream().filter(target -> target <= NEAR_REACH).count();
    }

    /// Targets of one band share their weights. Each target that the daemon forecasts has its own:
    /// 5, 15, 30 and 60 minutes, and what is farther. Who is best 5 minutes ahead is poor after 15.
    static int band(int target) {
        for (int band = 0; band < BANDS - 1; band++) {
            if (target <= BAND_ENDS[band]) {
                return band;
            }
        }
        return BANDS - 1;
    }

    private static final int[] BAND_ENDS = {1, 3, 6, NEAR_REACH};
    static final int BANDS = BAND_ENDS.length + 1;
}
