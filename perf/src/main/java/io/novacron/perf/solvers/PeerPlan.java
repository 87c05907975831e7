package io.novacron.perf.solvers;

/// What a solver came to.
///
/// @param placeOf host or machine, by vm or process
/// @param evaluations plans or moves whose cost was computed; negative if the solver does not say
public record PeerPlan(int[] placeOf, long evaluations) {}
