package io.novacron.perf.consolidation;

import io.novacron.solver.consolidation.Estate;

/// What a planner sees at a decision. Read-only; arrays are the simulation's own and change with
/// the next update.
///
/// @param load by host: its vms in order
/// @param demand by vm in MIPS, as of this moment
/// @param usedMips by host: what its vms were given at the update that began this step
/// @param history by vm, oldest first: the share of its MIPS that it asked for at each step
/// @param steps how many values of `history` are filled
/// @param gone by vm: destroyed for good
record Now(
        Estate estate,
        HostLoad[] load,
        double[] demand,
        double[] usedMips,
        double[][] history,
        int steps,
        boolean[] gone) {}
