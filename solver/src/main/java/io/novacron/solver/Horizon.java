package io.novacron.solver;

import java.util.List;

/// How the demand forecasts of a problem are shaped, and how careful to be with them.
///
/// @param hours how far ahead the forecasts look
/// @param quantileLevels the grid on which every vm's peak demand over the horizon is given,
///   ascending
/// @param riskLevel the quantile at which a host's peak is judged, e.g. 0.95: a host may exceed its
///   safety level in one future out of twenty
/// @param scenarioCount joint futures given as paths; 0 when there are only quantiles
/// @param stepCount points on each path; 0 when there are only quantiles
public record Horizon(
        double hours,
        List<Double> quantileLevels,
        double riskLevel,
        int scenarioCount,
        int stepCount) {
    static final int QUANTILE_LEVEL_LIMIT = 32;
    static final int SCENARIO_LIMIT = 64;
    static final int STEP_LIMIT = 288;
    private static final double HOURS_LIMIT = 24.0 * 366;

    public Horizon {
        quantileLevels = List.copyOf(quantileLevels);
        var mistakes = new Mistakes("horizon");
        mistakes.check(
                hours > 0 && hours <= HOURS_LIMIT,
                "hours=%s must be in (0, %s]. Maybe seconds were given?",
                hours,
                HOURS_LIMIT);
        mistakes.check(
                !quantileLevels.isEmpty() && quantileLevels.size() <= QUANTILE_LEVEL_LIMIT,
                "quantileLevels has %s levels, it must have 1 to %s. Maybe 0.5, 0.9, 0.95?",
                quantileLevels.size(),
                QUANTILE_LEVEL_LIMIT);
        double previous = 0;
        for (double level : quantileLevels) {
            mistakes.check(
                    level > previous && level < 1,
                    "quantile level %s must be above %s and below 1. Maybe percents were given?",
                    level,
                    previous);
            previous = level;
        }
        mistakes.check(
                riskLevel > 0 && riskLevel < 1 && riskLevel <= previous,
                "riskLevel=%s must be in (0, %s], the highest quantile level. Maybe add a level?",
                riskLevel,
                previous);
        mistakes.check(
                scenarioCount >= 0 && scenarioCount <= SCENARIO_LIMIT,
                "scenarioCount=%s must be in [0, %s]. Maybe reduce the scenarios first?",
                scenarioCount,
                SCENARIO_LIMIT);
        mistakes.check(
                stepCount >= 0 && stepCount <= STEP_LIMIT,
                "stepCount=%s must be in [0, %s]. Maybe use coarser steps?",
                stepCount,
                STEP_LIMIT);
        mistakes.check(
                (scenarioCount == 0) == (stepCount == 0),
                "scenarioCount=%s and stepCount=%s must both be 0 or both positive. Maybe one was"
                        + " forgotten?",
                scenarioCount,
                stepCount);
        mistakes.throwIfAny();
    }

    /// Forecasts as quantiles of each vm's peak alone.
    public static Horizon ofQuantiles(double hours, double riskLevel, Double... quantileLevels) {
        return new Horizon(hours, List.of(quantileLevels), riskLevel, 0, 0);
    }

    /// The same, with joint scenario paths as well.
    public Horizon withScenarios(int scenarios, int steps) {
        return new Horizon(hours, quantileLevels, riskLevel, scenarios, steps);
    }

    boolean hasScenarios() {
        return scenarioCount > 0;
    }
}
