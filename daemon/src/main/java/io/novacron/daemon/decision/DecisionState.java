package io.novacron.daemon.decision;

import io.novacron.daemon.audit.AuditPlace;
import io.novacron.daemon.decision.AuditProjection.Inputs;
import java.util.List;

/// All that the journaled events made, for a checkpoint: the same events give the same state.
/// Immutable; what is only live (callers, steps on the way) is not in it, as after a replay.
///
/// @param finished ids of finished decisions, the first to be forgotten first
/// @param lastId largest id ever given
/// @param automation the kill switch
/// @param inputs configuration and models that held last
/// @param audit how far the audit log goes
public record DecisionState(
        int version,
        List<Decision> decisions,
        List<Long> finished,
        long lastId,
        AutomationState automation,
        Inputs inputs,
        AuditPlace audit) {
    static final int VERSION = 2;

    public DecisionState {
        decisions = List.copyOf(decisions);
        finished = List.copyOf(finished);
    }
}
