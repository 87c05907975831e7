package io.novacron.solver.scaling;

import io.novacron.solver.Mistakes;

/// How a group is scaled.
///
/// @param targetUtilisation of its members' capacity that demand may take, in (0, 1]
/// @param quantile of forecast demand that is served at that utilisation, in [0.5, 1)
/// @param leadSeconds from the start of a member until it serves
/// @param outCoolDownSeconds least time between two times that members are started; at most
///   [Pace#intervalSeconds]
/// @param inCoolDownSeconds least time from any scaling until members are removed
/// @param stabilisationSeconds for so long before and after now the fewer members must suffice
/// @param hysteresis share of the target below which demand must stay for members to be removed, in
///   [0, 0.5]: 0.1 with a target of 0.7 removes down to 0.63
/// @param mostAdded members started in one interval of the [Pace]
/// @param mostRemoved members removed at one time
public record ScalingPolicy(
        double targetUtilisation,
        double quantile,
        int leadSeconds,
        int outCoolDownSeconds,
        int inCoolDownSeconds,
        int stabilisationSeconds,
        double hysteresis,
        int mostAdded,
        int mostRemoved) {
    public static final ScalingPolicy DEFAULT =
            new ScalingPolicy(0.7, 0.9, 180, 120, 900, 900, 0.1, 10, 2);

    private static final int DAY_SECONDS = 86_400;

    public ScalingPolicy {
        new Mistakes("scaling policy")
                .check(
                        targetUtilisation > 0 && targetUtilisation <= 1,
                        "targetUtilisation=%s must be in (0, 1]. Maybe percents were given?",
                        targetUtilisation)
                .check(
                        quantile >= 0.5 && quantile < 1,
                        "quantile=%s must be in [0.5, 1). Maybe 0.9?",
                        quantile)
                .check(
                        leadSeconds >= 0 && leadSeconds <= DAY_SECONDS,
                        "leadSeconds=%s must be in [0, %s]. Maybe milliseconds were given?",
                        leadSeconds,
                        DAY_SECONDS)
                .check(
                        outCoolDownSeconds >= 0 && outCoolDownSeconds <= DAY_SECONDS,
                        "outCoolDownSeconds=%s must be in [0, %s]. Maybe 120?",
                        outCoolDownSeconds,
                        DAY_SECONDS)
                .check(
                        inCoolDownSeconds >= 0 && inCoolDownSeconds <= DAY_SECONDS,
                        "inCoolDownSeconds=%s must be in [0, %s]. Maybe 900?",
                        inCoolDownSeconds,
                        DAY_SECONDS)
                .check(
                        stabilisationSeconds >= 0 && stabilisationSeconds <= DAY_SECONDS,
                        "stabilisationSeconds=%s must be in [0, %s]. Maybe 900?",
                        stabilisationSeconds,
                        DAY_SECONDS)
                .check(
                        hysteresis >= 0 && hysteresis <= 0.5,
                        "hysteresis=%s must be in [0, 0.5]. Maybe 0.1?",
                        hysteresis)
                .check(mostAdded >= 1, "mostAdded=%s must be at least 1. Maybe 10?", mostAdded)
                .check(mostRemoved >= 1, "mostRemoved=%s must be at least 1. Maybe 2?", mostRemoved)
                .throwIfAny();
    }
}
