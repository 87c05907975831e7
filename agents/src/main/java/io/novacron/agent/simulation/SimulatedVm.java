package io.novacron.agent.simulation;

import io.novacron.wire.message.VmSetting;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;

/// One vm of a simulated fleet. Its size and place change under the fleet's lock.
final class SimulatedVm {
    final UUID uuid;
    final String name;
    final Map<String, String> labels;
    final Workload workload;
    final int maxVcpus;
    final long maxMemoryBytes;
    final long diskBytes;

    int vcpus;
    long memoryBytes;
    int host;

    /// In canonical form. Told, but without effect on the load.
    final Map<VmSetting, String> settings = new EnumMap<>(VmSetting.class);

    /// Where it is on its way to, or -1; it arrives at [#arrivesAtMs].
    int targetHost = -1;

    long arrivesAtMs;

    SimulatedVm(
            UUID uuid,
            String name,
            Map<String, String> labels,
            Workload workload,
            int vcpus,
            long memoryBytes,
            long diskBytes) {
        this.uuid = uuid;
        this.name = name;
        this.labels = Map.copyOf(labels);
        this.workload = workload;
        this.vcpus = vcpus;
        this.memoryBytes = memoryBytes;
        this.diskBytes = diskBytes;
        settings.put(VmSetting.CPU_QUOTA, VmSetting.NO_QUOTA);
        settings.put(VmSetting.CPU_SHARES, "1024");
        settings.put(VmSetting.VCPU_PINS, VmSetting.ANYWHERE);
        maxVcpus = Math.max(4, 2 * vcpus);
        maxMemoryBytes = 2 * memoryBytes;
    }

    boolean isMigrating() {
        return targetHost >= 0;
    }
}
