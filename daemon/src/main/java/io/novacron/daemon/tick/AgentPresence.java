package io.novacron.daemon.tick;

import io.novacron.daemon.view.HostRow;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Whether the agents are heard. Any thread.
public interface AgentPresence {
    HostRow.State state(UUID host);

    /// Whether the host's agent has a libvirt to act through.
    boolean hasLibvirt(UUID host);

    /// Until when it is known what is on the hosts of decisions that are read back, by the daemon's
    /// clock: samples up to then have come.
    default Map<UUID, Long> reported() {
        return Map.of();
    }

    /// Hosts that are being emptied, as of a tick: they take no vms.
    default List<UUID> draining(long tickMs) {
        return List.of();
    }
}
