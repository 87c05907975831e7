package io.novacron.daemon.decision;

/// Where events and commands go. What was appended comes back, in order, through
/// [DecisionDesk#onEvent] and [DecisionDesk#onCommand]. Any thread.
public interface DecisionJournal {
    /// @return false when the journal takes nothing at the moment
    boolean appendEvent(byte[] bytes);

    /// @return false when the journal takes nothing at the moment
    boolean appendCommand(byte[] bytes);
}
