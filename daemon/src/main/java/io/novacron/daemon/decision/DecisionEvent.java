package io.novacron.daemon.decision;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.novacron.wire.sbe.LifecycleState;

/// One step of one decision, as it is journaled: JSON, self-describing, versioned by `event`.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = DecisionEvent.Proposed.class, name = "proposed.1"),
    @JsonSubTypes.Type(value = DecisionEvent.Moved.class, name = "moved.1")
})
public sealed interface DecisionEvent {
    long id();

    /// A new decision in state PROPOSED.
    record Proposed(long id, Proposal proposal) implements DecisionEvent {}

    /// A decision went on to another state.
    record Moved(long id, LifecycleState to, String who, String text) implements DecisionEvent {}
}
