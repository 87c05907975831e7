package io.novacron.daemon.tick;

import io.novacron.daemon.view.FindingRow;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.PlacementIndex;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a tick found out, for the query ports to read until the next one. Immutable.
public final class PublishedView {
    public static final PublishedView EMPTY =
            new PublishedView(
                    0, 0, List.of(), List.of(), ForecastTable.EMPTY, List.of(), null, Map.of());

    private final long tick;
    private final long timeMs;
    private final List<HostRow> hosts;
    private final List<VmRow> vms;
    private final ForecastTable forecasts;
    private final List<FindingRow> findings;
    private final @Nullable PlacementIndex placement;
    private final Map<UUID, Integer> slots;
    private final Map<UUID, String> names = new HashMap<>();
    private final Map<String, UUID> uniqueNames = new HashMap<>();
    private final Map<UUID, VmRow> vmsById = new HashMap<>();
    private final Map<UUID, HostRow> hostsById = new HashMap<>();

    PublishedView(
            long tick,
            long timeMs,
            List<HostRow> hosts,
            List<VmRow> vms,
            ForecastTable forecasts,
            List<FindingRow> findings,
            @Nullable PlacementIndex placement,
            Map<UUID, Integer> slots) {
        this.tick = tick;
        this.timeMs = timeMs;
        this.hosts = List.copyOf(hosts);
        this.vms = List.copyOf(vms);
        this.forecasts = forecasts;
        this.findings = List.copyOf(findings);
        this.placement = placement;
        this.slots = Map.copyOf(slots);
        Map<String, Integer> uses = new HashMap<>();
        hosts.forEach(host -> name(host.id(), host.name(), uses));
        vms.forEach(vm -> name(vm.id(), vm.name(), uses));
        uses.forEach((name, count) -> {
            if (count > 1) {
                uniqueNames.remove(name);
            }
        });
        hosts.forEach(host -> hostsById.put(host.id(), host));
        vms.forEach(vm -> vmsById.put(vm.id(), vm));
    }

    private void name(UUID id, String name, Map<String, Integer> uses) {
        names.put(id, name);
        uniqueNames.put(name, id);
        uses.merge(name, 1, Integer::sum);
    }

    public long tick() {
        return tick;
    }

    public long timeMs() {
        return timeMs;
    }

    public List<HostRow> hosts() {
        return hosts;
    }

    public List<VmRow> vms() {
        return vms;
    }

    public ForecastTable forecasts() {
        return forecasts;
    }

    public List<FindingRow> findings() {
        return findings;
    }

    /// Null before the first tick with a host.
    public @Nullable PlacementIndex placement() {
        return placement;
    }

    /// The problem behind the placement index, or null.
    public @Nullable FleetProblem problem() {
        return placement == null ? null : placement.problem();
    }

    public int slotOf(UUID entity) {
        return slots.getOrDefault(entity, -1);
    }

    public @Nullable String nameOf(UUID entity) {
        return names.get(entity);
    }

    /// The one entity of that name; null when there is none or more than one.
    public @Nullable UUID byUniqueName(String name) {
        return uniqueNames.get(name);
    }

    public @Nullable VmRow vm(UUID id) {
        return vmsById.get(id);
    }

    public @Nullable HostRow host(UUID id) {
        return hostsById.get(id);
    }
}
