package io.novacron.solver;

/// The seam behind which solvers are exchanged: a problem in, a plan out.
///
/// Whatever the implementation, it never adds a broken rule nor worsens one, is deterministic per
/// problem, seed and move limit, returns its best plan so far when the limit is reached, and keeps
/// no state between calls, so that threads may share it.
@FunctionalInterface
public interface Rebalancer {
    Plan rebalance(FleetProblem problem, WorkLimit limit);
}
