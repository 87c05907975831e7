package io.novacron.solver.search.packing;

/// What a search came to.
///
/// @param hostOf by vm
/// @param hosts how many carry a vm
/// @param lowerBound what no packing can go below
/// @param evaluations moves whose full effect was computed
public record PackingPlan(int[] hostOf, int hosts, int lowerBound, long evaluations) {}
