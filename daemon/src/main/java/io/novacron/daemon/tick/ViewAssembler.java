package io.novacron.daemon.tick;

import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.inference.Quantiles;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.wire.catalogue.Metrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Makes the rows that people and schedulers read from a view. Pure.
final class ViewAssembler {
    private static final int NAMED_HORIZON = ForecastTable.HOUR_HORIZONS - 1;

    private ViewAssembler() {}

    static Map<UUID, Integer> slots(FleetView view) {
        Map<UUID, Integer> slots = new HashMap<>();
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity entity = view.entity(slot);
            if (entity != null) {
                slots.put(entity.uuid(), slot);
            }
        }
        return slots;
    }

    static List<HostRow> hosts(FleetView view, ForecastTable forecasts, AgentPresence agents) {
        int[] vms = new int[view.slotCount()];
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity vm = view.entity(slot);
            if (vm != null && vm.isVm() && !vm.vanished() && vm.hostSlot() >= 0) {
                vms[vm.hostSlot()]++;
            }
        }
        int cpu = forecasts.column(Metrics.CPU_USAGE);
        List<HostRow> rows = new ArrayList<>();
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity host = view.entity(slot);
            if (host == null || !host.isHost()) {
                continue;
            }
            float rss = view.last(Metrics.AGENT_RSS, slot);
            rows.add(
                    new HostRow(
                            host.uuid(),
                            host.name(),
                            host.vanished() ? HostRow.State.GONE : agents.state(host.uuid()),
                            host.vcpus(),
                            host.memoryBytes(),
                            vms[slot],
                            view.last(Metrics.CPU_USAGE, slot),
                            view.last(Metrics.MEMORY_USAGE, slot),
                            view.last(Metrics.CPU_PRESSURE, slot),
                            forecasts.isAnswered(cpu, slot)
                                    ? forecasts.quantile(cpu, slot, NAMED_HORIZON, Quantiles.MEDIAN)
                                    : Float.NaN,
                            view.last(Metrics.AGENT_CPU, slot),
                            Float.isNaN(rss) ? -1 : (long) rss,
                            agents.hasLibvirt(host.uuid()),
                            host.labels()));
        }
        rows.sort(Comparator.comparing(HostRow::name).thenComparing(HostRow::id));
        return rows;
    }

    static List<VmRow> vms(FleetView view) {
        List<VmRow> rows = new ArrayList<>();
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity vm = view.entity(slot);
            Entity host = vm == null || !vm.isVm() ? null : view.entity(vm.hostSlot());
            if (vm == null || host == null || vm.vanished()) {
                continue;
            }
            rows.add(
                    new VmRow(
                            vm.uuid(),
                            vm.name(),
                            host.uuid(),
                            host.name(),
                            vm.state(),
                            vm.vcpus(),
                            vm.maxVcpus(),
                            vm.memoryBytes(),
                            vm.maxMemoryBytes(),
                            view.last(Metrics.CPU_USAGE, slot),
                            view.last(Metrics.MEMORY_USAGE, slot),
                            view.last(Metrics.DISK_THROUGHPUT, slot),
                            view.last(Metrics.NETWORK_THROUGHPUT, slot),
                            vm.labels()));
        }
        rows.sort(Comparator.comparing(VmRow::name).thenComparing(VmRow::id));
        return rows;
    }
}
