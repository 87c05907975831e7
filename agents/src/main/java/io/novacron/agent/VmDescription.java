package io.novacron.agent;

import io.novacron.wire.sbe.EntityState;
import java.util.Map;
import java.util.UUID;

/// One vm of a host as its hypervisor describes it. A size that is not known is zero.
public record VmDescription(
        UUID uuid,
        String name,
        EntityState state,
        int vcpus,
        int maxVcpus,
        long memoryBytes,
        long maxMemoryBytes,
        long diskBytes,
        Map<String, String> labels) {
    public VmDescription {
        labels = Map.copyOf(labels);
    }
}
