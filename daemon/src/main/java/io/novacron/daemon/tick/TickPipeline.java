package io.novacron.daemon.tick;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.budget.Work;
import io.novacron.daemon.decision.GroupFacts;
import io.novacron.daemon.decision.Proposal;
import io.novacron.daemon.view.HostRow;
import io.novacron.inference.TierStatus;
import io.novacron.ingest.fleet.FleetStore;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.solver.PlacementIndex;
import io.novacron.solver.PlacementLedger;
import io.novacron.solver.PlacementPolicy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final int FULL_EVERY_TICKS = 60;

    private final FleetStore store;
    private final AgentPresence agents;
    private final Analysis analysis;
    private final Governor governor;
    private final WorkPlanner planner;
    private final long tickNs;
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
    private volatile @Nullable TickPlan lastPlan;
    private volatile long entitiesDue;
    private volatile long entitiesLeftOut;
    private volatile long plansNotJournaled;
    private ForecastTable journaled = ForecastTable.EMPTY;
    private long lastFullTick;
    private Map<UUID, Long> reported = Map.of();
    private @Nullable PlacementIndex newPlacement;
    private String newLabelProblem = "";
    private volatile boolean closed;

    /// Told of each tick, on the analysis thread.
    public interface Listener {
        void onView(PublishedView view);

        /// The plan and what was made of it, to be journaled; the advice takes effect when the plan
        /// comes back.
        ///
        /// @return whether the forecasts and the plan are on their way into the journal
        boolean onAdvice(AnalysedTick tick);
    }

    /// What one tick came to.
    ///
    /// @param forecasts payloads of the records that go before the plan
    /// @param groups the configured groups, as the advice found them
    public record AnalysedTick(
            TickPlan plan,
            List<byte[]> forecasts,
            List<Proposal> proposals,
            List<GroupFacts> groups,
            PublishedView view) {}

    /// @param analysis what is made of each tick; closed with the pipeline
    /// @param tickInterval between two ticks, which the budget of one is for
    public TickPipeline(
            FleetStore store,
            AgentPresence agents,
            Analysis analysis,
            Governor governor,
            Duration tickInterval,
            Listener listener) {
        this.store = store;
        this.agents = agents;
        this.analysis = analysis;
        this.governor = governor;
        this.planner = new WorkPlanner(governor);
        this.tickNs = tickInterval.toNanos();
        this.listener = listener;
        this.modelStatus = analysis.status();
        this.thread = Thread.ofPlatform().name("novacron-analysis").unstarted(this::run);
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

    /// How the last tick was analysed; null before the first one.
    public @Nullable TickPlan lastPlan() {
        return lastPlan;
    }

    /// Entities whose forecasts were due at a tick, all ticks together.
    public long entitiesDue() {
        return entitiesDue;
    }

    /// Of these, the ones that had to wait because of the budget; each tick counts.
    public long entitiesLeftOut() {
        return entitiesLeftOut;
    }

    /// Ticks whose advice was dropped because the journal did not take what it rests on.
    public long plansNotJournaled() {
        return plansNotJournaled;
    }

    public Governor.Report budget() {
        return governor.report();
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
        analysis.close();
    }

    private void analyse(FleetView pinned) {
        findings.startTick(pinned.timeMs());
        ForecastTable before = view.forecasts();
        Map<UUID, HostRow.State> states = states(pinned);
        TickPlan plan =
                planner.plan(
                        pinned,
                        analysis.due(pinned, before),
                        tickNs,
                        notHeard(states),
                        agents.draining(pinned.timeMs()));
        ForecastTable forecasts =
                analysis.forecast(
                        pinned,
                        before,
                        plan,
                        (slot, metric, score, value, expected) ->
                                findings.anomaly(pinned, slot, metric, score, value, expected));
        planner.found(analysis.youngFound());
        modelStatus = analysis.status();
        ensembleStatus = analysis.ensembleStatus();
        newLabelProblem = "";
        List<Proposal> proposals = List.of();
        List<GroupFacts> groups = List.of();
        newPlacement = null;
        var advised =
                analysis.advise(
                        pinned,
                        forecasts,
                        plan,
                        problem -> newPlacement = ledger.publish(problem, pinned.timeMs()),
                        this::onLabelProblem);
        labelProblem = newLabelProblem;
        if (advised != null) {
            findings.unresolved(pinned, advised.plan().unresolved(), "shortfall");
            findings.unresolved(pinned, advised.sizing().unresolved(), "bottleneck");
            findings.unresolved(pinned, advised.stays(), TickFindings.DRAIN);
            proposals = advised.proposals();
            groups = analysis.groups();
        }
        long startNs = governor.threadNs();
        Roster roster = view.roster().of(pinned);
        var published =
                new PublishedView(
                        pinned.tick(),
                        pinned.timeMs(),
                        ViewAssembler.hosts(pinned, roster, forecasts, new Presence(states)),
                        ViewAssembler.vms(pinned, roster),
                        forecasts,
                        findings.rows(),
                        plan.advises() ? newPlacement : view.placement(),
                        pinned.slots(),
                        roster);
        boolean full = fullDue(pinned.tick());
        List<byte[]> records =
                ForecastRecords.between(full ? ForecastTable.EMPTY : journaled, forecasts);
        TickPlan carriedOut = plan.asDone(full, records.size(), reported, analysis.calls());
        reported = agents.reported(); // all of it is in the view of the next tick
        view = published;
        lastPlan = carriedOut;
        entitiesDue += carriedOut.entitiesDue();
        entitiesLeftOut += carriedOut.entitiesLeftOut();
        ticksAnalysed++;
        listener.onView(published);
        if (listener.onAdvice(
                new AnalysedTick(carriedOut, records, proposals, groups, published))) {
            journaled = forecasts;
            lastFullTick = full ? pinned.tick() : lastFullTick;
        } else {
            plansNotJournaled++;
        }
        governor.spent(Work.VIEW, pinned.slotCount(), governor.threadNs() - startNs);
    }

    /// Whether all forecasts are journaled, so that a replay can begin there.
    private boolean fullDue(long tick) {
        return journaled == ForecastTable.EMPTY || tick - lastFullTick >= FULL_EVERY_TICKS;
    }

    private void onLabelProblem(String mistakes) {
        if (!mistakes.equals(labelProblem)) {
            LOGGER.warn("affinity labels are left out: {}", mistakes);
        }
        newLabelProblem = mistakes;
    }

    /// How the hosts are, looked at once a tick.
    private Map<UUID, HostRow.State> states(FleetView pinned) {
        Map<UUID, HostRow.State> states = new LinkedHashMap<>();
        for (int slot = 0; slot < pinned.slotCount(); slot++) {
            var host = pinned.entity(slot);
            if (host != null && host.isHost()) {
                states.put(host.uuid(), agents.state(host.uuid()));
            }
        }
        return states;
    }

    private static List<UUID> notHeard(Map<UUID, HostRow.State> states) {
        return states.entrySet().stream()
                .filter(host -> host.getValue() != HostRow.State.ONLINE)
                .map(Map.Entry::getKey)
                .toList();
    }

    /// The hosts as they were when the tick began.
    private final class Presence implements AgentPresence {
        private final Map<UUID, HostRow.State> states;

        Presence(Map<UUID, HostRow.State> states) {
            this.states = states;
        }

        @Override
        public HostRow.State state(UUID host) {
            return states.getOrDefault(host, HostRow.State.STALE);
        }

        @Override
        public boolean hasLibvirt(UUID host) {
            return agents.hasLibvirt(host);
        }
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
}
