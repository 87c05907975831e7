package io.novacron.daemon.view;

import java.util.List;

/// What is done without a person, and what would be.
///
/// @param mode `observe`, `recommend` or `automatic`
/// @param stopped whether the kill switch is on
/// @param who used the switch last, and why and when; empty and 0 when nobody has
/// @param allow the rules that opt in
/// @param approvals given without a person since the start of the process
public record AutomationRow(
        String mode,
        boolean stopped,
        String who,
        String reason,
        long sinceMs,
        List<String> allow,
        long approvals,
        Observed observed) {

    /// What would have been saved in mode `observe`: as of the last tick, and added up over time.
    ///
    /// @param sinceMs when the adding up began; 0 in other modes
    /// @param changes that would have been proposed at the last tick
    public record Observed(
            long sinceMs,
            int changes,
            double vcpusFreed,
            double memoryFreedBytes,
            double vcpuHours,
            double memoryGibHours) {
        public static final Observed NOTHING = new Observed(0, 0, 0, 0, 0, 0);
    }

    public AutomationRow {
        allow = List.copyOf(allow);
    }
}
