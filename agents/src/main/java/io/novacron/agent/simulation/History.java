package io.novacron.agent.simulation;

import io.novacron.agent.SampleTable;
import io.novacron.agent.spool.MemorySpool;
import java.time.Duration;
import java.util.UUID;

/// Sends a simulated host's past before its present: 5-minute means of the forecast metrics for
/// some days, then all metrics at 60 s for the last two hours. Waits for the daemon rather than let
/// the spool drop a frame.
final class History {
    static final int COARSE_MS = 300_000;
    static final int FINE_MS = 60_000;
    static final long FINE_SPAN_MS = 2 * 3_600_000;
    private static final int COARSE_MOMENTS = 3;
    private static final int FINE_MOMENTS = 2;
    private static final long SPOOL_BYTES = 1024 * 1024;

    private final SimulatedFleet fleet;
    private final int hostIndex;
    private final UUID hostId;
    private final SimulatedMachine machine;
    private final SampleTable table;
    private final MemorySpool spool;

    History(
            SimulatedFleet fleet,
            int hostIndex,
            SimulatedMachine machine,
            SampleTable table,
            MemorySpool spool) {
        this.fleet = fleet;
        this.hostIndex = hostIndex;
        this.hostId = fleet.hosts().get(hostIndex).uuid();
        this.machine = machine;
        this.table = table;
        this.spool = spool;
    }

    /// Sends everything from `depth` before a time up to that time.
    ///
    /// @return samples spooled
    long send(long nowMs, Duration depth) throws InterruptedException {
        long samples = 0;
        if (depth.isZero()) {
            return samples;
        }
        long fineFromMs = Math.floorDiv(nowMs - FINE_SPAN_MS, COARSE_MS) * COARSE_MS;
        long fromMs = Math.floorDiv(nowMs - depth.toMillis(), COARSE_MS) * COARSE_MS;
        var placed = fleet.placedOn(hostIndex);
        for (long end = fromMs + COARSE_MS; end <= fineFromMs; end += COARSE_MS) {
            if (!spool.awaitBytesBelow(SPOOL_BYTES)) {
                return samples;
            }
            machine.replay(placed, end, COARSE_MS, COARSE_MOMENTS);
            samples += put(end, COARSE_MS, false);
        }
        for (long end = Math.max(fromMs, fineFromMs) + FINE_MS; end <= nowMs; end += FINE_MS) {
            if (!spool.awaitBytesBelow(SPOOL_BYTES)) {
                return samples;
            }
            machine.replay(placed, end, FINE_MS, FINE_MOMENTS);
            samples += put(end, FINE_MS, true);
        }
        return samples;
    }

    private int put(long endMs, int intervalMs, boolean all) {
        machine.load().putHost((metric, value) -> table.put(hostId, metric, value), all);
        machine.load().putVms(table, all);
        return table.spool(endMs, intervalMs);
    }
}
