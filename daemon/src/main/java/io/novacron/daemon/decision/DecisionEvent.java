package io.novacron.daemon.decision;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.novacron.wire.sbe.LifecycleState;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// One step of one decision, as it is journaled: JSON, self-describing, versioned by `event`.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = DecisionEvent.Proposed.class, name = "proposed.1"),
    @JsonSubTypes.Type(value = DecisionEvent.Moved.class, name = "moved.1"),
    @JsonSubTypes.Type(value = DecisionEvent.Noted.class, name = "noted.1")
})
public sealed interface DecisionEvent {
    long id();

    /// A new decision in state PROPOSED.
    record Proposed(long id, Proposal proposal) implements DecisionEvent {}

    /// A decision went on to another state.
    record Moved(long id, LifecycleState to, String who, String text) implements DecisionEvent {}

    /// Something that must be on record and moves no decision.
    ///
    /// @param id of the decision that it concerns; 0 when it concerns none
    /// @param facts what programs read of it
    record Noted(long id, Note note, String who, String text, Map<String, String> facts)
            implements DecisionEvent {
        public Noted {
            facts = Collections.unmodifiableSortedMap(new TreeMap<>(facts));
        }
    }

    /// What a note is about.
    enum Note {
        /// A first person of two has approved.
        FIRST_APPROVAL,
        /// Automation does not approve it; the facts name the rule.
        HELD_BACK,
        /// How things were right before an action was sent.
        BASELINE,
        /// The kill switch was used.
        AUTOMATION_STOPPED,
        AUTOMATION_RESUMED,
        /// A host is to be emptied and kept empty; the facts name it.
        HOST_DRAINED,
        /// It may take vms again.
        HOST_RESUMED,
        /// What would have been saved so far, in mode `observe`.
        OBSERVED,
        /// The oldest lines of the audit log go, up to the place in the facts.
        AUDIT_RETIRED,
        /// A start found that the audit log is not what its anchor knows, or not what the journal
        /// gives.
        AUDIT_BROKEN
    }
}
