package io.novacron.daemon.tick;

import io.novacron.daemon.config.ForecastSettings;
import io.novacron.inference.Anomalies;
import io.novacron.inference.AnomalyConfig;
import io.novacron.inference.AnomalyScorer;
import io.novacron.inference.Bounds;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.ModelKind;
import io.novacron.inference.Quantiles;
import io.novacron.inference.TierStatus;
import io.novacron.inference.Window;
import io.novacron.inference.serving.MemoryBudget;
import io.novacron.inference.serving.SeriesAccuracy;
import io.novacron.inference.serving.ServingAnswers;
import io.novacron.inference.serving.ServingConfig;
import io.novacron.inference.serving.ServingEnsemble;
import io.novacron.inference.serving.StackedModel;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.OffHeap;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.catalogue.Metrics;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Serves the ensembles: one for each forecast metric, over slots. Owned by the analysis thread.
///
/// Each closed step of five minutes makes one round over all chunks of 64 slots. At each tick as
/// many chunks are due as keep the round even over the step, so that no tick has a peak; in the
/// first round all are due at once. The tick's plan says how many of them there is time for. What a
/// forecast says counts from the end of its newest step ([ForecastTable#issuedAtMs]).
///
/// What is kept lives outside the heap where it is large, within `forecast.memory`. After a restart
/// it comes back from the store's columns, `forecast.warm-per-tick` series a tick, in the order of
/// chunks and metrics.
final class EnsembleForecaster implements AutoCloseable {
    /// Slots that are served together.
    static final int CHUNK = 64;

    private static final int ANOMALY_STEPS = 864;
    private static final int STEP_MS = Resolution.FIVE_MINUTES.stepMs();
    private static final int WINDOW = Resolution.FIVE_MINUTES.steps();
    private static final float PERCENT_UNIT = 1;
    private static final float RATE_UNIT = 1_000;

    private final ForecastSettings settings;
    private final Arena arena = Arena.ofShared();
    private final MemoryBudget budget;
    private final List<Metric> metrics = MetricCatalogue.INSTANCE.forecastMetrics();
    private final List<ServingEnsemble> ensembles = new ArrayList<>();
    private final List<BitSet> served = new ArrayList<>();
    private final List<BitSet> refused = new ArrayList<>();
    private final StackSource stack;
    private final AnomalyScorer scorer = new AnomalyScorer(AnomalyConfig.DEFAULT);
    private final Anomalies anomalies = new Anomalies();
    private final ServingAnswers answers;
    private final float[] cells = new float[CHUNK * WINDOW];
    private final int[] groups = new int[CHUNK];
    private int[] generations = new int[0];
    private int round = Integer.MIN_VALUE;
    private int nextChunk;
    private int servedInRound;
    private FallbackReason stackMissing =
            FallbackReason.NONE; // why there is none, if on no purpose
    private long lastTickMs = Long.MIN_VALUE;
    private long seriesAnswered;
    private long seriesRefused;
    private long rounds;

    EnsembleForecaster(ForecastSettings settings, StackSource stack) {
        this.settings = settings;
        this.stack = stack;
        this.budget =
                new MemoryBudget(
                        settings.memory().bytes(), bytes -> OffHeap.allocate(bytes, arena));
        List<Integer> targets = new ArrayList<>();
        for (int horizon = 0; horizon < ForecastTable.horizonCount(); horizon++) {
            targets.add(ForecastTable.horizonSeconds(horizon) * 1_000 / STEP_MS);
        }
        for (Metric metric : metrics) {
            var bounds = new Bounds((float) metric.min(), (float) metric.max());
            float unit = metric.max() <= 100 ? PERCENT_UNIT : RATE_UNIT;
            ensembles.add(
                    new ServingEnsemble(
                            ServingConfig.ofFiveMinutes(bounds, unit, targets), budget));
            served.add(new BitSet());
            refused.add(new BitSet());
        }
        this.answers = new ServingAnswers(targets.size());
    }

    /// Chunks that are due at this view.
    int due(FleetView view) {
        int chunks = Math.ceilDiv(view.slotCount(), CHUNK);
        int step = step(view);
        long sinceLastMs = lastTickMs == Long.MIN_VALUE ? STEP_MS : view.timeMs() - lastTickMs;
        long elapsedMs = view.timeMs() - (long) step * STEP_MS;
        double share = Math.min(1, (elapsedMs + Math.max(1, sinceLastMs)) / (double) STEP_MS);
        int wanted = (int) Math.ceil(chunks * share);
        return Math.max(0, wanted - (step == round ? servedInRound : 0));
    }

    private static int step(FleetView view) {
        return Math.toIntExact(view.windowEndMs(Resolution.FIVE_MINUTES) / STEP_MS);
    }

    /// Serves so many chunks, in turns: a round that could not serve all of them goes on in the
    /// next one where it stopped.
    ///
    /// @param table has room for every slot of the view
    /// @param count at most as many as there are
    void forecast(
            FleetView view, ForecastTable table, int count, FleetForecaster.AnomalySink sink) {
        forgetReused(view);
        int chunks = Math.ceilDiv(view.slotCount(), CHUNK);
        int step = step(view);
        lastTickMs = view.timeMs();
        if (step != round) {
            if (round != Integer.MIN_VALUE) {
                ensembles.forEach(ServingEnsemble::endRound);
            }
            round = step;
            servedInRound = 0;
            rounds++;
        }
        int warm = settings.warmPerTick();
        StackedModel model = stack.forTick();
        StackedModel shadow = stack.shadow();
        FallbackReason why = stack.status().reason();
        stackMissing = why == FallbackReason.MODEL_MISSING ? FallbackReason.NONE : why;
        for (int i = 0; i < Math.min(count, chunks); i++) {
            nextChunk = nextChunk % chunks;
            warm -= serve(view, table, nextChunk, step, warm, model, shadow, sink);
            nextChunk++;
            servedInRound++;
        }
        stack.afterTick();
    }

    /// @return how many series learned from their past
    private int serve(
            FleetView view,
            ForecastTable table,
            int chunk,
            int step,
            int warmLimit,
            @Nullable StackedModel model,
            @Nullable StackedModel shadow,
            FleetForecaster.AnomalySink sink) {
        int first = chunk * CHUNK;
        int count = Math.min(CHUNK, view.slotCount() - first);
        boolean any = false;
        for (int i = 0; i < count; i++) {
            groups[i] = group(view.entity(first + i));
            any |= groups[i] >= 0;
        }
        if (!any) {
            return 0; // forgotten when their entities went
        }
        int warmed = 0;
        for (int column = 0; column < metrics.size(); column++) {
            Metric metric = metrics.get(column);
            view.copyWindow(
                    metric.id(),
                    Resolution.FIVE_MINUTES,
                    Statistic.MEAN,
                    first,
                    count,
                    WINDOW,
                    cells);
            warmed +=
                    ensembles
                            .get(column)
                            .serve(
                                    step,
                                    cells,
                                    first,
                                    count,
                                    groups,
                                    warmLimit - warmed,
                                    model,
                                    shadow,
                                    answers);
            for (int i = 0; i < count; i++) {
                keep(table, column, first + i, i, (long) step * STEP_MS);
            }
            findAnomalies(metric, column, first, count, step, sink);
        }
        return warmed;
    }

    private void keep(ForecastTable table, int column, int slot, int i, long endMs) {
        int tableColumn = table.column(metrics.get(column).id());
        boolean answered = answers.isAnswered(i);
        served.get(column).set(slot, answered);
        refused.get(column).set(slot, answers.reason(i) == FallbackReason.OVER_MEMORY);
        if (groups[i] < 0) {
            return;
        }
        if (!answered) {
            seriesRefused++;
            return; // the tiers answer
        }
        seriesAnswered++;
        table.models[tableColumn][slot] = ModelKind.ENSEMBLE.code();
        FallbackReason stacked = answers.stackReason(i);
        table.reasons[tableColumn][slot] =
                (stacked == FallbackReason.NONE ? stackMissing : stacked).code();
        table.issuedAtMs[tableColumn][slot] = endMs;
        if (!Float.isNaN(answers.confidence(i))) {
            table.confidences[tableColumn][slot] = answers.confidence(i);
        }
        ensembles
                .get(column)
                .packAccuracy(
                        slot,
                        table.accuracy[tableColumn],
                        slot * ForecastTable.horizonCount() * SeriesAccuracy.COUNT);
        boolean journaled = ForecastRecords.isJournaled(metrics.get(column).id());
        int horizons = ForecastTable.horizonCount();
        for (int horizon = 0; horizon < horizons; horizon++) {
            boolean far =
                    ForecastTable.horizonSeconds(horizon) * 1_000L
                            > (long) ServingConfig.NEAR_REACH * STEP_MS;
            if (far && !answers.hasFar(i)) {
                continue; // that of a few minutes ago still holds
            }
            int row = (slot * horizons + horizon) * Quantiles.COUNT;
            for (int level = 0; level < Quantiles.COUNT; level++) {
                float value = answers.quantile(i, horizon, level);
                table.quantiles[tableColumn][row + level] =
                        journaled ? ForecastRecords.rounded(value) : value;
            }
        }
        if (metrics.get(column).id() == Metrics.CPU_USAGE) {
            table.historyHours[slot] = answers.size(i) * (STEP_MS / 3_600_000f);
        }
    }

    private void findAnomalies(
            Metric metric,
            int column,
            int first,
            int count,
            int step,
            FleetForecaster.AnomalySink sink) {
        var bounds = new Bounds((float) metric.min(), (float) metric.max());
        var window = Window.of(cells, count, WINDOW, STEP_MS / 1_000, (long) step * STEP_MS);
        Window recent = window.last(ANOMALY_STEPS);
        scorer.score(recent, bounds, anomalies);
        for (int i = 0; i < count; i++) {
            if (anomalies.isAnomaly(i) && served.get(column).get(first + i)) {
                sink.onAnomaly(
                        first + i,
                        metric,
                        anomalies.score(i),
                        recent.at(recent.steps() - 1, i),
                        anomalies.expected(i));
            }
        }
    }

    /// Entities of the same kind, image and size are taken to be alike; -1 for none.
    private static int group(@Nullable Entity entity) {
        if (entity == null) {
            return -1;
        }
        if (entity.isHost()) {
            return 0;
        }
        int size = Integer.SIZE - Integer.numberOfLeadingZeros(entity.vcpus());
        int image = entity.labels().getOrDefault("image", "").hashCode();
        return 1 + Math.floorMod(31 * image + size, ServingEnsemble.GROUPS - 1);
    }

    private void forgetReused(FleetView view) {
        if (generations.length < view.slotCount()) {
            int before = generations.length;
            generations = Arrays.copyOf(generations, view.slotCount() + CHUNK);
            Arrays.fill(generations, before, generations.length, -1);
        }
        for (int slot = 0; slot < generations.length; slot++) {
            Entity entity = view.entity(slot);
            int generation = entity == null ? -1 : entity.generation();
            if (generations[slot] != generation) {
                generations[slot] = generation;
                for (int column = 0; column < metrics.size(); column++) {
                    ensembles.get(column).forget(slot);
                    served.get(column).clear(slot);
                    refused.get(column).clear(slot);
                }
            }
        }
    }

    /// Whether the ensemble answered this series in the last round.
    boolean serves(int column, int slot) {
        return served.get(column).get(slot);
    }

    /// Whether the ensemble answered every metric of this slot in the last round.
    boolean servesAll(int slot) {
        for (BitSet column : served) {
            if (!column.get(slot)) {
                return false;
            }
        }
        return true;
    }

    /// Whether there was no room for this series.
    boolean isOverMemory(int column, int slot) {
        return refused.get(column).get(slot);
    }

    /// A snapshot for other threads.
    EnsembleStatus status() {
        List<EnsembleStatus.MetricRow> rows = new ArrayList<>();
        for (int column = 0; column < metrics.size(); column++) {
            rows.add(
                    new EnsembleStatus.MetricRow(
                            metrics.get(column).name(),
                            ensembles.get(column).counters(),
                            ensembles.get(column).accuracy()));
        }
        long over = refused.stream().mapToLong(BitSet::cardinality).sum();
        return new EnsembleStatus(
                rows, budget.usedBytes(), budget.limitBytes(), over, stack.status());
    }

    /// As one of the models, for `/health`.
    TierStatus tierStatus() {
        long over = refused.stream().mapToLong(BitSet::cardinality).sum();
        StackSource.Status stacked = stack.status();
        FallbackReason reason = over > 0 ? FallbackReason.OVER_MEMORY : stacked.reason();
        String detail =
                "%d KiB of forecast.memory=%s in use, %d series are over it; stacked model: %s; shadow: %s"
                        .formatted(
                                budget.usedBytes() >> 10,
                                settings.memory(),
                                over,
                                stacked.detail(),
                                stacked.shadowDetail());
        return new TierStatus(
                ModelKind.ENSEMBLE,
                reason == FallbackReason.NONE || reason == FallbackReason.MODEL_MISSING
                        ? TierStatus.State.SERVING
                        : TierStatus.State.PAUSED,
                reason,
                detail,
                0,
                rounds,
                seriesAnswered,
                seriesRefused,
                stacked.overruns(),
                stacked.notFinite(),
                stacked.failures());
    }

    @Override
    public void close() {
        stack.close();
        arena.close();
    }
}
