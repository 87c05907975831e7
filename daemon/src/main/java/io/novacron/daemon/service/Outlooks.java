package io.novacron.daemon.service;

import io.novacron.daemon.view.CapacityAnswer;
import io.novacron.daemon.view.CapacityQuery;
import io.novacron.daemon.view.CapacityRow;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.OutlookRow;
import io.novacron.inference.Bounds;
import io.novacron.inference.Quantiles;
import io.novacron.inference.outlook.BusinessCalendar;
import io.novacron.inference.outlook.Outlook;
import io.novacron.inference.outlook.OutlookModel;
import io.novacron.inference.outlook.RunOut;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetStore;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.catalogue.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// Looks days ahead when somebody asks, from the hours of the fleet store: nothing of it is done in
/// a tick.
///
/// Any thread; one at a time does the work. The newest capacity answer of each question is kept
/// until the hour is over, [#MAX_KEPT] of them, so that a dashboard that asks each second costs
/// nothing.
final class Outlooks {
    private static final int MAX_KEPT = 16;
    private static final int HOURS = Resolution.HOUR.steps();
    private static final String FLEET = "fleet";
    private static final String GROUP = "group";
    private static final String HOST = "host";
    private static final int[] RESOURCES = {Metrics.CPU_USAGE, Metrics.MEMORY_USAGE};
    private static final List<ToDoubleFunction<Entity>> SIZES =
            List.of(Entity::vcpus, Entity::memoryBytes);

    private final FleetStore store;
    private final OutlookModel model;
    private final ReentrantLock lock = new ReentrantLock(); // guards the model and what is kept
    private final Map<CapacityQuery, CapacityAnswer> kept = new java.util.LinkedHashMap<>();

    Outlooks(FleetStore store, BusinessCalendar calendar) {
        this.store = store;
        this.model = new OutlookModel(calendar);
    }

    /// Empty when the entity is not known, or the metric is not kept for days.
    Optional<OutlookRow> outlook(UUID id, int metricId, int days) {
        CapacityQuery.checkDays(days);
        Metric metric = MetricCatalogue.INSTANCE.byId(metricId);
        if (metric == null || !metric.forecast()) {
            return Optional.empty();
        }
        float[] hours = new float[HOURS];
        String name;
        long endMs;
        try (FleetView view = store.pin()) {
            int slot = view.slotOf(id);
            Entity entity = view.entity(slot);
            if (slot < 0 || entity == null) {
                return Optional.empty();
            }
            name = entity.name();
            endMs = view.windowEndMs(Resolution.HOUR);
            copy(view, metricId, slot, hours);
        }
        return look(hours, endMs, metric, days)
                .map(outlook ->
                        new OutlookRow(
                                id,
                                name,
                                metricId,
                                endMs,
                                label(outlook),
                                outlook.slopePerDay(),
                                outlook.historyDays(),
                                days(outlook)));
    }

    private Optional<Outlook> look(float[] hours, long endMs, Metric metric, int days) {
        var bounds = new Bounds((float) metric.min(), (float) metric.max());
        lock.lock();
        try {
            return model.look(hours, endMs, bounds, days);
        } finally {
            lock.unlock();
        }
    }

    private static List<OutlookRow.Day> days(Outlook outlook) {
        List<OutlookRow.Day> days = new ArrayList<>();
        for (int day = 0; day < outlook.days(); day++) {
            days.add(
                    new OutlookRow.Day(
                            day,
                            outlook.dayMean(day, Quantiles.LOW),
                            outlook.dayMean(day, Quantiles.MEDIAN),
                            outlook.dayMean(day, Quantiles.HIGH),
                            outlook.dayPeak(day, Quantiles.LOW),
                            outlook.dayPeak(day, Quantiles.MEDIAN),
                            outlook.dayPeak(day, Quantiles.HIGH)));
        }
        return days;
    }

    /// When hosts, groups of them and the fleet are used up.
    CapacityAnswer capacity(CapacityQuery query) {
        lock.lock();
        try (FleetView view = store.pin()) {
            long endMs = view.windowEndMs(Resolution.HOUR);
            CapacityAnswer before = kept.get(query);
            if (before != null && before.fromMs() == endMs) {
                return before;
            }
            var answer = new CapacityAnswer(endMs, query, rows(view, query, endMs));
            kept.remove(query);
            if (kept.size() >= MAX_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
            kept.put(query, answer);
            return answer;
        } finally {
            lock.unlock();
        }
    }

    private List<CapacityRow> rows(FleetView view, CapacityQuery query, long endMs) {
        List<CapacityRow> fleetRows = new ArrayList<>();
        List<CapacityRow> groupRows = new ArrayList<>();
        List<CapacityRow> hostRows = new ArrayList<>();
        for (int resource = 0; resource < RESOURCES.length; resource++) {
            int metricId = RESOURCES[resource];
            var fleet = new Sum();
            Map<String, Sum> groups = new TreeMap<>();
            float[] hours = new float[HOURS];
            for (int slot = 0; slot < view.slotCount(); slot++) {
                Entity host = view.entity(slot);
                if (host == null || !host.isHost() || host.vanished()) {
                    continue;
                }
                double size = SIZES.get(resource).applyAsDouble(host);
                copy(view, metricId, slot, hours);
                fleet.add(hours, size);
                if (!query.by().isEmpty()) {
                    String value = host.labels().getOrDefault(query.by(), "");
                    groups.computeIfAbsent(value, _ -> new Sum()).add(hours, size);
                }
                if (query.hosts()) {
                    hostRows.add(
                            row(HOST, host.name(), host.uuid(), metricId, 1, hours, endMs, query));
                }
            }
            if (fleet.hosts > 0) {
                fleetRows.add(
                        row(FLEET, FLEET, null, metricId, fleet.hosts, fleet.mean(), endMs, query));
            }
            groups.forEach((value, sum) ->
                    groupRows.add(
                            row(
                                    GROUP,
                                    query.by() + "=" + value,
                                    null,
                                    metricId,
                                    sum.hosts,
                                    sum.mean(),
                                    endMs,
                                    query)));
        }
        if (groupRows.size() == RESOURCES.length && groupRows.getFirst().name().endsWith("=")) {
            throw new CommandException(
                    CommandException.Kind.NOT_FOUND,
                    "by=\"%s\": no host has this label. Maybe it is a label of vms?"
                            .formatted(query.by()));
        }
        groupRows.sort(java.util.Comparator.comparing(CapacityRow::name)); // stable
        hostRows.sort(java.util.Comparator.comparing(CapacityRow::name));
        fleetRows.addAll(groupRows);
        fleetRows.addAll(hostRows);
        return fleetRows;
    }

    private CapacityRow row(
            String scope,
            String name,
            @Nullable UUID entity,
            int metricId,
            int hosts,
            float[] hours,
            long endMs,
            CapacityQuery query) {
        Optional<Outlook> found = model.look(hours, endMs, Bounds.PERCENT, query.days());
        if (found.isEmpty()) {
            return new CapacityRow(
                    scope,
                    name,
                    entity,
                    metricId,
                    hosts,
                    0,
                    "",
                    Float.NaN,
                    Float.NaN,
                    Float.NaN,
                    Float.NaN,
                    RunOut.NEVER,
                    RunOut.NEVER,
                    RunOut.NEVER);
        }
        Outlook outlook = found.get();
        RunOut runOut = outlook.runOut((float) query.limitPercent());
        int last = outlook.days() - 1;
        return new CapacityRow(
                scope,
                name,
                entity,
                metricId,
                hosts,
                outlook.historyDays(),
                label(outlook),
                outlook.slopePerDay(),
                outlook.dayPeak(0, Quantiles.MEDIAN),
                outlook.dayPeak(last, Quantiles.MEDIAN),
                outlook.dayPeak(last, Quantiles.HIGH),
                runOut.earliest(),
                runOut.expected(),
                runOut.latest());
    }

    private static String label(Outlook outlook) {
        return outlook.trend().name().toLowerCase(Locale.ROOT);
    }

    private static void copy(FleetView view, int metricId, int slot, float[] hours) {
        view.copyWindow(metricId, Resolution.HOUR, Statistic.MEAN, slot, 1, HOURS, hours);
    }

    /// What hosts use, in percent of what those of them have that were heard in that hour.
    private static final class Sum {
        private final double[] used = new double[HOURS];
        private final double[] sizes = new double[HOURS];
        private int hosts;

        void add(float[] percent, double size) {
            hosts++;
            for (int hour = 0; hour < HOURS; hour++) {
                if (Float.isFinite(percent[hour])) {
                    used[hour] += percent[hour] * size;
                    sizes[hour] += size;
                }
            }
        }

        float[] mean() {
            float[] mean = new float[HOURS];
            for (int hour = 0; hour < HOURS; hour++) {
                mean[hour] = sizes[hour] > 0 ? (float) (used[hour] / sizes[hour]) : Float.NaN;
            }
            return mean;
        }
    }
}
