package io.novacron.solver.scaling;

import io.novacron.solver.Mistakes;

/// How fast members may be started, all groups together: what keeps a morning from starting
/// everything at once. Intervals are those of the clock: the first begins at time 0.
///
/// @param starts in one interval
/// @param everySeconds how often the scaler is asked: a start that falls due before the next time
///   is made now
public record Pace(int starts, int intervalSeconds, int everySeconds) {
    public static final Pace DEFAULT = new Pace(20, 300, 60);

    public Pace {
        new Mistakes("pace")
                .check(starts >= 1, "starts=%s must be at least 1. Maybe 20?", starts)
                .check(
                        intervalSeconds >= 1 && intervalSeconds <= 86_400,
                        "intervalSeconds=%s must be in [1, 86400]. Maybe 300?",
                        intervalSeconds)
                .check(
                        everySeconds >= 1 && everySeconds <= intervalSeconds,
                        "everySeconds=%s must be in [1, %s], an interval. Maybe 60?",
                        everySeconds,
                        intervalSeconds)
                .throwIfAny();
    }
}
