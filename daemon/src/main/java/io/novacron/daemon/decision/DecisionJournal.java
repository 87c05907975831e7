package io.novacron.daemon.decision;

import io.novacron.ingest.Urgency;

/// Where events and commands go. What was appended comes back, in order, through
/// [DecisionDesk#onEvent] and [DecisionDesk#onCommand]. Any thread.
public interface DecisionJournal {
    /// @return false when the journal takes nothing at the moment
    boolean appendEvent(byte[] bytes);

    /// The same for an event that something waits for. [DecisionDesk#onSynced] is told of one that
    /// is to be synced.
    ///
    /// @return false when the journal takes nothing at the moment
    default boolean appendEvent(byte[] bytes, Urgency urgency) {
        return appendEvent(bytes);
    }

    /// @return false when the journal takes nothing at the moment
    boolean appendCommand(byte[] bytes);
}
