package io.novacron.solver.search.colocation;

/// What a search came to.
///
/// @param machineOf by instance; -1 for one that no machine could take
/// @param lowerBound no plan for these machines and instances costs less
/// @param evaluations moves that passed every rule and whose full effect on the cost was computed
public record ColocationPlan(int[] machineOf, double lowerBound, long evaluations) {}
