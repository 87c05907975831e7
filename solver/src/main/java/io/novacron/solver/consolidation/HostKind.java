package io.novacron.solver.consolidation;

/// A model of host: what it can give and what it draws.
///
/// @param coreMips speed of one core; no vm gets more, for a vm has one virtual core
/// @param memory in MB
public record HostKind(String name, int cores, double coreMips, int memory, PowerCurve power) {
    public HostKind {
        check(cores > 0, "cores", cores);
        check(coreMips > 0 && Double.isFinite(coreMips), "coreMips", coreMips);
        check(memory > 0, "memory", memory);
    }

    /// All cores together.
    public double mips() {
        return cores * coreMips;
    }

    private static void check(boolean holds, String name, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "%s=%s of a host must be positive and finite".formatted(name, value));
        }
    }
}
