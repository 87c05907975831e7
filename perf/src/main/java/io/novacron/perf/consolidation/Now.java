package io.novacron.perf.consolidation;

/// What a planner sees at a decision: the past and the present. The arrays are the simulation's
/// own: they are to be read, and they change with the next update.
final class Now {
    /// By host: its vms in order.
    final HostLoad[] load;

    /// By vm in MIPS, as of this moment.
    final double[] demand;

    /// By host: what its vms were given at the update that began this step.
    final double[] usedMips;

    /// By vm, oldest first: the share of its MIPS that it asked for at each step.
    final double[][] history;

    /// By vm: destroyed for good.
    final boolean[] gone;

    /// How many values of `history` are filled.
    int steps;

    Now(HostLoad[] load, double[] demand, double[] usedMips, double[][] history, boolean[] gone) {
        this.load = load;
        this.demand = demand;
        this.usedMips = usedMips;
        this.history = history;
        this.gone = gone;
    }
}
