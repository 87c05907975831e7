package io.novacron.daemon.tick;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.budget.Work;
import io.novacron.inference.Anomalies;
import io.novacron.inference.AnomalyConfig;
import io.novacron.inference.AnomalyScorer;
import io.novacron.inference.Bounds;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.ForecastRequest;
import io.novacron.inference.ForecastService;
import io.novacron.inference.Forecasts;
import io.novacron.inference.ModelKind;
import io.novacron.inference.Quantiles;
import io.novacron.inference.TierStatus;
import io.novacron.inference.Window;
import io.novacron.inference.WorkPlan;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.catalogue.Metrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Forecasts the whole fleet in chunks of columns, as a [TickPlan] says. Owned by the analysis
/// thread.
///
/// A chunk is due when a five-minute step has closed since it was last forecast, from its last
/// three days of five-minute means. Large fleets take turns: chunk `c` looks `c mod 5` minutes
/// after the step, so that no tick has all the work. In between, a chunk is due whose past has
/// grown, and series that are too young for five-minute steps are forecast from their minutes.
/// Confidence is measured by a backtest once an hour.
final class FleetForecaster {
    /// Slots that are forecast together.
    static final int CHUNK = 256;

    private static final int LONG_STEPS = 864; // three days of five minutes
    private static final int SHORT_STEPS = Resolution.MINUTE.steps();
    private static final long BACKTEST_EVERY_MS = 3_600_000;
    private static final int YOUNG_HOURS = 24;
    private static final int TURNS = 5;
    private static final long TURN_MS = 60_000;
    private static final int GROWTH_LOOKS = 1_024;

    private final ForecastService service;
    private final ServiceCalls calls;
    private final @Nullable EnsembleForecaster ensemble;
    private final AnomalyScorer scorer = new AnomalyScorer(AnomalyConfig.DEFAULT);
    private final Forecasts forecasts = new Forecasts();
    private final Anomalies anomalies = new Anomalies();
    private final float[] cells = new float[CHUNK * LONG_STEPS];
    private final float[] oneSeries = new float[SHORT_STEPS];
    private final int[] youngSlots = new int[CHUNK];
    private final int[] longHorizons;
    private final int[] shortHorizons;
    private long[] lastSteps = new long[0]; // by chunk: the step, by its turn, of the last forecast
    private long[] lastBacktestMs = new long[0];
    private int nextGrowthSlot;
    private int youngFound;

    FleetForecaster(ForecastService service) {
        this(service, null);
    }

    /// @param ensemble answers first, the service what that leaves; null: the service answers all
    FleetForecaster(ForecastService service, @Nullable EnsembleForecaster ensemble) {
        this.service = service;
        this.calls = new ServiceCalls(service);
        this.ensemble = ensemble;
        longHorizons = horizonsIn(Resolution.FIVE_MINUTES);
        shortHorizons = horizonsIn(Resolution.MINUTE);
    }

    /// One entry per model, best first.
    List<TierStatus> status() {
        List<TierStatus> all = new ArrayList<>();
        if (ensemble != null) {
            all.add(ensemble.tierStatus());
        }
        all.addAll(service.status());
        return List.copyOf(all);
    }

    /// What there is to do for this view.
    ///
    /// @param refresh chunks whose forecasts are older than their past, the oldest first
    /// @param backtest of these, the ones whose confidence was measured an hour ago or never
    /// @param young series that have only minutes, at most, over all metrics
    /// @param ensembleChunks of [EnsembleForecaster#CHUNK] slots, which the ensemble is to serve
    record Due(List<Integer> refresh, BitSet backtest, int young, int ensembleChunks) {}

    Due due(FleetView view, ForecastTable before) {
        int chunks = chunks(view);
        makeRoom(chunks);
        BitSet grown = grownChunks(view, before);
        List<Integer> refresh = new ArrayList<>();
        var backtest = new BitSet();
        for (int chunk = 0; chunk < chunks; chunk++) {
            boolean stale = step(view, chunk, chunks) > lastSteps[chunk];
            if (!isLeft(view, chunk)) {
                continue;
            }
            if (stale || grown.get(chunk)) {
                refresh.add(chunk);
            }
            if (grown.get(chunk)
                    || (stale && view.timeMs() - lastBacktestMs[chunk] >= BACKTEST_EVERY_MS)) {
                backtest.set(chunk);
            }
        }
        refresh.sort(Comparator.comparingLong((Integer chunk) -> lastSteps[chunk])); // stable
        return new Due(
                refresh, backtest, young(view, before), ensemble == null ? 0 : ensemble.due(view));
    }

    /// Whether the ensemble leaves any series of a chunk to the other models.
    private boolean isLeft(FleetView view, int chunk) {
        EnsembleForecaster served = ensemble;
        if (served == null) {
            return true;
        }
        int end = Math.min(view.slotCount(), (chunk + 1) * CHUNK);
        for (int slot = chunk * CHUNK; slot < end; slot++) {
            if (view.entity(slot) != null && !served.servesAll(slot)) {
                return true;
            }
        }
        return false;
    }

    /// How far each model came in the calls of the last forecast.
    List<WorkPlan> calls() {
        return calls.done();
    }

    /// How many series were forecast from minutes the last time.
    int youngFound() {
        return youngFound;
    }

    private static int chunks(FleetView view) {
        return (view.slotCount() + CHUNK - 1) / CHUNK;
    }

    private void makeRoom(int chunks) {
        int before = lastSteps.length;
        if (chunks > before) {
            lastSteps = Arrays.copyOf(lastSteps, chunks);
            Arrays.fill(lastSteps, before, chunks, Long.MIN_VALUE);
            lastBacktestMs = Arrays.copyOf(lastBacktestMs, chunks);
            Arrays.fill(lastBacktestMs, before, chunks, -BACKTEST_EVERY_MS);
        }
    }

    /// The last five-minute step whose turn has come for a chunk.
    private static long step(FleetView view, int chunk, int chunks) {
        long turnMs = chunks < TURNS ? 0 : chunk % TURNS * TURN_MS;
        return Math.floorDiv(view.timeMs() - turnMs, (long) Resolution.FIVE_MINUTES.stepMs());
    }

    private static int young(FleetView view, ForecastTable table) {
        int young = 0;
        for (int column = 0; column < table.metricCount(); column++) {
            for (int slot = 0; slot < view.slotCount(); slot++) {
                if (view.entity(slot) != null && !table.isAnswered(column, slot)) {
                    young++;
                }
            }
        }
        return young;
    }

    /// The table for this view: `before`, refreshed as planned.
    ForecastTable forecast(
            FleetView view,
            ForecastTable before,
            TickPlan plan,
            Governor governor,
            AnomalySink sink) {
        ForecastTable table = before.copyWithRoomFor(view.slotCount());
        forgetReusedSlots(view, table);
        calls.begin(plan.calls());
        if (ensemble != null) {
            long startNs = governor.threadNs();
            ensemble.forecast(view, table, plan.ensembleChunks(), sink);
            governor.spent(Work.ENSEMBLE, plan.ensembleChunks(), governor.threadNs() - startNs);
        }
        int chunks = chunks(view);
        makeRoom(chunks);
        for (int chunk = plan.refresh().nextSetBit(0);
                chunk >= 0 && chunk < chunks;
                chunk = plan.refresh().nextSetBit(chunk + 1)) {
            long startNs = governor.threadNs();
            boolean backtest = plan.backtest().get(chunk);
            int first = chunk * CHUNK;
            int count = Math.min(CHUNK, view.slotCount() - first);
            for (int column = 0; column < table.metricCount(); column++) {
                Metric metric = metric(table.metricId(column));
                refresh(view, table, column, metric, first, count, backtest, sink);
            }
            lastSteps[chunk] = step(view, chunk, chunks);
            if (backtest) {
                lastBacktestMs[chunk] = view.timeMs();
            }
            spent(governor, backtest, governor.threadNs() - startNs);
        }
        long startNs = governor.threadNs();
        int young = 0;
        for (int column = 0; column < table.metricCount(); column++) {
            young += forecastYoung(view, table, column, metric(table.metricId(column)), plan);
        }
        governor.spent(Work.YOUNG, young, governor.threadNs() - startNs);
        youngFound = young;
        return table;
    }

    private static void spent(Governor governor, boolean backtest, long ns) {
        if (backtest) {
            long plainNs = Math.min(ns, governor.costNs(Work.FORECAST, 1));
            governor.spent(Work.FORECAST, 0, plainNs);
            governor.spent(Work.BACKTEST, 1, ns - plainNs);
        } else {
            governor.spent(Work.FORECAST, 1, ns);
        }
    }

    /// Chunks with a series whose past has grown by an hour since it was last forecast. So history
    /// that arrives late, from an agent that was cut off or from an import, counts soon: a thousand
    /// series are looked at each time, in turns.
    private BitSet grownChunks(FleetView view, ForecastTable table) {
        var grown = new BitSet();
        int slots = view.slotCount();
        int looks = 0;
        for (int i = 0; i < slots && looks < GROWTH_LOOKS; i++) {
            int slot = nextGrowthSlot % slots;
            nextGrowthSlot = (slot + 1) % slots;
            boolean young = slot >= table.slots() || table.historyHours[slot] < YOUNG_HOURS;
            boolean served = ensemble != null && ensemble.serves(0, slot);
            if (grown.get(slot / CHUNK) || !young || served || view.entity(slot) == null) {
                continue;
            }
            looks++;
            view.copyWindow(
                    Metrics.CPU_USAGE,
                    Resolution.FIVE_MINUTES,
                    Statistic.MEAN,
                    slot,
                    1,
                    LONG_STEPS,
                    cells);
            var past =
                    Window.of(
                            cells,
                            1,
                            LONG_STEPS,
                            Resolution.FIVE_MINUTES.stepMs() / 1_000,
                            floor(view.timeMs(), Resolution.FIVE_MINUTES));
            float known = slot >= table.slots() ? 0 : table.historyHours[slot];
            if (historyHours(past, 0) >= known + 1) {
                grown.set(slot / CHUNK);
            }
        }
        return grown;
    }

    private void refresh(
            FleetView view,
            ForecastTable table,
            int column,
            Metric metric,
            int first,
            int count,
            boolean backtest,
            AnomalySink sink) {
        int[] left = left(view, column, first, count);
        if (left.length == 0) {
            return;
        }
        Bounds bounds = bounds(metric);
        var window = window(view, metric, first, count, left);
        calls.run(new ForecastRequest(window, longHorizons, bounds, backtest), forecasts);
        for (int i = 0; i < left.length; i++) {
            keep(view, table, column, first + left[i], i, backtest);
        }
        if (metric.id() == Metrics.CPU_USAGE) {
            for (int i = 0; i < left.length; i++) {
                table.historyHours[first + left[i]] = historyHours(window, i);
            }
        }
        scorer.score(window, bounds, anomalies);
        for (int i = 0; i < left.length; i++) {
            if (anomalies.isAnomaly(i)) {
                sink.onAnomaly(
                        first + left[i],
                        metric,
                        anomalies.score(i),
                        window.at(window.steps() - 1, i),
                        anomalies.expected(i));
            }
        }
    }

    /// Slots of a chunk, from `first` on, that the ensemble leaves to the service.
    private int[] left(FleetView view, int column, int first, int count) {
        return IntStream.range(0, count)
                .filter(i ->
                        ensemble == null
                                || (view.entity(first + i) != null
                                        && !ensemble.serves(column, first + i)))
                .toArray();
    }

    /// How far back the oldest sample of a series lies.
    private static float historyHours(Window window, int index) {
        for (int step = 0; step < window.steps(); step++) {
            if (!Float.isNaN(window.at(step, index))) {
                return (window.steps() - step) * window.stepSeconds() / 3_600f;
            }
        }
        return 0;
    }

    /// Series that have no five-minute step yet are forecast from their minutes, packed together so
    /// that only they cost anything.
    ///
    /// @return how many were
    private int forecastYoung(
            FleetView view, ForecastTable table, int column, Metric metric, TickPlan plan) {
        int count = 0;
        int done = 0;
        int slots = view.slotCount();
        for (int i = 0; i < slots && done + count < plan.youngLimit(); i++) {
            int slot = (plan.youngFrom() + i) % slots;
            if (view.entity(slot) == null || table.isAnswered(column, slot)) {
                continue;
            }
            view.copyWindow(
                    metric.id(),
                    Resolution.MINUTE,
                    Statistic.MEAN,
                    slot,
                    1,
                    SHORT_STEPS,
                    oneSeries);
            if (isMissing(oneSeries)) {
                continue;
            }
            for (int step = 0; step < SHORT_STEPS; step++) {
                cells[step * CHUNK + count] = oneSeries[step];
            }
            youngSlots[count++] = slot;
            if (count == CHUNK) {
                forecastPacked(view, table, column, metric, count);
                done += count;
                count = 0;
            }
        }
        if (count > 0) {
            forecastPacked(view, table, column, metric, count);
        }
        return done + count;
    }

    private void forecastPacked(
            FleetView view, ForecastTable table, int column, Metric metric, int count) {
        for (int step = 0; step < SHORT_STEPS; step++) {
            Arrays.fill(cells, step * CHUNK + count, (step + 1) * CHUNK, Float.NaN);
        }
        var window =
                Window.of(
                        cells,
                        CHUNK,
                        SHORT_STEPS,
                        Resolution.MINUTE.stepMs() / 1_000,
                        floor(view.timeMs(), Resolution.MINUTE));
        calls.run(new ForecastRequest(window, shortHorizons, bounds(metric)), forecasts);
        for (int i = 0; i < count; i++) {
            keep(view, table, column, youngSlots[i], i, false);
        }
    }

    private static boolean isMissing(float[] series) {
        for (float value : series) {
            if (!Float.isNaN(value)) {
                return false;
            }
        }
        return true;
    }

    private Window window(FleetView view, Metric metric, int first, int count, int[] left) {
        var resolution = Resolution.FIVE_MINUTES;
        view.copyWindow(metric.id(), resolution, Statistic.MEAN, first, count, LONG_STEPS, cells);
        for (int step = 0; left.length < count && step < LONG_STEPS; step++) {
            for (int i = 0; i < left.length; i++) { // never beyond what is still to be read
                cells[step * left.length + i] = cells[step * count + left[i]];
            }
        }
        return Window.of(
                cells,
                left.length,
                LONG_STEPS,
                resolution.stepMs() / 1_000,
                floor(view.timeMs(), resolution));
    }

    private static long floor(long timeMs, Resolution resolution) {
        return Math.floorDiv(timeMs, (long) resolution.stepMs()) * resolution.stepMs();
    }

    private static Bounds bounds(Metric metric) {
        return new Bounds((float) metric.min(), (float) metric.max());
    }

    /// Copies the answer to series `i` into the row of `slot`. A series that cannot be answered any
    /// more loses its forecast: an old one is not shown as new.
    private void keep(
            FleetView view, ForecastTable table, int column, int slot, int i, boolean backtest) {
        table.models[column][slot] = forecasts.models()[i];
        table.reasons[column][slot] =
                ensemble != null && ensemble.isOverMemory(column, slot)
                        ? FallbackReason.OVER_MEMORY.code()
                        : forecasts.reasons()[i];
        if (forecasts.model(i) == ModelKind.NONE || view.entity(slot) == null) {
            table.models[column][slot] = ModelKind.NONE.code();
            return;
        }
        boolean journaled = ForecastRecords.isJournaled(table.metricId(column));
        for (int horizon = 0; horizon < ForecastTable.horizonCount(); horizon++) {
            int row = ForecastTable.row(slot) + horizon * Quantiles.COUNT;
            for (int level = 0; level < Quantiles.COUNT; level++) {
                float value = forecasts.at(horizon, level, i);
                table.quantiles[column][row + level] =
                        journaled ? ForecastRecords.rounded(value) : value;
            }
        }
        table.issuedAtMs[column][slot] = view.timeMs();
        if (backtest) {
            table.confidences[column][slot] = forecasts.confidence(i);
        }
    }

    private static void forgetReusedSlots(FleetView view, ForecastTable table) {
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity entity = view.entity(slot);
            int generation = entity == null ? -1 : entity.generation();
            if (table.generations[slot] != generation) {
                table.generations[slot] = generation;
                table.historyHours[slot] = 0;
                for (int column = 0; column < table.metricCount(); column++) {
                    table.models[column][slot] = ModelKind.NONE.code();
                    table.confidences[column][slot] = Float.NaN;
                    int row = slot * ForecastTable.horizonCount() * Quantiles.COUNT;
                    Arrays.fill(
                            table.quantiles[column],
                            row,
                            row + ForecastTable.horizonCount() * Quantiles.COUNT,
                            Float.NaN);
                }
            }
        }
    }

    private static Metric metric(int id) {
        Metric metric = MetricCatalogue.INSTANCE.byId(id);
        if (metric == null) {
            throw new IllegalStateException("metric id=%d is not in the catalogue".formatted(id));
        }
        return metric;
    }

    private static int[] horizonsIn(Resolution resolution) {
        int[] steps = new int[ForecastTable.horizonCount()];
        for (int horizon = 0; horizon < steps.length; horizon++) {
            steps[horizon] = ForecastTable.horizonSeconds(horizon) * 1_000 / resolution.stepMs();
        }
        return steps;
    }

    /// Told of every anomalous newest step.
    interface AnomalySink {
        void onAnomaly(int slot, Metric metric, float score, float value, float expected);
    }
}
