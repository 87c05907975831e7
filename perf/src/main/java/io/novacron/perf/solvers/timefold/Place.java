package io.novacron.perf.solvers.timefold;

/// A host or machine, by its index.
public record Place(int index) {}
