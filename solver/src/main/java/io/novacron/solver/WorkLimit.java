package io.novacron.solver;

import java.util.function.BooleanSupplier;

/// How much a solver may do, and the seed it draws from.
///
/// Work is counted in moves evaluated, so that the same limit gives the same plan anywhere. A
/// deadline may cut work short; what was done is told in [Plan#movesEvaluated], and asking again
/// with that as the move limit and no deadline gives the same plan.
///
/// @param moves the most moves to evaluate; 0 gives a plan without moves
/// @param deadlinePassed asked once every [#DEADLINE_INTERVAL] moves; the caller's clock is its own
public record WorkLimit(long moves, long seed, BooleanSupplier deadlinePassed) {
    public static final int DEADLINE_INTERVAL = 256;
    private static final BooleanSupplier NEVER = () -> false;

    public WorkLimit {
        if (moves < 0) {
            throw new IllegalArgumentException(
                    "moves=%s must not be negative. Maybe Long.MAX_VALUE for no limit?"
                            .formatted(moves));
        }
    }

    public static WorkLimit ofMoves(long moves, long seed) {
        return new WorkLimit(moves, seed, NEVER);
    }
}
