package io.novacron.daemon.decision;

/// Where events and commands go. What was appended comes back, in order, through
/// [DecisionDesk#onEvent] and [DecisionDesk#onCommand]. Any thread.
public interface DecisionJournal {
    /// @return false when the journal takes nothing at the moment
    boolean appendEvent(byte[] bytes);

    /// The same for an event that something waits for: it is on the device soon, and
    /// [DecisionDesk#onSynced] is told.
    ///
    /// @return false when the journal takes nothing at the moment
    default boolean appendEventSynced(byte[] bytes) {
        return appendEvent(bytes);
    }

    /// @return false when the journal takes nothing at the moment
    boolean appendCommand(byte[] bytes);
}
