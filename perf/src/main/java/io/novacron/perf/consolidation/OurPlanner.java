package io.novacron.perf.consolidation;

import io.novacron.solver.consolidation.ConsolidationPolicy;
import io.novacron.solver.consolidation.Consolidator;
import io.novacron.solver.consolidation.Estate;
import io.novacron.solver.consolidation.Moves;

/// Gives [Consolidator] what it asks for. It starts where LR-MMT-1.2 starts, on about all hosts, so
/// that its first packing counts as migrations too.
final class OurPlanner implements Planner {
    private final Estate estate;
    private final Planner first;
    private final Consolidator consolidator;
    private final int[] hostOf;

    OurPlanner(Estate estate, ConsolidationPolicy policy, Mode mode) {
        this.estate = estate;
        first = CloudSimPlanner.lrMmt(estate, mode);
        consolidator = new Consolidator(estate, policy, mode.hardMemory());
        hostOf = new int[estate.vms()];
    }

    @Override
    public int[] place() {
        return first.place();
    }

    @Override
    public void decide(Now now, Moves moves) {
        for (int host = 0; host < estate.hosts(); host++) {
            var load = now.load[host];
            for (int i = 0; i < load.size; i++) {
                hostOf[load.vms[i]] = host;
            }
        }
        for (int vm = 0; vm < hostOf.length; vm++) {
            if (now.gone[vm]) {
                hostOf[vm] = Consolidator.GONE;
            }
        }
        consolidator.decide(now.demand, hostOf, moves);
    }
}
