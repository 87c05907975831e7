package io.novacron.daemon.replay;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.decision.ReplayedDecisions;
import io.novacron.daemon.tick.Analysis;
import io.novacron.daemon.tick.ForecastTable;
import io.novacron.daemon.tick.PublishedView;
import io.novacron.daemon.tick.StackSource;
import io.novacron.daemon.tick.TickFacts;
import io.novacron.daemon.tick.TickPlan;
import io.novacron.inference.ForecastService;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.ReplayedFleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.RecordType;
import io.novacron.wire.message.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/// Replays a journal through the pipeline of the daemon: the records rebuild the fleet store, the
/// journaled plans say what was done at each tick, and every step of a decision is taken again and
/// held against the journaled one. Time is that of the records. One thread.
///
/// - *re-decide*: from the journaled forecasts. Byte for byte the same on any machine.
/// - *recompute*: the forecasts too, which are compared with the journaled ones.
///
/// It begins at the start of the journal, or with the newest checkpoint; then decisions count from
/// the first plan that all forecasts were journaled with.
public final class Replayer implements AutoCloseable {
    private final DaemonConfig config;
    private final Path journal;
    private final boolean fromCheckpoint;
    private final ReplayedDecisions decisions;
    private final @Nullable Supplier<ForecastService> forecasts;
    private final Map<Long, Ready> ready = new HashMap<>();
    private @Nullable ReplayedFleet fleet;
    private @Nullable PlanReader plans;
    private PlanReader.@Nullable Planned next;
    private Analysis analysis;
    private ForecastTable table = ForecastTable.EMPTY;
    private ForecastTable journaledTable = ForecastTable.EMPTY;
    private boolean tableKnown;
    private String configurationThen = "";
    private long ticks;
    private long plansFollowed;
    private long plansUnusable;
    private long forecastsCompared;
    private long forecastsIdentical;
    private double largestDifference;

    /// A tick whose plan has not come back yet.
    private record Ready(TickPlan plan, Analysis.Advice advice, PublishedView view) {}

    /// @param forecasts makes the models anew at every start of the daemon; null to take the
    ///   journaled forecasts
    /// @param auditFile a file of its own, for the audit log that comes of it
    /// @param whatIf whether decisions go their own way
    public Replayer(
            DaemonConfig config,
            Path journal,
            boolean fromCheckpoint,
            @Nullable Supplier<ForecastService> forecasts,
            Path auditFile,
            boolean whatIf)
            throws IOException {
        this.config = config;
        this.journal = journal;
        this.fromCheckpoint = fromCheckpoint;
        this.forecasts = forecasts;
        this.decisions =
                new ReplayedDecisions(
                        config.policy(),
                        config.automation(),
                        config.scaling(),
                        config.tick().interval(),
                        auditFile,
                        whatIf);
        this.analysis = newAnalysis(config, forecasts);
    }

    private static Analysis newAnalysis(
            DaemonConfig config, @Nullable Supplier<ForecastService> forecasts) {
        return forecasts == null
                ? Analysis.of(
                        NoForecasts.service(),
                        config.policy(),
                        config.scaling(),
                        Governor.unlimited())
                : Analysis.of(
                        forecasts.get(),
                        config.forecast(),
                        StackSource.NONE,
                        config.policy(),
                        config.scaling(),
                        Governor.unlimited());
    }

    /// What came of it.
    ///
    /// @param plansUnusable plans before the first one with all forecasts, or that cannot be read
    /// @param forecastsCompared recomputed values that were held against journaled ones
    /// @param largestDifference between them, in percent of use
    /// @param configurationThen as the daemon journaled it at its last start
    public record Report(
            long records,
            long ticks,
            long plansFollowed,
            long plansUnusable,
            ReplayedDecisions.Comparison comparison,
            ReplayedDecisions.Steps journaled,
            ReplayedDecisions.Steps taken,
            long forecastsCompared,
            long forecastsIdentical,
            double largestDifference,
            String configurationThen) {}

    /// Replays all of it.
    ///
    /// @param progress told the records so far, every few thousand
    /// @throws IOException when the journal cannot be read
    public Report run(LongConsumer progress) throws IOException {
        PlanReader.forEachDecision(journal, decisions::foresee);
        try (var reader = new PlanReader(journal)) {
            plans = reader;
            next = reader.next();
            var limits =
                    new FleetConfig(
                            config.agents().maxAgents(),
                            config.store().maxEntities(),
                            config.agents().maxEntitiesPerAgent(),
                            FleetConfig.DEFAULT.vanishedGrace(),
                            config.store().forgetAfter());
            try (var replayed =
                    fromCheckpoint
                            ? ReplayedFleet.openFromCheckpoint(journal, limits, new Records())
                            : ReplayedFleet.open(journal, limits, new Records())) {
                fleet = replayed;
                while (replayed.advance()) {
                    progress.accept(replayed.recordsApplied());
                }
                return new Report(
                        replayed.recordsApplied(),
                        ticks,
                        plansFollowed,
                        plansUnusable,
                        decisions.comparison(),
                        decisions.journaledSteps(),
                        decisions.takenSteps(),
                        forecastsCompared,
                        forecastsIdentical,
                        largestDifference,
                        configurationThen);
            } finally {
                fleet = null;
            }
        }
    }

    /// The view of this tick can be pinned: what its plan leads to is made now, and counts when the
    /// plan comes.
    private void onTick(long tick) throws IOException {
        ticks++;
        PlanReader.Planned planned = planOf(tick);
        ReplayedFleet replayed = fleet;
        if (planned == null || replayed == null) {
            return;
        }
        TickPlan plan = planned.plan();
        tableKnown |= plan.full();
        if (!tableKnown) {
            plansUnusable++;
            return;
        }
        try (FleetView view = replayed.store().pin()) {
            journaledTable = Analysis.journaled(view, journaledTable, plan, planned.forecasts());
            if (forecasts == null) {
                table = journaledTable;
            } else {
                table = analysis.forecast(view, table, plan);
                compare(table, journaledTable);
            }
            ready.put(
                    tick,
                    new Ready(
                            plan,
                            analysis.advice(view, table, plan),
                            Analysis.published(view, table, plan)));
        }
        plansFollowed++;
    }

    private PlanReader.@Nullable Planned planOf(long tick) throws IOException {
        while (next != null && next.plan().tick() < tick) {
            plansUnusable++;
            next = Objects.requireNonNull(plans).next();
        }
        if (next == null || next.plan().tick() != tick) {
            return null;
        }
        PlanReader.Planned found = next;
        next = Objects.requireNonNull(plans).next();
        return found;
    }

    private void compare(ForecastTable recomputed, ForecastTable journaled) {
        var difference = recomputed.compareJournaled(journaled);
        forecastsCompared += difference.values();
        forecastsIdentical += difference.identical();
        largestDifference = Math.max(largestDifference, difference.largest());
    }

    /// The records of the journal, in order.
    private final class Records implements IngestListener {
        @Override
        public void onTick(long tick, long timeMs, boolean replaying) {
            try {
                Replayer.this.onTick(tick);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onRecord(
                RecordType type,
                long journalIndex,
                long timeMs,
                DirectBuffer buffer,
                int offset,
                int length,
                boolean replaying) {
            if (type == RecordType.FORECASTS) {
                return; // read ahead
            }
            byte[] bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            switch (type) {
                case CONFIGURATION -> onStart(bytes);
                case MODEL_SWITCH -> decisions.onModels(bytes);
                case COMMAND -> decisions.onCommand(bytes, timeMs);
                case DECISION -> decisions.onEvent(bytes, journalIndex, timeMs);
                case TICK_PLAN -> onPlan(bytes, journalIndex);
                default -> {}
            }
        }

        private void onStart(byte[] bytes) {
            configurationThen = new String(bytes, StandardCharsets.UTF_8);
            if (!fromCheckpoint) {
                decisions.begin(); // nothing was decided before the first start
            }
            decisions.onStart(bytes);
            ready.clear();
            table = ForecastTable.EMPTY; // nothing was forecast yet
            analysis.close();
            analysis = newAnalysis(config, forecasts);
        }

        private void onPlan(byte[] bytes, long journalIndex) {
            Ready advised = ready.remove(TickPlan.tickOf(bytes));
            ReplayedFleet replayed = fleet;
            if (advised != null && replayed != null) {
                decisions.begin();
                decisions.onAdvice(
                        advised.advice().proposals(),
                        new TickFacts(
                                advised.view(),
                                advised.plan(),
                                advised.advice().groups(),
                                replayed.store().pin()),
                        advised.plan().timeMs(),
                        journalIndex);
            }
        }

        @Override
        public void onOutcome(
                UUID agentId, Outcome outcome, long journalIndex, long timeMs, boolean replaying) {
            decisions.onOutcome(agentId, outcome, journalIndex, timeMs);
        }

        @Override
        public void restore(byte[] section) throws IOException {
            if (section.length > Long.BYTES) {
                var state = new byte[section.length - Long.BYTES];
                ByteBuffer.wrap(section).position(Long.BYTES).get(state);
                decisions.restore(state);
            }
        }
    }

    @Override
    public void close() throws IOException {
        decisions.close();
        analysis.close();
    }
}
