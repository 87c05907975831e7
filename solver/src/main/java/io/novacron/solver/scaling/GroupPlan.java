package io.novacron.solver.scaling;

import io.novacron.solver.Grounds;
import java.util.List;

/// What becomes of one group, also where that is nothing.
///
/// @param from members now, those being started included
/// @param to members that it should have from now on: more, fewer or as many
/// @param starts all that the forecast asks for up to its end, the first one first; those at 0 are
///   in `to`
/// @param grounds of `to`, its reasons in order of weight
/// @param factors what decided, each number with the limit that it was held against
/// @param alternatives what else was looked at
/// @param flips the smallest changes of one input that would have led to no scaling now
public record GroupPlan(
        String group,
        int from,
        int to,
        List<PlannedStart> starts,
        Grounds grounds,
        List<Factor> factors,
        List<Alternative> alternatives,
        List<Flip> flips) {
    public GroupPlan {
        starts = List.copyOf(starts);
        factors = List.copyOf(factors);
        alternatives = List.copyOf(alternatives);
        flips = List.copyOf(flips);
    }

    /// @param limit what the value is held against
    public record Factor(String name, double value, double limit, String unit, String text) {}

    /// @param lostBy how much worse that is than what was chosen, or than a limit
    public record Alternative(String what, double value, double lostBy, String unit, String text) {}

    /// @param from what the input is
    /// @param to what it would have to be
    public record Flip(String input, double from, double to, String unit, String text) {}

    /// Whether anything is to be done now.
    public boolean scales() {
        return to != from;
    }

    /// Starts that a limit makes late.
    public long late() {
        return starts.stream().filter(PlannedStart::isLate).count();
    }
}
