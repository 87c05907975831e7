package io.novacron.daemon.tick;

import io.novacron.daemon.config.ForecastSettings;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.decision.FleetFacts;
import io.novacron.daemon.decision.Proposal;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.inference.ForecastService;
import io.novacron.inference.Quantiles;
import io.novacron.inference.TierStatus;
import io.novacron.ingest.fleet.FleetStore;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.PlacementIndex;
import io.novacron.solver.PlacementLedger;
import io.novacron.solver.PlacementPolicy;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The analysis thread. A closed tick wakes it; it pins the store's view, forecasts, asks the
/// solver, publishes, and hands the advice to the decisions. When ticks come faster than it works,
/// it skips to the newest and counts the ones left out.
public final class TickPipeline implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(TickPipeline.class);
    private static final int MAX_PROMISES = 100_000;

    private final FleetStore store;
    private final AgentPresence agents;
    private final FleetForecaster forecaster;
    private final ForecastService forecastService;
    private final @Nullable EnsembleForecaster ensemble;
    private final ProblemAssembler problems;
    private final Adviser adviser;
    private final TickFindings findings = new TickFindings();
    private final PlacementLedger ledger =
            new PlacementLedger(PlacementPolicy.DEFAULT, MAX_PROMISES);
    private final Listener listener;
    private final Thread thread;
    private final Semaphore ticks = new Semaphore(0);

    private volatile PublishedView view = PublishedView.EMPTY;
    private volatile List<TierStatus> modelStatus;
    private volatile @Nullable EnsembleStatus ensembleStatus;
    private volatile long ticksAnalysed;
    private volatile long ticksSkipped;
    private volatile long ticksFailed;
    private volatile String lastFailure = "";
    private volatile String labelProblem = "";
    private String newLabelProblem = "";
    private volatile boolean closed;

    /// Told of each tick, on the analysis thread.
    public interface Listener {
        void onView(PublishedView view);

        void onAdvice(List<Proposal> proposals, FleetFacts facts, long tickMs);
    }

    public TickPipeline(
            FleetStore store,
            AgentPresence agents,
            ForecastService forecastService,
            PolicyConfig policy,
            Listener listener) {
        this(store, agents, forecastService, null, policy, listener);
    }

    /// @param ensemble forecasts first, the service what that leaves; closed with the pipeline
    TickPipeline(
            FleetStore store,
            AgentPresence agents,
            ForecastService forecastService,
            @Nullable EnsembleForecaster ensemble,
            PolicyConfig policy,
            Listener listener) {
        this.store = store;
        this.agents = agents;
        this.forecastService = forecastService;
        this.ensemble = ensemble;
        this.forecaster = new FleetForecaster(forecastService, ensemble);
        this.problems = new ProblemAssembler(policy);
        this.adviser = new Adviser(policy);
        this.listener = listener;
        this.modelStatus = forecaster.status();
        this.thread = Thread.ofPlatform().name("novacron-analysis").unstarted(this::run);
    }

    /// A pipeline in which the ensemble forecasts where the settings say so.
    ///
    /// @param stack where the model stacked on its members comes from; closed with the pipeline
    public static TickPipeline of(
            FleetStore store,
            AgentPresence agents,
            ForecastService forecastService,
            ForecastSettings forecast,
            StackSource stack,
            PolicyConfig policy,
            Listener listener) {
        var ensemble = forecast.ensemble() ? new EnsembleForecaster(forecast, stack) : null;
        return new TickPipeline(store, agents, forecastService, ensemble, policy, listener);
    }

    public void start() {
        thread.start();
    }

    /// A tick has been closed and its view can be pinned. Any thread; never blocks.
    public void wake() {
        ticks.release();
    }

    public PublishedView view() {
        return view;
    }

    /// Room promised to vms that are not there yet.
    public PlacementLedger ledger() {
        return ledger;
    }

    public List<TierStatus> modelStatus() {
        return modelStatus;
    }

    /// Null where the tiers serve, and before the first tick.
    public @Nullable EnsembleStatus ensembleStatus() {
        return ensembleStatus;
    }

    public long ticksAnalysed() {
        return ticksAnalysed;
    }

    public long ticksSkipped() {
        return ticksSkipped;
    }

    public long ticksFailed() {
        return ticksFailed;
    }

    /// Why the last tick failed; empty when it did not.
    public String lastFailure() {
        return lastFailure;
    }

    /// Why affinity labels are left out; empty when they are not.
    public String labelProblem() {
        return labelProblem;
    }

    private void run() {
        while (!closed) {
            try {
                ticks.acquire();
            } catch (InterruptedException _) {
                break;
            }
            if (closed) {
                break;
            }
            ticksSkipped += ticks.drainPermits();
            try (FleetView pinned = store.pin()) {
                analyse(pinned);
                lastFailure = "";
            } catch (RuntimeException e) {
                ticksFailed++;
                lastFailure = String.valueOf(e.getMessage());
                LOGGER.error("a tick failed; the last view stays published", e);
            }
        }
        forecastService.close();
        if (ensemble != null) {
            ensemble.close();
        }
    }

    private void analyse(FleetView pinned) {
        findings.startTick(pinned.timeMs());
        ForecastTable forecasts =
                forecaster.forecast(
                        pinned,
                        view.forecasts(),
                        (slot, metric, score, value, expected) ->
                                findings.anomaly(pinned, slot, metric, score, value, expected));
        modelStatus = forecaster.status();
        ensembleStatus = ensemble == null ? null : ensemble.status();
        newLabelProblem = "";
        FleetProblem problem = problem(pinned, forecasts);
        labelProblem = newLabelProblem;
        @Nullable PlacementIndex placement = null;
        List<Proposal> proposals = List.of();
        if (problem != null) {
            var advised = adviser.advise(pinned, forecasts, problem);
            findings.unresolved(pinned, advised.plan().unresolved(), "shortfall");
            findings.unresolved(pinned, advised.sizing().unresolved(), "bottleneck");
            placement = ledger.publish(problem, pinned.timeMs());
            proposals = advised.proposals();
        }
        var published =
                new PublishedView(
                        pinned.tick(),
                        pinned.timeMs(),
                        ViewAssembler.hosts(pinned, forecasts, agents),
                        ViewAssembler.vms(pinned),
                        forecasts,
                        findings.rows(),
                        placement,
                        ViewAssembler.slots(pinned));
        view = published;
        ticksAnalysed++;
        listener.onView(published);
        listener.onAdvice(proposals, new Facts(published, store), pinned.timeMs());
    }

    /// Null when there is nothing to solve yet.
    private @Nullable FleetProblem problem(FleetView pinned, ForecastTable forecasts) {
        boolean hasHost = false;
        for (int slot = 0; slot < pinned.slotCount() && !hasHost; slot++) {
            var entity = pinned.entity(slot);
            hasHost =
                    entity != null
                            && entity.isHost()
                            && entity.vcpus() > 0
                            && entity.memoryBytes() > 0;
        }
        if (!hasHost) {
            return null;
        }
        return problems.assemble(
                pinned,
                forecasts,
                host -> agents.state(host) == HostRow.State.ONLINE,
                mistakes -> {
                    if (!mistakes.equals(labelProblem)) {
                        LOGGER.warn("affinity labels are left out: {}", mistakes);
                    }
                    newLabelProblem = mistakes;
                });
    }

    @Override
    public void close() {
        closed = true;
        ticks.release();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// What the lifecycle reads back from: the rows of one published view, and the store for what
    /// was before.
    private record Facts(PublishedView view, FleetStore store) implements FleetFacts {
        private static final int NEIGHBOURS = 64;

        @Override
        public @Nullable VmFacts vm(UUID vm) {
            VmRow row = view.vm(vm);
            return row == null ? null : new VmFacts(row.hostId(), row.vcpus(), row.memoryBytes());
        }

        @Override
        public boolean isOnline(UUID host) {
            HostRow row = view.host(host);
            return row != null && row.state() == HostRow.State.ONLINE;
        }

        @Override
        public float[] history(UUID entity, int metricId, int minutes) {
            try (FleetView pinned = store.pin()) {
                int slot = pinned.slotOf(entity);
                if (slot < 0) {
                    return new float[0];
                }
                float[] values = new float[Math.min(minutes, Resolution.MINUTE.steps())];
                pinned.copyWindow(
                        metricId,
                        Resolution.MINUTE,
                        Statistic.MEAN,
                        slot,
                        1,
                        values.length,
                        values);
                return values;
            }
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
    }
}
