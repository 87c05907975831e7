package io.novacron.daemon.decision;

import java.util.List;

/// All that the journaled events made, for a checkpoint: the same events give the same state.
/// Immutable; what is only live (callers, steps on the way) is not in it, as after a replay.
///
/// @param finished ids of finished decisions, the first to be forgotten first
/// @param lastId largest id ever given
/// @param audit how far the audit log goes
public record DecisionState(
        int version, List<Decision> decisions, List<Long> finished, long lastId, AuditPlace audit) {
    static final int VERSION = 1;

    /// A place in the audit log, right after a line.
    ///
    /// @param lines up to there
    /// @param head hash of the last of them
    /// @param bytes up to there
    record AuditPlace(long lines, String head, long bytes) {}

    public DecisionState {
        decisions = List.copyOf(decisions);
        finished = List.copyOf(finished);
    }
}
