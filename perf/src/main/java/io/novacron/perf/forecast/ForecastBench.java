package io.novacron.perf.forecast;

import com.sun.management.OperatingSystemMXBean;
import io.novacron.daemon.config.ForecastSettings;
import io.novacron.daemon.tick.EnsembleStatus;
import io.novacron.daemon.tick.ForecastTable;
import io.novacron.daemon.tick.ForecastWork;
import io.novacron.daemon.tick.RegistryStack;
import io.novacron.daemon.tick.StackSource;
import io.novacron.inference.ForecastConfig;
import io.novacron.inference.ForecastService;
import io.novacron.inference.ModelSlot;
import io.novacron.inference.ModelTrust;
import io.novacron.inference.Window;
import io.novacron.inference.features.FeatureExtractor;
import io.novacron.inference.features.FeatureSet;
import io.novacron.inference.serving.AccuracyRow;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What the forecasts of a fleet cost as the daemon makes them: its own forecaster over a real
/// fleet store, one virtual minute after another, and every half hour the whole catalogue of
/// features of each series. CPU time is that of the whole process while it works, its collector and
/// compiler included.
@Command(name = "forecast", description = "CPU seconds a minute of all forecasts of a fleet")
public final class ForecastBench extends Measurement {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final int VM_LIMIT = 1_000_000;
    private static final int FEATURE_MINUTES = 30;
    private static final int FEATURE_STEPS = 288;
    private static final int TILE = 64;
    private static final long SEED = 11;

    @Option(names = "--vms", description = "Default: ${DEFAULT-VALUE}")
    private int vms = 10_000;

    @Option(names = "--minutes", description = "Measured, virtual; default ${DEFAULT-VALUE}")
    private int minutes = 30;

    @Option(
            names = "--warm-up",
            description =
                    "Minutes before, in which new series learn from their past, 2000 a minute; default ${DEFAULT-VALUE}")
    private int warmUp = 45;

    @Option(
            names = "--at-most",
            description =
                    "Vms held at once; of more a sample is measured and its cost multiplied; default ${DEFAULT-VALUE}")
    private int atMost = 20_000;

    @Option(names = "--tiers", description = "The tiers alone, as with forecast.ensemble=false")
    private boolean tiers;

    @Option(
            names = "--stack",
            paramLabel = "DIR",
            description = "Models of `novacron train`, one of them in service; default: none")
    private @Nullable Path stack;

    @Override
    protected Figures measure() {
        check(vms > 0 && vms <= VM_LIMIT, "--vms=%s must be in [1, %s]", vms, VM_LIMIT);
        check(minutes > 0 && minutes <= 1_440, "--minutes=%s must be in [1, 1440]", minutes);
        check(warmUp > 0 && warmUp <= 1_440, "--warm-up=%s must be in [1, 1440]", warmUp);
        check(atMost > 0, "--at-most=%s must be positive", atMost);
        int held = Math.min(vms, atMost);
        double scale = vms / (double) held;
        report("%s vms: a week of history …", held);
        try (var fleet = new ForecastFleet(SEED, held);
                var work = work()) {
            report("%s minutes to warm up …", warmUp);
            var features = new FeatureWork();
            double featureSeconds = 0;
            for (int minute = 0; minute < warmUp; minute++) {
                tick(fleet, work, features, minute);
            }
            report("%s minutes …", minutes);
            double[] ticks = new double[minutes];
            ForecastTable table = null;
            for (int minute = 0; minute < minutes; minute++) {
                fleet.minute();
                try (FleetView view = fleet.view()) {
                    double before = cpuSeconds();
                    table = work.tick(view);
                    double between = cpuSeconds();
                    ticks[minute] = between - before;
                    features.compute(view, minute);
                    featureSeconds += cpuSeconds() - between;
                }
            }
            double forecast = Arrays.stream(ticks).sum() / minutes;
            double feature = featureSeconds / minutes;
            EnsembleStatus status = work.ensembleStatus();
            var figures =
                    new Figures("forecast")
                            .add("cpuSecondsPerMinute", scale * (forecast + feature))
                            .add("forecastCpuSecondsPerMinute", scale * forecast)
                            .add("featuresCpuSecondsPerMinute", scale * feature)
                            .add(
                                    "worstTickCpuSeconds",
                                    scale * Arrays.stream(ticks).max().orElse(Double.NaN))
                            .add("usPerSeriesMinute", 1e6 * (forecast + feature) / series(held))
                            .add("answered", table == null ? 0 : table.answered())
                            .add(
                                    "residentBytesPerVm",
                                    status == null ? 0 : status.usedBytes() / (double) held)
                            .add(
                                    "pendingFeedbackBytes",
                                    status == null ? 0 : scale * pending(status))
                            .add("seriesOverMemory", status == null ? 0 : status.seriesOverMemory())
                            .add("model", tiers ? "tiers" : "ensemble")
                            .add("stackVersion", status == null ? 0 : status.stack().version())
                            .add("storeBytesPerVm", fleet.storeBytes() / (double) held)
                            .add("vms", vms)
                            .add("vmsMeasured", held)
                            .add("sampled", held < vms)
                            .add("metrics", metrics().size())
                            .add("minutes", minutes);
            if (status != null) {
                accuracy(status, figures);
            }
            return figures;
        }
    }

    private ForecastWork work() {
        var defaults = ForecastSettings.DEFAULT;
        return new ForecastWork(
                new ForecastService(ForecastConfig.DEFAULT, ModelSlot.bundled(), System::nanoTime),
                new ForecastSettings(
                        !tiers,
                        defaults.memory(),
                        defaults.warmPerTick(),
                        defaults.timeZone(),
                        defaults.holidays()),
                stack == null
                        ? StackSource.NONE
                        : new RegistryStack(
                                stack,
                                ModelTrust.ANY,
                                Duration.ofMinutes(1),
                                Resolution.FIVE_MINUTES.stepMs() / 1_000,
                                System::nanoTime,
                                Runnable::run,
                                detail -> report("stacked model: %s", detail)));
    }

    private static void tick(
            ForecastFleet fleet, ForecastWork work, FeatureWork features, int minute) {
        fleet.minute();
        try (FleetView view = fleet.view()) {
            work.tick(view);
            features.compute(view, minute);
        }
    }

    private static double pending(EnsembleStatus status) {
        return status.metrics().stream()
                .mapToLong(row -> row.counters().pendingFeedbackBytes())
                .sum();
    }

    /// Live accuracy of CPU, for a look at whether it learns.
    private static void accuracy(EnsembleStatus status, Figures figures) {
        for (var row : status.metrics().getFirst().accuracy()) {
            if (row.model().equals(AccuracyRow.ENSEMBLE)) {
                String name = "cpu.%dm.".formatted(5 * row.steps());
                figures.add(name + "wape", row.wape()).add(name + "coverage80", row.coverage());
            }
        }
    }

    private static double series(int vms) {
        return (double) vms * metrics().size();
    }

    private static List<Metric> metrics() {
        return MetricCatalogue.INSTANCE.forecastMetrics();
    }

    private static double cpuSeconds() {
        return SYSTEM.getProcessCpuTime() / 1e9;
    }

    /// The catalogue of features of each series, every half hour.
    private static final class FeatureWork {
        private final FeatureExtractor extractor = new FeatureExtractor();
        private final float[] cells = new float[TILE * FEATURE_STEPS];
        private final float[] rows = new float[TILE * FeatureSet.COUNT];

        /// A thirtieth of all series each minute.
        void compute(FleetView view, int minute) {
            int tiles = Math.ceilDiv(view.slotCount(), TILE);
            for (int tile = minute % FEATURE_MINUTES; tile < tiles; tile += FEATURE_MINUTES) {
                int from = tile * TILE;
                int count = Math.min(TILE, view.slotCount() - from);
                for (Metric metric : metrics()) {
                    int steps = FEATURE_STEPS;
                    view.copyWindow(
                            metric.id(),
                            Resolution.FIVE_MINUTES,
                            Statistic.MEAN,
                            from,
                            count,
                            steps,
                            cells);
                    long endMs = view.windowEndMs(Resolution.FIVE_MINUTES);
                    extractor.compute(
                            Window.of(
                                    cells,
                                    count,
                                    steps,
                                    Resolution.FIVE_MINUTES.stepMs() / 1_000,
                                    endMs),
                            0,
                            count,
                            rows);
                }
            }
        }
    }
}
