package io.novacron.daemon.decision;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the lifecycle needs to know of the fleet, as of one tick.
public interface FleetFacts {
    /// Null when the vm is not known or gone.
    @Nullable VmFacts vm(UUID vm);

    /// Whether the host's agent is heard.
    boolean isOnline(UUID host);

    /// How a vm or host fares now; null when it is not known.
    default @Nullable Effects effects(UUID entity) {
        return null;
    }

    /// What an action is judged by, as last reported; NaN where there is no sample.
    ///
    /// @param cpuUsage percent of the entity's own CPUs
    /// @param memoryUsage percent of the entity's memory
    /// @param steal percent of time runnable and not running
    /// @param pressure percent of time in which some task waited for CPU or memory, of a host
    /// @param errors packets in error or dropped, and major faults, each second
    record Effects(float cpuUsage, float memoryUsage, float steal, float pressure, float errors) {}

    /// A vm's size and place as its host last reported it.
    record VmFacts(UUID host, int vcpus, long memoryBytes) {}
}
