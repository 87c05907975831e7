package io.novacron.daemon.view;

import io.novacron.wire.sbe.ActionType;

/// What actions of one type have brought, and how far their promises held, since the journal
/// begins.
///
/// @param kept actions that were kept, measured or not
/// @param measured actions whose effect was measured
/// @param broken of those, the ones that were worse than promised
/// @param vcpusFreed by what was kept, vCPUs that were added taken off
/// @param memoryFreedBytes the same of memory
/// @param overloadHoursAvoided as was promised by what was kept
/// @param vcpuHours what was freed, times how long it has been
/// @param memoryGibHours the same of memory
/// @param confidenceFactor on new proposals of the type: `(measured - broken + 20) / (measured +
///   20)`
public record TrackRow(
        ActionType type,
        long kept,
        long measured,
        long broken,
        double vcpusFreed,
        double memoryFreedBytes,
        double overloadHoursAvoided,
        double vcpuHours,
        double memoryGibHours,
        double confidenceFactor) {}
