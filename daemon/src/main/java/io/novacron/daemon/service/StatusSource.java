package io.novacron.daemon.service;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.config.Percent;
import io.novacron.daemon.decision.DecisionLoop;
import io.novacron.daemon.tick.PublishedView;
import io.novacron.daemon.tick.TickPipeline;
import io.novacron.daemon.tick.TickPlan;
import io.novacron.daemon.up.ProcessUse;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.StatusRow;
import io.novacron.daemon.view.StatusRow.ComponentRow;
import io.novacron.daemon.view.StatusRow.Health;
import io.novacron.inference.TierStatus;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.sbe.LifecycleState;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The daemon at a glance, and how each of its stages is. Any thread.
final class StatusSource {
    private static final long LOOK_EVERY_MS = 1_000;

    private final String version;
    private final InstantSource clock;
    private final long startedAtMs;
    private final Ingest ingest;
    private final TickPipeline pipeline;
    private final DecisionLoop decisions;
    private final Firsts firsts;
    private final Percent budgetLimit;
    private final long pid = ProcessHandle.current().pid();
    private long lastLookMs;
    private double lastCpuSeconds;
    private double cpuPercent;

    StatusSource(
            String version,
            InstantSource clock,
            long startedAtMs,
            Ingest ingest,
            TickPipeline pipeline,
            DecisionLoop decisions,
            Firsts firsts,
            Percent budgetLimit) {
        this.budgetLimit = budgetLimit;
        this.version = version;
        this.clock = clock;
        this.startedAtMs = startedAtMs;
        this.ingest = ingest;
        this.pipeline = pipeline;
        this.decisions = decisions;
        this.firsts = firsts;
        this.lastLookMs = startedAtMs;
    }

    StatusRow status() {
        PublishedView view = pipeline.view();
        long proposed =
                decisions.rows().stream()
                        .filter(row -> row.state() == LifecycleState.PROPOSED)
                        .count();
        if (proposed > 0) {
            firsts.onRecommendation();
        }
        long nowMs = clock.millis();
        return new StatusRow(
                version,
                nowMs,
                startedAtMs,
                view.tick(),
                view.timeMs(),
                view.hosts().size(),
                view.vms().size(),
                ingest.statistics().get(Counter.SAMPLES_APPLIED),
                view.forecasts().answered(),
                proposed,
                cpuPercentOfCore(nowMs),
                (long) (ProcessUse.rssMb(pid) * (1 << 20)),
                firsts.forecastMs(),
                firsts.recommendationMs(),
                components(view),
                decisions.tracks());
    }

    /// Over the time since the last look, which is a second ago at least.
    private synchronized double cpuPercentOfCore(long nowMs) {
        if (nowMs - lastLookMs >= LOOK_EVERY_MS) {
            double cpuSeconds = ProcessUse.cpuSeconds(pid);
            cpuPercent = 100_000 * (cpuSeconds - lastCpuSeconds) / (nowMs - lastLookMs);
            lastCpuSeconds = cpuSeconds;
            lastLookMs = nowMs;
        }
        return cpuPercent;
    }

    /// Tells the head, so that whoever watches this also keeps it.
    private ComponentRow audit() {
        var audit = decisions.audit();
        String problem = decisions.anchor().problem();
        return new ComponentRow(
                "audit",
                problem.isEmpty() ? Health.OK : Health.DEGRADED,
                problem.isEmpty()
                        ? "%d lines, head %s".formatted(audit.lines(), audit.head())
                        : problem);
    }

    /// What the budget leaves out, if it does.
    private ComponentRow budget() {
        Governor.Report use = pipeline.budget();
        TickPlan plan = pipeline.lastPlan();
        String text =
                String.format(
                        Locale.ROOT,
                        "%.2f %% of the machine, limit %s",
                        use.longPercent(),
                        budgetLimit);
        if (plan == null || (plan.entitiesLeftOut() == 0 && plan.advises())) {
            return new ComponentRow("budget", Health.OK, text);
        }
        return new ComponentRow(
                "budget",
                Health.DEGRADED,
                "%s; the last tick left out the forecasts of %d of %d entities%s"
                        .formatted(
                                text,
                                plan.entitiesLeftOut(),
                                plan.entitiesDue(),
                                plan.advises() ? "" : " and all advice"));
    }

    private List<ComponentRow> components(PublishedView view) {
        List<ComponentRow> components = new ArrayList<>();
        String journalProblem = ingest.problem();
        components.add(
                new ComponentRow(
                        "journal",
                        journalProblem == null ? Health.OK : Health.DOWN,
                        journalProblem == null ? "" : journalProblem));
        components.add(audit());
        var automation = decisions.automation();
        components.add(
                new ComponentRow(
                        "automation",
                        automation.stopped() ? Health.DEGRADED : Health.OK,
                        automation.stopped()
                                ? "%s stopped it: %s"
                                        .formatted(automation.who(), automation.reason())
                                : "mode " + automation.mode()));
        String tickFailure = pipeline.lastFailure();
        components.add(
                new ComponentRow(
                        "analysis",
                        tickFailure.isEmpty() ? Health.OK : Health.DEGRADED,
                        tickFailure.isEmpty() ? "" : "the last tick failed: " + tickFailure));
        components.add(budget());
        String labels = pipeline.labelProblem();
        components.add(
                new ComponentRow(
                        "labels",
                        labels.isEmpty() ? Health.OK : Health.DEGRADED,
                        labels.isEmpty() ? "" : "affinity labels are left out: " + labels));
        for (TierStatus tier : pipeline.modelStatus()) {
            components.add(
                    new ComponentRow(
                            "model " + tier.kind().label(),
                            tier.state() == TierStatus.State.SERVING ? Health.OK : Health.DEGRADED,
                            tier.state() == TierStatus.State.SERVING
                                    ? tier.detail()
                                    : "%s: %s".formatted(tier.reason().text(), tier.detail())));
        }
        long stale =
                view.hosts().stream().filter(host -> host.state() != HostRow.State.ONLINE).count();
        components.add(
                new ComponentRow(
                        "agents",
                        stale == 0 ? Health.OK : Health.DEGRADED,
                        stale == 0 ? "" : "%d hosts are not heard".formatted(stale)));
        return components;
    }
}
