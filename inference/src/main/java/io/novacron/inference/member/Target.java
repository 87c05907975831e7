package io.novacron.inference.member;

/// What is forecast: the mean of the values `from` to `to` steps after the origin, both included. A
/// single step has `from == to`.
///
/// @param from first step ahead, at least 1
/// @param to last step ahead, at most [#MAX_STEPS]
public record Target(int from, int to) {
    /// Longest reach: a week of five-minute steps.
    public static final int MAX_STEPS = 2016;

    public Target {
        if (from < 1 || to < from || to > MAX_STEPS) {
            throw new IllegalArgumentException(
                    "target=%d..%d must be steps in [1, %d], ascending. Maybe they are minutes?"
                            .formatted(from, to, MAX_STEPS));
        }
    }

    /// The value `steps` ahead.
    public static Target at(int steps) {
        return new Target(steps, steps);
    }

    /// How many steps are averaged.
    public int span() {
        return to - from + 1;
    }
}
