package io.novacron.agent.libvirt;

import io.novacron.agent.SampleSink;
import io.novacron.agent.VmDescription;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.EntityState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Samples the guests' processes without libvirt. The sampling thread owns it; [#known] and
/// [#stopped] may be read by any thread.
final class FastPath implements AutoCloseable {
    private static final long SCAN_INTERVAL_NS = Duration.ofSeconds(10).toNanos();

    private final ProcessFinder finder;
    private final long pageSize = Posix.pageSize();
    private final Map<UUID, Guest> guests = new HashMap<>();
    private boolean scanned;
    private long lastScanNs;
    private volatile Set<UUID> known = Set.of();
    private volatile Set<UUID> stopped = Set.of();

    FastPath(ProcessFinder finder) {
        this.finder = finder;
    }

    /// Vms whose CPU and resident set come from here.
    Set<UUID> known() {
        return known;
    }

    /// Vms whose process somebody stopped.
    Set<UUID> stopped() {
        return stopped;
    }

    void sample(long nowNs, List<VmDescription> vms, int daemonPid, SampleSink sink) {
        var present = new HashSet<UUID>();
        boolean processMissing = false;
        for (var vm : vms) {
            if (vm.state() != EntityState.STOPPED) {
                present.add(vm.uuid());
                processMissing |= !guests.containsKey(vm.uuid());
            }
        }
        guests.entrySet()
                .removeIf(entry -> {
                    boolean gone = !present.contains(entry.getKey());
                    if (gone) {
                        entry.getValue().process.close();
                    }
                    return gone;
                });
        if (processMissing && (!scanned || nowNs - lastScanNs >= SCAN_INTERVAL_NS)) {
            scan(nowNs, present, daemonPid);
        }

        var stoppedNow = new HashSet<UUID>();
        for (var vm : vms) {
            var guest = guests.get(vm.uuid());
            if (guest != null && !guest.sample(nowNs, vm, sink)) {
                guest.process.close();
                guests.remove(vm.uuid());
            } else if (guest != null && guest.process.stopped()) {
                stoppedNow.add(vm.uuid());
            }
        }
        known = Set.copyOf(guests.keySet());
        stopped = Set.copyOf(stoppedNow);
    }

    @Override
    public void close() {
        guests.values().forEach(guest -> guest.process.close());
        guests.clear();
    }

    private void scan(long nowNs, Set<UUID> present, int daemonPid) {
        scanned = true;
        lastScanNs = nowNs;
        for (Map.Entry<UUID, Path> found : finder.guests(daemonPid).entrySet()) {
            if (present.contains(found.getKey()) && !guests.containsKey(found.getKey())) {
                try {
                    guests.put(
                            found.getKey(),
                            new Guest(GuestProcess.open(found.getValue(), pageSize)));
                } catch (IOException e) {
                    // it ended meanwhile; the next scan looks again
                }
            }
        }
    }

    private static final class Guest {
        final GuestProcess process;
        private boolean read;
        private long lastReadNs;

        Guest(GuestProcess process) {
            this.process = process;
        }

        /// False when the process is gone.
        boolean sample(long nowNs, VmDescription vm, SampleSink sink) {
            if (!process.refresh(vm.vcpus())) {
                return false;
            }
            sink.put(vm.uuid(), Metrics.MEMORY_USED, process.residentBytes());
            long elapsedNs = nowNs - lastReadNs;
            if (read
                    && elapsedNs > 0
                    && vm.vcpus() > 0
                    && process.cpuNs() != GuestProcess.MISSING) {
                double capacityNs = (double) elapsedNs * vm.vcpus();
                sink.put(
                        vm.uuid(),
                        Metrics.CPU_USAGE,
                        VmHistory.percent(process.cpuNs(), capacityNs));
                sink.put(
                        vm.uuid(),
                        Metrics.CPU_STEAL,
                        VmHistory.percent(process.delayNs(), capacityNs));
            }
            read = true;
            lastReadNs = nowNs;
            return true;
        }
    }
}
