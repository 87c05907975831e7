package io.novacron.daemon.tick;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.budget.Work;
import io.novacron.daemon.config.ForecastSettings;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.decision.GroupFacts;
import io.novacron.daemon.decision.Proposal;
import io.novacron.daemon.view.HostRow;
import io.novacron.inference.ForecastService;
import io.novacron.inference.TierStatus;
import io.novacron.inference.WorkPlan;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.solver.FleetProblem;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What is made of one tick: forecasts, then advice. The same code live, in [TickPipeline], and in
/// a replay: what it makes is a function of the view, the plan and what it made of the ticks
/// before. One thread owns it.
public final class Analysis implements AutoCloseable {
    private final ForecastService service;
    private final @Nullable EnsembleForecaster ensemble;
    private final FleetForecaster forecaster;
    private final ProblemAssembler problems;
    private final Adviser adviser;
    private final Governor governor;
    private final GroupReader groupReader;
    private List<GroupFacts> groups = List.of();

    private Analysis(
            ForecastService service,
            @Nullable EnsembleForecaster ensemble,
            PolicyConfig policy,
            ScalingConfig scaling,
            Governor governor) {
        this.service = service;
        this.ensemble = ensemble;
        this.forecaster = new FleetForecaster(service, ensemble);
        this.problems = new ProblemAssembler(policy, scaling);
        this.adviser = new Adviser(policy);
        this.governor = governor;
        this.groupReader = new GroupReader(scaling);
    }

    /// What a tick leads to.
    ///
    /// @param proposals best first
    /// @param groups the configured groups, for the decisions to scale
    public record Advice(List<Proposal> proposals, List<GroupFacts> groups) {
        static final Advice NONE = new Advice(List.of(), List.of());
    }

    /// The ensemble forecasts where the settings say so, the service what that leaves.
    ///
    /// @param service closed with the analysis
    /// @param stack where the model stacked on the ensemble's members comes from; closed too
    public static Analysis of(
            ForecastService service,
            ForecastSettings settings,
            StackSource stack,
            PolicyConfig policy,
            ScalingConfig scaling,
            Governor governor) {
        var ensemble = settings.ensemble() ? new EnsembleForecaster(settings, stack) : null;
        return new Analysis(service, ensemble, policy, scaling, governor);
    }

    /// The service alone forecasts, and no group is scaled.
    public static Analysis of(ForecastService service, PolicyConfig policy, Governor governor) {
        return of(service, policy, ScalingConfig.DEFAULT, governor);
    }

    /// The service alone forecasts.
    public static Analysis of(
            ForecastService service,
            PolicyConfig policy,
            ScalingConfig scaling,
            Governor governor) {
        return new Analysis(service, null, policy, scaling, governor);
    }

    /// One entry per model, best first.
    List<TierStatus> status() {
        return forecaster.status();
    }

    /// Null where the service alone forecasts.
    @Nullable EnsembleStatus ensembleStatus() {
        return ensemble == null ? null : ensemble.status();
    }

    /// How far each model came in the calls of the last forecast.
    List<WorkPlan> calls() {
        return forecaster.calls();
    }

    /// What there is to forecast.
    FleetForecaster.Due due(FleetView view, ForecastTable before) {
        return forecaster.due(view, before);
    }

    int youngFound() {
        return forecaster.youngFound();
    }

    /// The forecasts for this view, in a replay.
    public ForecastTable forecast(FleetView view, ForecastTable before, TickPlan plan) {
        return forecast(view, before, plan, (_, _, _, _, _) -> {});
    }

    /// The forecasts for this view.
    ForecastTable forecast(
            FleetView view,
            ForecastTable before,
            TickPlan plan,
            FleetForecaster.AnomalySink anomalies) {
        return forecaster.forecast(view, before, plan, governor, anomalies);
    }

    /// The forecasts for this view as they were journaled.
    ///
    /// @throws IOException when the records are not what the plan says
    public static ForecastTable journaled(
            FleetView view, ForecastTable before, TickPlan plan, List<byte[]> records)
            throws IOException {
        if (records.size() != plan.forecastRecords()) {
            throw new IOException(
                    "%d records of forecasts before the plan of tick=%d must be %d"
                            .formatted(records.size(), plan.tick(), plan.forecastRecords()));
        }
        ForecastTable table =
                (plan.full() ? ForecastTable.EMPTY : before).copyWithRoomFor(view.slotCount());
        for (byte[] record : records) {
            ForecastRecords.apply(record, table);
        }
        return table;
    }

    /// Advice on a view; null when there is no host to advise on, or it is not planned.
    Adviser.@Nullable Advised advise(
            FleetView view,
            ForecastTable forecasts,
            TickPlan plan,
            Consumer<FleetProblem> onProblem,
            Consumer<String> mistakes) {
        if (!plan.advises()) {
            return null;
        }
        long startNs = governor.threadNs();
        FleetProblem problem = problem(view, forecasts, plan, mistakes);
        Adviser.@Nullable Advised advised = null;
        if (problem != null) {
            onProblem.accept(problem);
            advised = adviser.advise(view, forecasts, problem, plan.solverMoves(), plan.draining());
            groups = groupReader.read(view, forecasts, problem);
        }
        governor.spent(Work.ADVICE, view.slotCount(), governor.threadNs() - startNs);
        return advised;
    }

    /// The configured groups as the last advice found them.
    List<GroupFacts> groups() {
        return groups;
    }

    /// The advice that a plan leads to.
    public Advice advice(FleetView view, ForecastTable forecasts, TickPlan plan) {
        Adviser.Advised advised = advise(view, forecasts, plan, _ -> {}, _ -> {});
        return advised == null ? Advice.NONE : new Advice(advised.proposals(), groups);
    }

    /// Null when there is nothing to solve yet.
    private @Nullable FleetProblem problem(
            FleetView view, ForecastTable forecasts, TickPlan plan, Consumer<String> mistakes) {
        boolean hasHost = false;
        for (int slot = 0; slot < view.slotCount() && !hasHost; slot++) {
            var entity = view.entity(slot);
            hasHost =
                    entity != null
                            && entity.isHost()
                            && entity.vcpus() > 0
                            && entity.memoryBytes() > 0;
        }
        if (!hasHost) {
            return null;
        }
        Set<UUID> notHeard = new HashSet<>(plan.notHeard());
        Set<UUID> draining = new HashSet<>(plan.draining());
        return problems.assemble(
                view,
                forecasts,
                host -> !notHeard.contains(host),
                host -> !draining.contains(host),
                mistakes);
    }

    /// The view that people and the lifecycle see, as a replay rebuilds it: hosts are heard or not.
    public static PublishedView published(FleetView view, ForecastTable forecasts, TickPlan plan) {
        Set<UUID> notHeard = new HashSet<>(plan.notHeard());
        var presence =
                new AgentPresence() {
                    @Override
                    public HostRow.State state(UUID host) {
                        return notHeard.contains(host) ? HostRow.State.STALE : HostRow.State.ONLINE;
                    }

                    @Override
                    public boolean hasLibvirt(UUID host) {
                        return true;
                    }
                };
        Roster roster = Roster.EMPTY.of(view);
        return new PublishedView(
                view.tick(),
                view.timeMs(),
                ViewAssembler.hosts(view, roster, forecasts, presence),
                ViewAssembler.vms(view, roster),
                forecasts,
                List.of(),
                null,
                view.slots(),
                roster);
    }

    @Override
    public void close() {
        service.close();
        if (ensemble != null) {
            ensemble.close();
        }
    }
}
