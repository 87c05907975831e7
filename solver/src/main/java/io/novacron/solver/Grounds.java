package io.novacron.solver;

import java.util.List;
import java.util.OptionalDouble;

/// What every answer carries.
///
/// @param confidence probability, under the forecasts given, that the answer does what it claims:
///   the trouble it removes would have come, and it makes none of its own. Scaled down where a
///   forecast is missing or the action is known to be unreliable. In `[0, 1]`
/// @param reasons in order of weight
/// @param cost what it takes, each figure with its unit; empty when it takes nothing
/// @param benefit what it brings
public record Grounds(
        double confidence, List<Reason> reasons, List<Figure> cost, List<Figure> benefit) {
    public Grounds {
        if (!(confidence >= 0 && confidence <= 1)) {
            throw new IllegalArgumentException(
                    "confidence=%s must be in [0, 1]".formatted(confidence));
        }
        reasons = List.copyOf(reasons);
        cost = List.copyOf(cost);
        benefit = List.copyOf(benefit);
    }

    /// A figure of the cost by name, e.g. [Figure#DOWNTIME].
    public OptionalDouble cost(String name) {
        return find(cost, name);
    }

    /// A figure of the benefit by name, e.g. [Figure#OVERLOAD_HOURS_AVOIDED].
    public OptionalDouble benefit(String name) {
        return find(benefit, name);
    }

    private static OptionalDouble find(List<Figure> figures, String name) {
        return figures.stream()
                .filter(figure -> figure.name().equals(name))
                .mapToDouble(Figure::value)
                .findFirst();
    }
}
