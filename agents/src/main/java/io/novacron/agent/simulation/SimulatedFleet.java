package io.novacron.agent.simulation;

import io.novacron.wire.message.VmSetting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One world of hosts and vms. Every agent of the simulation looks at the same one; its lock guards
/// sizes and places.
///
/// Vms go round the hosts in turn, replicas apart. Hosts are then given hardware to fit: one in
/// seven too little of it, so that it runs hot, one in five more than it needs, so that there is
/// somewhere to go. A vm on its way arrives when its time has come, whoever looks first.
public final class SimulatedFleet {
    private static final long GIB = 1L << 30;
    private static final int[] CORE_STEPS = {4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128};
    private static final double NORMAL_PEAK = 0.66;
    private static final double COLD_PEAK = 0.42;
    private static final double HOT_PEAK = 1.04;
    private static final double MEMORY_FILL = 0.75;
    private static final double MIGRATION_BYTES_PER_SECOND = 1.1e9; // one 10 Gbit/s link
    private static final long MIGRATION_OVERHEAD_MS = 1_500;
    static final int MAX_HOSTS = 10_000;
    static final int MAX_VMS = 100_000;

    private final List<SimulatedHost> hosts;
    private final List<SimulatedVm> vms;
    private final Map<UUID, SimulatedVm> vmsByUuid = new HashMap<>();
    private final Map<UUID, Integer> hostsByUuid = new HashMap<>();
    private final List<Set<SimulatedVm>> vmsByHost;
    private final Set<SimulatedVm> underWay = new LinkedHashSet<>();
    private final LongSupplier clockMs;

    private SimulatedFleet(
            List<SimulatedHost> hosts,
            List<SimulatedVm> vms,
            List<Set<SimulatedVm>> vmsByHost,
            LongSupplier clockMs) {
        this.hosts = List.copyOf(hosts);
        this.vmsByHost = List.copyOf(vmsByHost);
        this.vms = List.copyOf(vms);
        this.clockMs = clockMs;
        for (SimulatedVm vm : vms) {
            vmsByUuid.put(vm.uuid, vm);
        }
        for (int i = 0; i < hosts.size(); i++) {
            hostsByUuid.put(hosts.get(i).uuid(), i);
        }
    }

    /// @param clockMs the simulation's time, by which vms on their way arrive
    public static SimulatedFleet create(
            int hostCount, int vmCount, long seed, LongSupplier clockMs) {
        if (hostCount < 1 || hostCount > MAX_HOSTS || vmCount < 0 || vmCount > MAX_VMS) {
            throw new IllegalArgumentException(
                    "hosts=%d must be in [1, %d] and vms=%d in [0, %d]"
                            .formatted(hostCount, MAX_HOSTS, vmCount, MAX_VMS));
        }
        List<SimulatedVm> vms = FleetPlan.vms(vmCount, seed);
        List<Set<SimulatedVm>> vmsByHost = place(vms, hostCount);
        var hosts = new ArrayList<SimulatedHost>();
        int width = Math.max(2, String.valueOf(hostCount).length());
        for (int i = 0; i < hostCount; i++) {
            hosts.add(host(i, width, vmsByHost.get(i), seed));
        }
        return new SimulatedFleet(hosts, vms, vmsByHost, clockMs);
    }

    private static List<Set<SimulatedVm>> place(List<SimulatedVm> vms, int hostCount) {
        var groups = new ArrayList<Set<String>>();
        var vmsByHost = new ArrayList<Set<SimulatedVm>>();
        for (int i = 0; i < hostCount; i++) {
            groups.add(new HashSet<>());
            vmsByHost.add(new LinkedHashSet<>());
        }
        int next = 0;
        for (SimulatedVm vm : vms) {
            String group = vm.labels.get("anti-affinity");
            int host = next % hostCount;
            for (int tries = 0; group != null && tries < hostCount; tries++) {
                int candidate = (next + tries) % hostCount;
                if (groups.get(candidate).add(group)) {
                    host = candidate;
                    break;
                }
            }
            vm.host = host;
            vmsByHost.get(host).add(vm);
            next++;
        }
        return vmsByHost;
    }

    private static SimulatedHost host(int index, int width, Set<SimulatedVm> vms, long seed) {
        double peak = 0;
        long memory = 0;
        for (SimulatedVm vm : vms) {
            memory += vm.memoryBytes;
        }
        // the busiest hour of one working week decides, as it would for somebody who buys hardware
        for (long hour = 0; hour < 7 * 24; hour++) {
            long timeMs = hour * Profile.HOUR;
            double wanted = 0;
            for (SimulatedVm vm : vms) {
                wanted += Math.min(vm.vcpus, vm.workload.cores(timeMs));
            }
            peak = Math.max(peak, wanted);
        }
        double fill = index % 7 == 2 ? HOT_PEAK : index % 5 == 4 ? COLD_PEAK : NORMAL_PEAK;
        int cores = nearestCores(peak / fill, fill >= 1);
        long steps = (long) Math.ceil(memory / MEMORY_FILL / (16 * GIB));
        return new SimulatedHost(
                FleetPlan.uuid("host " + seed + " " + index),
                String.format("sim-%0" + width + "d", index + 1),
                cores,
                Math.max(2, steps) * 16 * GIB);
    }

    private static int nearestCores(double wanted, boolean below) {
        int best = CORE_STEPS[0];
        for (int cores : CORE_STEPS) {
            if (below ? cores <= wanted : best < wanted) {
                best = cores;
            }
        }
        return best;
    }

    public List<SimulatedHost> hosts() {
        return hosts;
    }

    int vmCount() {
        return vms.size();
    }

    long nowMs() {
        return clockMs.getAsLong();
    }

    /// The host's index, or -1.
    int hostIndex(UUID host) {
        return hostsByUuid.getOrDefault(host, -1);
    }

    /// Copies of the vms that are on a host now, as one moment sees them.
    synchronized List<Placed> placedOn(int host) {
        settle();
        var placed = new ArrayList<Placed>();
        for (SimulatedVm vm : vmsByHost.get(host)) {
            placed.add(
                    new Placed(
                            vm,
                            vm.vcpus,
                            vm.memoryBytes,
                            vm.isMigrating(),
                            Map.copyOf(vm.settings)));
        }
        return placed;
    }

    /// A vm with the size it has at a moment.
    record Placed(
            SimulatedVm vm,
            int vcpus,
            long memoryBytes,
            boolean migrating,
            Map<VmSetting, String> settings) {}

    /// The vm's state now; null when there is no such vm.
    synchronized @Nullable Located find(UUID uuid) {
        settle();
        SimulatedVm vm = vmsByUuid.get(uuid);
        return vm == null
                ? null
                : new Located(
                        vm.host,
                        vm.targetHost,
                        vm.vcpus,
                        vm.maxVcpus,
                        vm.memoryBytes,
                        vm.maxMemoryBytes,
                        Map.copyOf(vm.settings));
    }

    /// Where a vm is and how large.
    ///
    /// @param targetHost where it is on its way to, or -1
    record Located(
            int host,
            int targetHost,
            int vcpus,
            int maxVcpus,
            long memoryBytes,
            long maxMemoryBytes,
            Map<VmSetting, String> settings) {

        boolean isMigrating() {
            return targetHost >= 0;
        }
    }

    synchronized void resize(UUID uuid, int vcpus, long memoryBytes) {
        SimulatedVm vm = vmsByUuid.get(uuid);
        if (vm != null) {
            vm.vcpus = vcpus;
            vm.memoryBytes = memoryBytes;
        }
    }

    synchronized void set(UUID uuid, VmSetting setting, String value) {
        SimulatedVm vm = vmsByUuid.get(uuid);
        if (vm != null) {
            vm.settings.put(setting, value);
        }
    }

    /// Bytes of memory that no vm on the host, or on its way there, has been given.
    synchronized long freeMemoryBytes(int host) {
        settle();
        long free = hosts.get(host).memoryBytes();
        for (SimulatedVm vm : vmsByHost.get(host)) {
            free -= vm.memoryBytes;
        }
        for (SimulatedVm vm : underWay) {
            if (vm.targetHost == host && vm.host != host) {
                free -= vm.memoryBytes;
            }
        }
        return free;
    }

    /// Sends a vm on its way.
    ///
    /// @return the time at which it arrives
    synchronized long migrate(UUID uuid, int targetHost) {
        SimulatedVm vm = vmsByUuid.get(uuid);
        if (vm == null) {
            throw new IllegalArgumentException("vm=%s does not exist".formatted(uuid));
        }
        long now = nowMs();
        // memory written meanwhile goes over again
        double busy = Math.min(1, vm.workload.cores(now) / Math.max(1, vm.vcpus));
        double bytes = Math.min(vm.memoryBytes, vm.workload.memory(now)) * (1 + 0.6 * busy);
        vm.targetHost = targetHost;
        underWay.add(vm);
        vm.arrivesAtMs =
                now + MIGRATION_OVERHEAD_MS + (long) (bytes / MIGRATION_BYTES_PER_SECOND * 1000);
        return vm.arrivesAtMs;
    }

    private void settle() {
        long now = nowMs();
        for (var i = underWay.iterator(); i.hasNext(); ) {
            SimulatedVm vm = i.next();
            if (now >= vm.arrivesAtMs) {
                vmsByHost.get(vm.host).remove(vm);
                vm.host = vm.targetHost;
                vm.targetHost = -1;
                vmsByHost.get(vm.host).add(vm);
                i.remove();
            }
        }
    }

    /// Waits for a time of the simulation.
    synchronized void awaitMs(long timeMs) throws InterruptedException {
        for (long leftMs = timeMs - nowMs(); leftMs > 0; leftMs = timeMs - nowMs()) {
            wait(leftMs);
        }
    }
}
