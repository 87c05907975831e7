package io.novacron.daemon.decision;

import io.novacron.daemon.audit.AuditPlace;
import io.novacron.daemon.decision.AuditProjection.Inputs;
import io.novacron.wire.sbe.ActionType;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// All that the journaled events made, for a checkpoint: the same events give the same state.
/// Immutable; what is only live (callers, steps on the way) is not in it, as after a replay.
///
/// @param finished ids of finished decisions, the first to be forgotten first
/// @param lastId largest id ever given
/// @param automation the kill switch
/// @param inputs configuration and models that held last
/// @param audit how far the audit log goes
/// @param tracks how actions have done so far; absent in checkpoints of earlier versions, as are
///   drains
public record DecisionState(
        int version,
        List<Decision> decisions,
        List<Long> finished,
        long lastId,
        AutomationState automation,
        Inputs inputs,
        AuditPlace audit,
        Map<ActionType, Track> tracks,
        Map<UUID, Drain> drains) {
    static final int VERSION = 2;

    public DecisionState {
        decisions = List.copyOf(decisions);
        finished = List.copyOf(finished);
        tracks = sorted(tracks);
        drains = sorted(drains);
    }

    private static <K, V> Map<K, V> sorted(@Nullable Map<K, V> map) {
        return map == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
    }
}
