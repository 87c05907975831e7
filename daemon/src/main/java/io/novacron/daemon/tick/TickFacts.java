package io.novacron.daemon.tick;

import io.novacron.daemon.decision.FleetFacts;
import io.novacron.daemon.decision.GroupFacts;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.inference.Quantiles;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.ingest.fleet.ViewExpiredException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the lifecycle reads back from: the rows of one published view, and the fleet store as it
/// was when the tick's plan came back from the journal. So both are the same in a replay. One
/// thread at a time.
public final class TickFacts implements FleetFacts {
    private static final int NEIGHBOURS = 64;

    private final PublishedView view;
    private final TickPlan plan;
    private final Map<String, GroupFacts> groups = new HashMap<>();
    private @Nullable FleetView past;

    /// @param groupFacts of the configured groups, as of the same tick
    /// @param past pinned; null when there is none. [#release] closes it.
    public TickFacts(
            PublishedView view,
            TickPlan plan,
            List<GroupFacts> groupFacts,
            @Nullable FleetView past) {
        this.view = view;
        this.plan = plan;
        this.past = past;
        groupFacts.forEach(group -> groups.put(group.name(), group));
    }

    @Override
    public @Nullable GroupFacts group(String name) {
        return groups.get(name);
    }

    @Override
    public long tick() {
        return view.tick();
    }

    @Override
    public @Nullable VmFacts vm(UUID vm) {
        VmRow row = view.vm(vm);
        return row == null
                ? null
                : new VmFacts(
                        row.hostId(),
                        row.vcpus(),
                        row.memoryBytes(),
                        row.name(),
                        row.state(),
                        row.maxVcpus(),
                        row.maxMemoryBytes(),
                        row.labels());
    }

    @Override
    public @Nullable HostFacts host(UUID host) {
        HostRow row = view.host(host);
        return row == null ? null : new HostFacts(row.name(), row.labels());
    }

    @Override
    public boolean isOnline(UUID host) {
        HostRow row = view.host(host);
        return row != null && row.state() == HostRow.State.ONLINE;
    }

    @Override
    public long reportedAtMs(UUID host) {
        return plan.reported().getOrDefault(host, 0L);
    }

    @Override
    public float[] history(UUID entity, int metricId, int minutes) {
        FleetView pinned = past;
        int slot = pinned == null ? -1 : pinned.slotOf(entity);
        if (pinned == null || slot < 0) {
            return new float[0];
        }
        float[] values = new float[Math.min(minutes, Resolution.MINUTE.steps())];
        try {
            pinned.copyWindow(
                    metricId, Resolution.MINUTE, Statistic.MEAN, slot, 1, values.length, values);
        } catch (ViewExpiredException _) {
            return new float[0]; // ticks have stopped: nothing can be measured
        }
        return values;
    }

    @Override
    public List<UUID> vmsOf(UUID host) {
        return view.vms().stream()
                .filter(vm -> vm.hostId().equals(host))
                .limit(NEIGHBOURS)
                .map(VmRow::id)
                .toList();
    }

    @Override
    public float[] forecastPeak(UUID entity, int metricId) {
        ForecastTable table = view.forecasts();
        int slot = view.slotOf(entity);
        int column = table.column(metricId);
        if (slot < 0 || column < 0 || !table.isAnswered(column, slot)) {
            return new float[0];
        }
        float[] peaks = new float[Quantiles.COUNT];
        for (int level = 0; level < peaks.length; level++) {
            peaks[level] = table.peak(column, slot, level, ForecastTable.HOUR_HORIZONS);
        }
        return peaks;
    }

    @Override
    public void release() {
        FleetView pinned = past;
        past = null;
        if (pinned != null) {
            pinned.close();
        }
    }
}
