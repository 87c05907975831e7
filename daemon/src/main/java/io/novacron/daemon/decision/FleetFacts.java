package io.novacron.daemon.decision;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the lifecycle needs to know of the fleet, as of one tick.
public interface FleetFacts {
    /// Null when the vm is not known or gone.
    @Nullable VmFacts vm(UUID vm);

    /// Whether the host's agent is heard.
    boolean isOnline(UUID host);

    /// Until when it is known what is on the host: sizes and places are those of then or later, by
    /// the daemon's clock. A heartbeat alone does not move it.
    default long reportedAtMs(UUID host) {
        return Long.MAX_VALUE;
    }

    /// The last closed minutes of a metric, oldest first, NaN where there is no sample; empty when
    /// the entity is not known.
    default float[] history(UUID entity, int metricId, int minutes) {
        return new float[0];
    }

    /// Other vms of a host, at most some dozens.
    default List<UUID> vmsOf(UUID host) {
        return List.of();
    }

    /// The highest forecast of the hour ahead, by quantile level (.1 to .9); empty without one.
    default float[] forecastPeak(UUID entity, int metricId) {
        return new float[0];
    }

    /// Called once, when newer facts have taken their place.
    default void release() {}

    /// A vm's size and place as its host last reported it.
    record VmFacts(UUID host, int vcpus, long memoryBytes) {}
}
