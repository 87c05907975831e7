package io.novacron.daemon.decision;

/// Adds members to groups, and removes them. What becomes of an order comes back through the
/// journal.
public interface ScalingExecutor {
    /// Takes an order. Never waits; an order that is in work is not begun again.
    ///
    /// @return an empty string when it was taken, else why it could not be
    String scale(ScalingOrder order);
}
