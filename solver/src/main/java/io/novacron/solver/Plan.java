package io.novacron.solver;

import java.util.List;

/// What a [Rebalancer] advises.
///
/// @param steps in the order to carry them out; see [Advice.Migrate#wave]
/// @param unresolved hosts that stay hot, in host order, and why
/// @param before score of the fleet as it is
/// @param after score once every step is done; no term is worse than before
/// @param movesEvaluated work done, the same for the same problem, policy and limit
/// @param ending why the search ended
public record Plan(
        List<Advice> steps,
        List<Unresolved> unresolved,
        FleetScore before,
        FleetScore after,
        long movesEvaluated,
        Ending ending) {
    /// Why a search ended.
    public enum Ending {
        COMPLETE,
        MOVE_LIMIT,
        DEADLINE
    }

    public Plan {
        steps = List.copyOf(steps);
        unresolved = List.copyOf(unresolved);
    }
}
