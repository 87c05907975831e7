package io.novacron.daemon.service;

import io.novacron.daemon.decision.DecisionLoop;
import io.novacron.daemon.decision.Lifecycle;
import io.novacron.daemon.tick.ForecastTable;
import io.novacron.daemon.tick.Placements;
import io.novacron.daemon.tick.PublishedView;
import io.novacron.daemon.tick.TickFindings;
import io.novacron.daemon.tick.TickPipeline;
import io.novacron.daemon.tick.Windows;
import io.novacron.daemon.view.AutomationRow;
import io.novacron.daemon.view.CapacityAnswer;
import io.novacron.daemon.view.CapacityQuery;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DrainRow;
import io.novacron.daemon.view.FindingRow;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.daemon.view.ForecastRow;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.OutlookRow;
import io.novacron.daemon.view.PlacementQuery;
import io.novacron.daemon.view.PlacementRow;
import io.novacron.daemon.view.SeriesRow;
import io.novacron.daemon.view.StatusRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.daemon.view.WindowRow;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.Quantiles;
import io.novacron.inference.outlook.BusinessCalendar;
import io.novacron.inference.serving.SeriesAccuracy;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetStore;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.LifecycleState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// Answers queries from the last published view and the decision rows. Any thread.
final class DaemonQueries implements FleetQueries {
    /// Two steps of five minutes: what is not renewed by then was left out.
    private static final Duration OVERDUE = Duration.ofMinutes(10);

    private final FleetStore store;
    private final TickPipeline pipeline;
    private final DecisionLoop decisions;
    private final Supplier<StatusRow> status;
    private final Placements placements;
    private final InstantSource clock;
    private final Outlooks outlooks;

    DaemonQueries(
            FleetStore store,
            TickPipeline pipeline,
            DecisionLoop decisions,
            Supplier<StatusRow> status,
            BusinessCalendar calendar,
            InstantSource clock) {
        this.store = store;
        this.pipeline = pipeline;
        this.decisions = decisions;
        this.status = status;
        this.clock = clock;
        this.outlooks = new Outlooks(store, calendar);
        this.placements = new Placements(pipeline.ledger(), clock);
    }

    @Override
    public AutomationRow automation() {
        return decisions.automation();
    }

    @Override
    public List<DrainRow> drains() {
        PublishedView view = pipeline.view();
        List<DrainRow> rows = new ArrayList<>();
        for (DrainRow drain : decisions.drains()) {
            HostRow host = view.host(drain.hostId());
            List<VmRow> left =
                    view.vms().stream().filter(vm -> vm.hostId().equals(drain.hostId())).toList();
            rows.add(
                    new DrainRow(
                            drain.hostId(),
                            host == null ? drain.hostId().toString() : host.name(),
                            drain.who(),
                            drain.reason(),
                            drain.sinceMs(),
                            left.size(),
                            decisions.rows().stream()
                                    .filter(row -> row.hostId().equals(drain.hostId()))
                                    .filter(row -> row.type() == ActionType.LIVE_MIGRATE)
                                    .filter(row -> !Lifecycle.isFinal(row.state()))
                                    .map(DecisionRow::id)
                                    .toList(),
                            stays(view, left),
                            drain.fromMs()));
        }
        return rows;
    }

    private static List<DrainRow.Stay> stays(PublishedView view, List<VmRow> left) {
        List<DrainRow.Stay> stays = new ArrayList<>();
        for (VmRow vm : left) {
            if (vm.state() != EntityState.RUNNING && vm.state() != EntityState.MIGRATING) {
                stays.add(
                        new DrainRow.Stay(
                                vm.id(),
                                vm.name(),
                                "it is %s: only a running vm migrates live"
                                        .formatted(vm.state().name().toLowerCase(Locale.ROOT))));
            }
            view.findings().stream()
                    .filter(finding -> finding.kind().equals(TickFindings.DRAIN))
                    .filter(finding -> finding.entity().equals(vm.id()))
                    .map(finding -> new DrainRow.Stay(vm.id(), vm.name(), finding.text()))
                    .forEach(stays::add);
        }
        return stays;
    }

    @Override
    public List<WindowRow> windows(UUID host, int hours, int within) {
        Optional<SeriesRow> past = series(host, Metrics.CPU_USAGE, 3_600, Resolution.HOUR.steps());
        if (past.isEmpty()) {
            return List.of();
        }
        return Windows.quietest(
                past.get(), forecast(host, Metrics.CPU_USAGE), clock.millis(), hours, within);
    }

    @Override
    public StatusRow status() {
        return status.get();
    }

    @Override
    public List<HostRow> hosts() {
        return pipeline.view().hosts();
    }

    @Override
    public List<VmRow> vms() {
        return pipeline.view().vms();
    }

    @Override
    public Optional<UUID> resolve(String uuidOrName) {
        PublishedView view = pipeline.view();
        try {
            UUID uuid = UUID.fromString(uuidOrName);
            return view.nameOf(uuid) == null ? Optional.empty() : Optional.of(uuid);
        } catch (IllegalArgumentException _) {
            return Optional.ofNullable(view.byUniqueName(uuidOrName));
        }
    }

    @Override
    public Optional<SeriesRow> series(UUID entity, int metricId, int stepSeconds, int steps) {
        Resolution resolution = resolution(stepSeconds);
        try (FleetView view = store.pin()) {
            int slot = view.slotOf(entity);
            Entity found = view.entity(slot);
            if (slot < 0 || found == null) {
                return Optional.empty();
            }
            int wanted = Math.clamp(steps, 1, resolution.steps());
            float[] values = new float[wanted];
            view.copyWindow(metricId, resolution, Statistic.MEAN, slot, 1, wanted, values);
            return Optional.of(
                    new SeriesRow(
                            entity,
                            found.name(),
                            metricId,
                            stepSeconds,
                            view.windowEndMs(resolution),
                            values));
        }
    }

    private static Resolution resolution(int stepSeconds) {
        for (Resolution resolution : Resolution.values()) {
            if (resolution.stepMs() == stepSeconds * 1_000L) {
                return resolution;
            }
        }
        throw new CommandException(
                CommandException.Kind.INVALID,
                "step_seconds=%d must be 60, 300 or 3600".formatted(stepSeconds));
    }

    @Override
    public Optional<ForecastRow> forecast(UUID entity, int metricId) {
        PublishedView view = pipeline.view();
        ForecastTable table = view.forecasts();
        int slot = view.slotOf(entity);
        int column = table.column(metricId);
        String name = view.nameOf(entity);
        if (slot < 0 || column < 0 || name == null || !table.isAnswered(column, slot)) {
            return Optional.empty();
        }
        List<ForecastRow.Point> points = new ArrayList<>();
        for (int horizon = 0; horizon < ForecastTable.horizonCount(); horizon++) {
            float[] quantiles = new float[Quantiles.COUNT];
            for (int level = 0; level < quantiles.length; level++) {
                quantiles[level] = table.quantile(column, slot, horizon, level);
            }
            points.add(new ForecastRow.Point(ForecastTable.horizonSeconds(horizon), quantiles));
        }
        return Optional.of(
                new ForecastRow(
                        entity,
                        name,
                        metricId,
                        view.tick(),
                        table.issuedAtMs(column, slot),
                        table.model(column, slot).label(),
                        reason(table, column, slot, view.timeMs()),
                        table.confidence(column, slot),
                        points,
                        accuracy(table, column, slot)));
    }

    private static List<ForecastRow.Accuracy> accuracy(ForecastTable table, int column, int slot) {
        List<ForecastRow.Accuracy> rows = new ArrayList<>();
        for (int horizon = 0; horizon < ForecastTable.horizonCount(); horizon++) {
            float outcomes = table.accuracy(column, slot, horizon, SeriesAccuracy.OUTCOMES);
            if (outcomes > 0) {
                rows.add(
                        new ForecastRow.Accuracy(
                                ForecastTable.horizonSeconds(horizon),
                                outcomes,
                                table.accuracy(column, slot, horizon, SeriesAccuracy.WAPE),
                                table.accuracy(column, slot, horizon, SeriesAccuracy.COVERAGE),
                                table.accuracy(column, slot, horizon, SeriesAccuracy.SKILL)));
            }
        }
        return rows;
    }

    /// Why it is not the best model's newest word; empty when it is.
    private static String reason(ForecastTable table, int column, int slot, long nowMs) {
        FallbackReason reason = table.reason(column, slot);
        String text = reason == FallbackReason.NONE ? "" : reason.text();
        Duration age = Duration.ofMillis(nowMs - table.issuedAtMs(column, slot));
        if (age.compareTo(OVERDUE) <= 0) {
            return text;
        }
        return "%s%sissued %d minutes ago: the CPU budget has left no time to renew it"
                .formatted(text, text.isEmpty() ? "" : "; ", age.toMinutes());
    }

    @Override
    public Optional<OutlookRow> outlook(UUID entity, int metricId, int days) {
        return outlooks.outlook(entity, metricId, days);
    }

    @Override
    public CapacityAnswer capacity(CapacityQuery query) {
        return outlooks.capacity(query);
    }

    @Override
    public List<FindingRow> findings() {
        return pipeline.view().findings();
    }

    @Override
    public List<DecisionRow> recommendations() {
        return decisions.rows().stream()
                .filter(row -> row.state() == LifecycleState.PROPOSED)
                .sorted(Comparator.comparingDouble(decisions::benefitOf).reversed())
                .toList();
    }

    @Override
    public List<DecisionRow> decisions(int maxResults) {
        return decisions.rows().stream().limit(maxResults).toList();
    }

    @Override
    public Optional<DecisionRow> decision(long id) {
        return decisions.rows().stream().filter(row -> row.id() == id).findFirst();
    }

    @Override
    public PlacementRow place(PlacementQuery query) {
        PublishedView view = pipeline.view();
        checkKnown(view, query.affinity(), "affinity");
        checkKnown(view, query.antiAffinity(), "anti_affinity");
        return placements.place(query, view.tick(), view::nameOf);
    }

    @Override
    public boolean releasePromise(UUID vm) {
        return placements.release(vm);
    }

    private static void checkKnown(PublishedView view, List<UUID> vms, String field) {
        for (UUID vm : vms) {
            if (view.vm(vm) == null) {
                throw new CommandException(
                        CommandException.Kind.NOT_FOUND,
                        "%s: vm %s is not known. Maybe look at `novacron vms`?"
                                .formatted(field, vm));
            }
        }
    }
}
