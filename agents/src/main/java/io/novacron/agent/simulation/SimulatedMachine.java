package io.novacron.agent.simulation;

import io.novacron.agent.HostDescription;
import io.novacron.agent.HostSource;
import java.util.List;

/// A simulated host as its agent's sampling thread sees it; its [HostLoad] of an interval serves
/// the host's samples and then the vms'.
final class SimulatedMachine implements HostSource {
    private static final long MAX_INTERVAL_MS = 60_000;

    private final SimulatedFleet fleet;
    private final int index;
    private final SimulatedHost host;
    private final HostLoad load;
    private long previousMs;

    SimulatedMachine(SimulatedFleet fleet, int index) {
        this.fleet = fleet;
        this.index = index;
        this.host = fleet.hosts().get(index);
        this.load = new HostLoad(host);
    }

    @Override
    public HostDescription describe() {
        return new HostDescription(host.name(), host.cores(), host.memoryBytes(), 4L << 40);
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        long nowMs = fleet.nowMs();
        long intervalMs =
                previousMs == 0 ? 10_000 : Math.clamp(nowMs - previousMs, 1, MAX_INTERVAL_MS);
        previousMs = nowMs;
        load.compute(fleet.placedOn(index), nowMs, intervalMs, 2);
        load.putHost(sink, true);
    }

    /// The load that the last [#sample] computed.
    HostLoad load() {
        return load;
    }

    /// Computes an interval of the past, with the vms where they are now.
    void replay(List<SimulatedFleet.Placed> vms, long endMs, long intervalMs, int moments) {
        load.compute(vms, endMs, intervalMs, moments);
    }

    @Override
    public void close() {}
}
