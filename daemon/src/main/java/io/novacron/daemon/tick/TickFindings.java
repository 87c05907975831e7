package io.novacron.daemon.tick;

import io.novacron.daemon.view.FindingRow;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.solver.Reason;
import io.novacron.solver.Unresolved;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.Metrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/// Findings of a tick, the strongest first; what is over the limit is counted and left out.
public final class TickFindings {
    /// The kind of what a drain leaves.
    public static final String DRAIN = "drain";

    private static final int LIMIT = 1_000;
    private static final long ANOMALY_SHOWN_MS = 3_600_000;

    private final List<FindingRow> anomalies = new ArrayList<>();
    private final List<FindingRow> ofThisTick = new ArrayList<>();
    private long findingsLeftOut;

    /// Forgets what belongs to an earlier tick; anomalies stay for an hour.
    void startTick(long nowMs) {
        ofThisTick.clear();
        anomalies.removeIf(finding -> nowMs - finding.atMs() > ANOMALY_SHOWN_MS);
    }

    void anomaly(
            FleetView view, int slot, Metric metric, float score, float value, float expected) {
        Entity entity = view.entity(slot);
        if (entity == null || entity.vanished()) {
            return;
        }
        anomalies.removeIf(
                old -> old.entity().equals(entity.uuid()) && old.metricId() == metric.id());
        anomalies.add(
                new FindingRow(
                        "anomaly",
                        entity.uuid(),
                        entity.name(),
                        metric.id(),
                        Math.abs(score),
                        String.format(
                                Locale.ROOT,
                                "%s is %.4g %s where its past makes one expect %.4g",
                                metric.name(),
                                value,
                                metric.unit().replace('_', ' '),
                                expected),
                        view.timeMs()));
    }

    /// What the solver could not mend: a host that stays hot, a vm with no room to grow.
    void unresolved(FleetView view, List<Unresolved> unresolved, String kind) {
        for (Unresolved one : unresolved) {
            int slot = view.slotOf(UUID.fromString(one.entityId()));
            Entity entity = slot < 0 ? null : view.entity(slot);
            if (entity != null) {
                String reasons =
                        String.join("; ", one.reasons().stream().map(Reason::text).toList());
                String text = EntityNames.inWords(view, reasons);
                ofThisTick.add(
                        new FindingRow(
                                kind,
                                entity.uuid(),
                                entity.name(),
                                Metrics.CPU_USAGE,
                                1,
                                text,
                                view.timeMs()));
            }
        }
    }

    List<FindingRow> rows() {
        List<FindingRow> rows = new ArrayList<>(ofThisTick);
        rows.addAll(anomalies);
        rows.sort(
                Comparator.comparing(FindingRow::kind)
                        .reversed()
                        .thenComparing(Comparator.comparing(FindingRow::score).reversed())
                        .thenComparing(FindingRow::name));
        if (rows.size() > LIMIT) {
            findingsLeftOut += rows.size() - LIMIT;
            return List.copyOf(rows.subList(0, LIMIT));
        }
        return rows;
    }

    long findingsLeftOut() {
        return findingsLeftOut;
    }
}
