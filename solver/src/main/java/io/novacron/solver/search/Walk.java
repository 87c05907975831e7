package io.novacron.solver.search;

import java.util.List;

/// One thread's way through the plans of a problem.
///
/// @param <W> the kind of walk itself
public interface Walk<W extends Walk<W>> {
    /// Proposes some moves, at most a fraction of a millisecond's worth.
    ///
    /// @param share of the limit that is used up: early on a walk accepts worse plans, at last none
    /// @return the moves proposed
    long step(double share);

    /// Lets walks learn from each other; none of them moves meanwhile. Called on one of them.
    ///
    /// @param team all walks, in order, this one included
    /// @param share of the limit that is used up
    void meet(List<W> team, double share);
}
