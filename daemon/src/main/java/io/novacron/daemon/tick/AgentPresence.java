package io.novacron.daemon.tick;

import io.novacron.daemon.view.HostRow;
import java.util.UUID;

/// Whether the agents are heard. Any thread.
public interface AgentPresence {
    HostRow.State state(UUID host);

    /// Whether the host's agent has a libvirt to act through.
    boolean hasLibvirt(UUID host);
}
