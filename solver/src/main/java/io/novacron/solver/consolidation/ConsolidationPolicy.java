package io.novacron.solver.consolidation;

/// How a [Consolidator] weighs energy against want. One frozen setting serves all days.
///
/// Fullness is judged by the *overflow share*: the MIPS that hosts are expected to lack in an
/// interval, before anything is done about it, as a share of what is asked for. Most of it never
/// goes unserved, for overloaded hosts are relieved within the interval.
///
/// @param packOverflow the share to aim at in the first packing
/// @param shrinkOverflow a host is emptied while the share stays at or below this afterwards
/// @param growOverflow a host is switched on when the share rises above this; the distance from
///   `shrinkOverflow` is the hysteresis
/// @param weight of the newest sample in the averages of demand, once there are enough
/// @param usualShare of its MIPS that a vm of which nothing is known asks for
/// @param noise the standard deviation of a vm's share is about this times the root of its mean
/// @param movesPerHost migrations earned by each active host in an interval
/// @param movesKept the most that can be saved up
/// @param movesOwed how far opening a host may overdraw
/// @param horizon intervals for which the lasting effect of a relief counts
/// @param fill of a newly opened host, as a share of the average of the others
/// @param tolerance how much faster than a core a vm may be sold and still go there, if it is
///   expected to ask for less
/// @param toleranceSigmas how far from the mean that expectation reaches
/// @param movesPerVm in all, where memory counts; elsewhere only the earned moves limit it
public record ConsolidationPolicy(
        double packOverflow,
        double shrinkOverflow,
        double growOverflow,
        double weight,
        double usualShare,
        double noise,
        double movesPerHost,
        double movesKept,
        double movesOwed,
        double horizon,
        double fill,
        double tolerance,
        double toleranceSigmas,
        int movesPerVm) {

    /// Chosen for steadiness over seven PlanetLab days, not for the best of any.
    public static final ConsolidationPolicy DEFAULT =
            new ConsolidationPolicy(
                    0.006, 0.003, 0.0045, 0.12, 0.13, 0.25, 0.2, 40, 20, 3, 0.9, 0.1, 3, 1);

    public ConsolidationPolicy {
        positive("packOverflow", packOverflow);
        positive("shrinkOverflow", shrinkOverflow);
        positive("growOverflow", growOverflow);
        positive("weight", weight);
        positive("usualShare", usualShare);
        positive("noise", noise);
        positive("movesPerHost", movesPerHost);
        positive("movesKept", movesKept);
        positive("horizon", horizon);
        positive("fill", fill);
        positive("movesPerVm", movesPerVm);
        check(
                shrinkOverflow < growOverflow,
                "shrinkOverflow=%s must be less than growOverflow=%s, or hosts are switched off and on in turns",
                shrinkOverflow,
                growOverflow);
        check(
                weight <= 1 && usualShare <= 1 && fill <= 1,
                "weight=%s, usualShare=%s and fill=%s must be at most 1",
                weight,
                usualShare,
                fill);
        check(
                movesOwed >= 0 && tolerance >= 0 && toleranceSigmas >= 0,
                "movesOwed=%s, tolerance=%s and toleranceSigmas=%s must not be negative",
                movesOwed,
                tolerance,
                toleranceSigmas);
    }

    private static void positive(String name, double value) {
        check(
                value > 0 && Double.isFinite(value),
                "%s=%s must be positive and finite",
                name,
                value);
    }

    private static void check(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new IllegalArgumentException(message.formatted(values));
        }
    }
}
