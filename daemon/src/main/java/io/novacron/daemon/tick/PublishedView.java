package io.novacron.daemon.tick;

import io.novacron.daemon.view.FindingRow;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.PlacementIndex;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a tick found out, for the query ports to read until the next one. Immutable.
public final class PublishedView {
    public static final PublishedView EMPTY =
            new PublishedView(
                    0,
                    0,
                    List.of(),
                    List.of(),
                    ForecastTable.EMPTY,
                    List.of(),
                    null,
                    Map.of(),
                    Roster.EMPTY);

    private final long tick;
    private final long timeMs;
    private final List<HostRow> hosts;
    private final List<VmRow> vms;
    private final ForecastTable forecasts;
    private final List<FindingRow> findings;
    private final @Nullable PlacementIndex placement;
    private final Map<UUID, Integer> slots;
    private final Roster roster;

    /// @param hosts in the order of the roster, as the vms
    /// @param slots of all entities; immutable
    PublishedView(
            long tick,
            long timeMs,
            List<HostRow> hosts,
            List<VmRow> vms,
            ForecastTable forecasts,
            List<FindingRow> findings,
            @Nullable PlacementIndex placement,
            Map<UUID, Integer> slots,
            Roster roster) {
        this.tick = tick;
        this.timeMs = timeMs;
        this.hosts = List.copyOf(hosts);
        this.vms = List.copyOf(vms);
        this.forecasts = forecasts;
        this.findings = List.copyOf(findings);
        this.placement = placement;
        this.slots = slots;
        this.roster = roster;
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
        VmRow vm = vm(entity);
        if (vm != null) {
            return vm.name();
        }
        HostRow host = host(entity);
        return host == null ? null : host.name();
    }

    /// The one entity of that name; null when there is none or more than one.
    public @Nullable UUID byUniqueName(String name) {
        return roster.byUniqueName(name);
    }

    public @Nullable VmRow vm(UUID id) {
        int position = roster.vmPosition(id);
        return position < 0 ? null : vms.get(position);
    }

    public @Nullable HostRow host(UUID id) {
        int position = roster.hostPosition(id);
        return position < 0 ? null : hosts.get(position);
    }

    Roster roster() {
        return roster;
    }
}
