package io.novacron.daemon.view;

import java.util.Map;
import java.util.UUID;

/// One host. A quantity without a sample is NaN, a count without one is -1.
public record HostRow(
        UUID id,
        String name,
        State state,
        int cpus,
        long memoryBytes,
        int vms,
        float cpuUsagePercent,
        float memoryUsagePercent,
        float cpuPressurePercent,
        float forecastCpuPercent,
        float agentCpuPercentOfCore,
        long agentRssBytes,
        boolean libvirt,
        Map<String, String> labels) {

    /// Whether the host's agent is heard.
    public enum State {
        ONLINE,
        STALE,
        GONE
    }

    public HostRow {
        labels = Map.copyOf(labels);
    }
}
