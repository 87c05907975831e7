package io.novacron.daemon.decision;

import java.util.List;

/// Stands between the analysis and the decisions: what comes out of it is what the decisions are
/// told. For rehearsals, which need decisions without waiting for a fleet to need them. Called on
/// the fleet thread when the plan of a tick comes back from the journal.
@FunctionalInterface
public interface AdviceStage {
    /// What the analysis says, as it is.
    AdviceStage NONE = advised -> advised;

    Advised onTick(Advised advised);

    /// The advice of one tick.
    ///
    /// @param proposals best first
    /// @param facts what the lifecycle reads of the fleet
    record Advised(List<Proposal> proposals, FleetFacts facts, long tickMs) {
        public Advised {
            proposals = List.copyOf(proposals);
        }
    }
}
