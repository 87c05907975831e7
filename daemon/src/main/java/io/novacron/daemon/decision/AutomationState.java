package io.novacron.daemon.decision;

/// Whether the kill switch is on, since when and why. Immutable; made by journaled notes alone.
///
/// @param who who stopped or resumed last; empty when nobody has
record AutomationState(boolean stopped, long sinceMs, String who, String reason) {
    static final AutomationState RUNNING = new AutomationState(false, 0, "", "");
}
