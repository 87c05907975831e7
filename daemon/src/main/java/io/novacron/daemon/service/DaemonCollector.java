package io.novacron.daemon.service;

import io.novacron.daemon.audit.AuditAnchor.Head;
import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.decision.DecisionLoop;
import io.novacron.daemon.tick.EnsembleStatus;
import io.novacron.daemon.tick.TickPipeline;
import io.novacron.daemon.view.TrackRow;
import io.novacron.inference.TierStatus;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.remotewrite.RemoteWriteReceiver;
import io.novacron.wire.sbe.LifecycleState;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// Every counter of ingest, analysis, models and decisions for `/metrics`, under
/// `novacron_<stage>_<counter>_total`.
final class DaemonCollector extends Collector {
    private final Ingest ingest;
    private final TickPipeline pipeline;
    private final DecisionLoop decisions;
    private final @Nullable RemoteWriteReceiver remoteWrite;

    DaemonCollector(
            Ingest ingest,
            TickPipeline pipeline,
            DecisionLoop decisions,
            @Nullable RemoteWriteReceiver remoteWrite) {
        this.ingest = ingest;
        this.pipeline = pipeline;
        this.decisions = decisions;
        this.remoteWrite = remoteWrite;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        List<MetricFamilySamples> families = new ArrayList<>();
        ingest.statistics().counters().forEach((key, v) -> families.add(counter("ingest", key, v)));
        ingest.statistics()
                .gauges()
                .forEach((key, v) ->
                        families.add(
                                new GaugeMetricFamily("novacron_ingest_" + snake(key), key, v)));
        decisions
                .counters()
                .values()
                .forEach((key, v) -> families.add(counter("decisions", key, v)));
        var entered =
                new CounterMetricFamily(
                        "novacron_decisions_transitions",
                        "Decisions that came into a state",
                        List.of("state"));
        for (LifecycleState state : LifecycleState.values()) {
            if (state != LifecycleState.NULL_VAL && state != LifecycleState.SBE_UNKNOWN) {
                entered.addMetric(List.of(state.name()), decisions.counters().entered(state));
            }
        }
        families.add(entered);
        addTracks(families);
        addAudit(families);
        families.add(counter("analysis", "ticksAnalysed", pipeline.ticksAnalysed()));
        families.add(counter("analysis", "ticksSkipped", pipeline.ticksSkipped()));
        families.add(counter("analysis", "ticksFailed", pipeline.ticksFailed()));
        families.add(counter("analysis", "plansNotJournaled", pipeline.plansNotJournaled()));
        families.add(counter("budget", "entitiesDue", pipeline.entitiesDue()));
        families.add(counter("budget", "entitiesLeftOut", pipeline.entitiesLeftOut()));
        addBudget(families);
        families.add(counter("placement", "promisesExpired", pipeline.ledger().expired()));
        families.add(counter("placement", "promisesStranded", pipeline.ledger().stranded()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_placement_promises",
                        "Promises of room that are out",
                        pipeline.ledger().promises().size()));
        addModels(families);
        EnsembleStatus ensemble = pipeline.ensembleStatus();
        if (ensemble != null) {
            EnsembleFamilies.add(ensemble, families);
        }
        addRemoteWrite(families);
        return families;
    }

    private void addBudget(List<MetricFamilySamples> families) {
        Governor.Report use = pipeline.budget();
        var percent =
                new GaugeMetricFamily(
                        "novacron_budget_cpu_percent",
                        "CPU time of the daemon in percent of the machine, as of the last tick",
                        List.of("window"));
        percent.addMetric(List.of("10s"), use.shortPercent());
        percent.addMetric(List.of("60s"), use.longPercent());
        families.add(percent);
        families.add(
                new GaugeMetricFamily(
                        "novacron_budget_other_cpu_percent",
                        "What of it is not analysis, over 60 s",
                        use.otherPercent()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_budget_balance_seconds",
                        "CPU time that is saved up for the analysis; negative when it is owed",
                        use.balanceSeconds()));
    }

    private void addTracks(List<MetricFamilySamples> families) {
        track(families, "decisions_kept", "Actions that were kept", TrackRow::kept);
        track(families, "promises_measured", "Actions that were measured", TrackRow::measured);
        track(
                families,
                "promises_broken",
                "Actions that were worse than promised",
                TrackRow::broken);
        track(
                families,
                "promises_confidence_factor",
                "Factor on the confidence of new proposals",
                TrackRow::confidenceFactor);
        track(
                families,
                "savings_vcpus",
                "vCPUs freed by actions that were kept, net",
                TrackRow::vcpusFreed);
        track(
                families,
                "savings_memory_bytes",
                "Memory freed by actions that were kept, net",
                TrackRow::memoryFreedBytes);
        track(
                families,
                "savings_vcpu_hours",
                "vCPUs freed, times how long it has been",
                TrackRow::vcpuHours);
        track(
                families,
                "savings_memory_gib_hours",
                "Memory freed, times how long it has been",
                TrackRow::memoryGibHours);
        track(
                families,
                "savings_overload_hours",
                "Hours of overload that kept actions promised to avoid",
                TrackRow::overloadHoursAvoided);
    }

    private void track(
            List<MetricFamilySamples> families,
            String name,
            String help,
            ToDoubleFunction<TrackRow> value) {
        var family = new GaugeMetricFamily("novacron_" + name, help, List.of("type"));
        for (TrackRow row : decisions.tracks()) {
            family.addMetric(List.of(row.type().name()), value.applyAsDouble(row));
        }
        families.add(family);
    }

    private void addAudit(List<MetricFamilySamples> families) {
        var audit = decisions.audit();
        var anchor = decisions.anchor();
        families.add(
                new GaugeMetricFamily(
                        "novacron_audit_lines", "Lines of the audit log", audit.lines()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_audit_head",
                        "First 48 bits of the hash of the last line of the audit log",
                        new Head(audit.lines(), audit.head()).prefix()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_audit_lines_anchored",
                        "Lines of the audit log up to the head in its anchor",
                        anchor.anchored().lines()));
        families.add(counter("audit", "anchorsWritten", anchor.anchorsWritten()));
        families.add(counter("audit", "anchorsFailed", anchor.anchorsFailed()));
    }

    private void addRemoteWrite(List<MetricFamilySamples> families) {
        RemoteWriteReceiver receiver = remoteWrite;
        if (receiver == null) {
            return;
        }
        receiver.counters()
                .values()
                .forEach((key, v) -> families.add(counter("remote_write", key, v)));
        families.add(
                new GaugeMetricFamily(
                        "novacron_remote_write_series", "Mapped series", receiver.liveSeries()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_remote_write_hosts",
                        "Hosts that Prometheus tells of",
                        receiver.hosts()));
    }

    private void addModels(List<MetricFamilySamples> families) {
        var answered =
                new CounterMetricFamily(
                        "novacron_model_series_answered",
                        "Series that a model answered",
                        List.of("model"));
        var overruns =
                new CounterMetricFamily(
                        "novacron_model_overruns",
                        "Calls in which a model ran out of its time",
                        List.of("model"));
        for (TierStatus tier : pipeline.modelStatus()) {
            answered.addMetric(List.of(tier.kind().label()), tier.seriesAnswered());
            overruns.addMetric(List.of(tier.kind().label()), tier.overruns());
        }
        families.add(answered);
        families.add(overruns);
    }

    private static CounterMetricFamily counter(String stage, String key, long value) {
        return new CounterMetricFamily("novacron_" + stage + "_" + snake(key), key, value);
    }

    private static String snake(String camel) {
        return camel.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
