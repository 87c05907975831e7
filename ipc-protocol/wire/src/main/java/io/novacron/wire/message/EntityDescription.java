package io.novacron.wire.message;

import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/// One host or vm of an [Inventory].
///
/// @param entityId the agent's short name for it in metric batches: 0 to 2^31 - 1, never reused
///   within a spool epoch
/// @param uuid the vm's UUID, or the host's machine id
/// @param labels kept in their order on the wire
public record EntityDescription(
        int entityId,
        EntityKind kind,
        EntityState state,
        UUID uuid,
        int vcpus,
        int maxVcpus,
        long memoryBytes,
        long maxMemoryBytes,
        long diskBytes,
        Map<String, String> labels,
        String name) {
    public EntityDescription {
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }
}
