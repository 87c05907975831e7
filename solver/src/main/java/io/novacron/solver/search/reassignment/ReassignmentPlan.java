package io.novacron.solver.search.reassignment;

/// What a search came to.
///
/// @param machineOf by process
/// @param cost of the plan; `initialCost` of leaving everything where it is
/// @param lowerBound what no plan can go below
/// @param evaluations moves that passed every rule and whose full effect on the cost was computed
/// @param proposals moves proposed, most of them against a rule
public record ReassignmentPlan(
        int[] machineOf,
        long cost,
        long initialCost,
        long lowerBound,
        long evaluations,
        long proposals) {
    /// How far the cost may be above the best there is, in percent of the cost.
    public double gapPercent() {
        return cost == 0 ? 0 : 100.0 * (cost - lowerBound) / cost;
    }
}
