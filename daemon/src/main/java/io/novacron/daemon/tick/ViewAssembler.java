package io.novacron.daemon.tick;

import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.inference.Quantiles;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.wire.catalogue.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Makes the rows that people and schedulers read from a view, in the order of the view's roster.
/// Pure.
final class ViewAssembler {
    private static final int NAMED_HORIZON = ForecastTable.HOUR_HORIZONS - 1;

    private ViewAssembler() {}

    static List<HostRow> hosts(
            FleetView view, Roster roster, ForecastTable forecasts, AgentPresence agents) {
        int[] vms = new int[view.slotCount()];
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity vm = view.entity(slot);
            if (vm != null && vm.isVm() && !vm.vanished() && vm.hostSlot() >= 0) {
                vms[vm.hostSlot()]++;
            }
        }
        int cpu = forecasts.column(Metrics.CPU_USAGE);
        List<HostRow> rows = new ArrayList<>();
        for (int slot : roster.hostSlots()) {
            Entity host = Objects.requireNonNull(view.entity(slot));
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
        return rows;
    }

    static List<VmRow> vms(FleetView view, Roster roster) {
        List<VmRow> rows = new ArrayList<>(roster.vmSlots().length);
        for (int slot : roster.vmSlots()) {
            Entity vm = Objects.requireNonNull(view.entity(slot));
            Entity host = Objects.requireNonNull(view.entity(vm.hostSlot()));
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
        return rows;
    }
}
