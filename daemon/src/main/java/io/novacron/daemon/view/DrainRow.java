package io.novacron.daemon.view;

import java.util.List;
import java.util.UUID;

/// A host that is being emptied, or is kept empty.
///
/// @param who asked for it, why and when
/// @param vmsLeft on the host as of the last tick
/// @param underWay decisions that take vms away and have not ended
/// @param stays vms that stay, and why
/// @param fromMs when it begins
public record DrainRow(
        UUID hostId,
        String hostName,
        String who,
        String reason,
        long sinceMs,
        int vmsLeft,
        List<Long> underWay,
        List<Stay> stays,
        long fromMs) {
    /// A vm that stays.
    public record Stay(UUID vmId, String vmName, String reason) {}

    public DrainRow {
        underWay = List.copyOf(underWay);
        stays = List.copyOf(stays);
    }
}
