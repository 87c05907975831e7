package io.novacron.daemon.decision;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the lifecycle needs to know of the fleet, as of one tick.
public interface FleetFacts {
    /// Null when the vm is not known or gone.
    @Nullable VmFacts vm(UUID vm);

    /// Whether the host's agent is heard.
    boolean isOnline(UUID host);

    /// A vm's size and place as its host last reported it.
    record VmFacts(UUID host, int vcpus, long memoryBytes) {}
}
