package io.novacron.solver;

/// Relieves hot hosts by migrating vms away: hosts whose forecast peak exceeds their safe load.
///
/// All moves of a plan are in wave 0 ([io.novacron.solver.plan.InWaves] limits how many run at a
/// time), and are independent: a host that gives vms takes none, a host that takes vms gives none,
/// and of an affinity group at most one vm moves. So any part of the plan may be approved, and
/// carried out in any order or at once, and no rule is broken on the way. The price is that room
/// made by one move is not used by another; chains, swaps and moves of whole groups are left to
/// stronger solvers behind [Rebalancer].
///
/// Thread-safe: each call searches in objects of its own.
public final class HotHostRelief implements Rebalancer {
    private final ReliefPolicy policy;

    public HotHostRelief(ReliefPolicy policy) {
        this.policy = policy;
    }

    @Override
    public Plan rebalance(FleetProblem problem, WorkLimit limit) {
        return new ReliefSearch(problem, policy, limit).run();
    }
}
