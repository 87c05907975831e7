package io.novacron.daemon.view;

import io.novacron.wire.sbe.EntityState;
import java.util.Map;
import java.util.UUID;

/// One vm. A quantity without a sample is NaN.
public record VmRow(
        UUID id,
        String name,
        UUID hostId,
        String hostName,
        EntityState state,
        int vcpus,
        int maxVcpus,
        long memoryBytes,
        long maxMemoryBytes,
        float cpuUsagePercent,
        float memoryUsagePercent,
        float diskBytesPerSecond,
        float networkBytesPerSecond,
        Map<String, String> labels) {
    public VmRow {
        labels = Map.copyOf(labels);
    }
}
