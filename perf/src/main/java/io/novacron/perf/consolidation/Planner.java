package io.novacron.perf.consolidation;

import io.novacron.solver.consolidation.Moves;

/// Decides once an interval which vms move. What it may look at is in [Now]: the past and the
/// present, never the rest of the trace.
interface Planner {
    /// Hosts for all vms before anything is known of their demand, for [Simulation] to start from.
    int[] place();

    void decide(Now now, Moves moves);
}
