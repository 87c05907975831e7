package io.novacron.daemon.decision;

import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.EntityState;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the lifecycle needs to know of the fleet, as of one tick.
public interface FleetFacts {
    /// Number of the tick whose view they are of; 0 when there is none.
    default long tick() {
        return 0;
    }

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

    /// Null when the host is not known.
    default @Nullable HostFacts host(UUID host) {
        return null;
    }

    /// A group of the configuration; null when it is not known.
    default @Nullable GroupFacts group(String name) {
        return null;
    }

    /// A host as it is known.
    ///
    /// @param labels as its agent told them
    record HostFacts(String name, Map<String, String> labels) {
        public HostFacts {
            labels = Map.copyOf(labels);
        }
    }

    /// A vm's size and place as its host last reported it.
    ///
    /// @param maxVcpus 0 when it is not known, as is the largest memory
    /// @param labels as its agent told them, its settings ([VmSetting]) among them
    record VmFacts(
            UUID host,
            int vcpus,
            long memoryBytes,
            String name,
            EntityState state,
            int maxVcpus,
            long maxMemoryBytes,
            Map<String, String> labels) {
        public VmFacts {
            labels = Map.copyOf(labels);
        }

        /// A running vm of which no more is known.
        public VmFacts(UUID host, int vcpus, long memoryBytes) {
            this(host, vcpus, memoryBytes, "", EntityState.RUNNING, 0, 0, Map.of());
        }

        boolean isOff() {
            return state == EntityState.STOPPED;
        }

        /// What a setting is; null when its agent does not tell.
        @Nullable String setting(VmSetting setting) {
            return setting.read(labels);
        }
    }
}
