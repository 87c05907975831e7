package io.novacron.daemon.decision;

import io.novacron.daemon.view.TrackRow;
import io.novacron.solver.Figure;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import java.time.Duration;

/// What actions of one type have brought and how far their promises held. A function of the
/// journaled events. Immutable.
///
/// @param sinceMs up to when the hours are added up
record Track(
        long kept,
        long measured,
        long broken,
        double vcpusFreed,
        double memoryFreedBytes,
        double overloadHoursAvoided,
        double vcpuHours,
        double memoryGibHours,
        long sinceMs) {
    static final Track EMPTY = new Track(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// Outcomes that are taken for granted: so many kept promises come before the first one, so
    /// that a few bad ones do not silence a whole type. A Beta(20, 0) prior, and its posterior
    /// mean.
    static final int GRANTED = 20;

    private static final double HOUR_MS = Duration.ofHours(1).toMillis();
    private static final double GIB = 1L << 30;

    /// By what the confidence of a new proposal is multiplied; 1 while no promise is broken.
    double confidenceFactor() {
        return (measured - broken + GRANTED) / (double) (measured + GRANTED);
    }

    /// An action was kept.
    ///
    /// @param wasMeasured whether its effect was measured and is as promised
    Track kept(Proposal proposal, boolean wasMeasured, long atMs) {
        Track now = upTo(atMs);
        boolean migrates = proposal.type() == ActionType.LIVE_MIGRATE;
        return new Track(
                now.kept + 1,
                now.measured + (wasMeasured ? 1 : 0),
                now.broken,
                now.vcpusFreed + (migrates ? 0 : vcpusFreed(proposal)),
                now.memoryFreedBytes
                        + (migrates ? 0 : proposal.fromMemoryBytes() - proposal.toMemoryBytes()),
                now.overloadHoursAvoided
                        + proposal.figures().getOrDefault(Figure.OVERLOAD_HOURS_AVOIDED, 0.0),
                now.vcpuHours,
                now.memoryGibHours,
                now.sinceMs);
    }

    /// What a quota takes away counts like vCPUs.
    private static double vcpusFreed(Proposal proposal) {
        if (proposal.type() != ActionType.SET_CPU_QUOTA) {
            return proposal.fromVcpus() - proposal.toVcpus();
        }
        double most = 1_000.0 * proposal.fromVcpus();
        var change = proposal.change();
        return (Math.min(most, VmSetting.quotaMillis(change.fromSetting()))
                        - Math.min(most, VmSetting.quotaMillis(change.toSetting())))
                / 1_000;
    }

    /// The effect of an action was measured and is worse than promised.
    Track broke() {
        return new Track(
                kept,
                measured + 1,
                broken + 1,
                vcpusFreed,
                memoryFreedBytes,
                overloadHoursAvoided,
                vcpuHours,
                memoryGibHours,
                sinceMs);
    }

    private Track upTo(long atMs) {
        double hours = sinceMs == 0 ? 0 : Math.max(0, atMs - sinceMs) / HOUR_MS;
        return new Track(
                kept,
                measured,
                broken,
                vcpusFreed,
                memoryFreedBytes,
                overloadHoursAvoided,
                vcpuHours + vcpusFreed * hours,
                memoryGibHours + memoryFreedBytes / GIB * hours,
                Math.max(sinceMs, atMs));
    }

    TrackRow toRow(ActionType type, long nowMs) {
        Track now = upTo(nowMs);
        return new TrackRow(
                type,
                now.kept,
                now.measured,
                now.broken,
                now.vcpusFreed,
                now.memoryFreedBytes,
                now.overloadHoursAvoided,
                now.vcpuHours,
                now.memoryGibHours,
                now.confidenceFactor());
    }
}
