package io.novacron.perf;

import io.novacron.inference.features.Catch22;
import io.novacron.inference.features.FeatureExtractor;
import io.novacron.inference.features.FeatureSet;
import io.novacron.inference.kernel.Kernels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Cost of features of one series: window statistics by the SIMD kernel and by its scalar twin, and
/// the catch22 set.
@Command(name = "features", description = "Window statistics of series of 60 samples")
final class FeaturesBench extends Measurement {
    private static final int SERIES_LIMIT = 1 << 20;
    private static final int DAYS_LIMIT = 1 << 17;
    private static final int PHASES = 7;
    private static final int CATCH22_ROUNDS = 2;
    private static final double NS_PER_US = 1e3;
    private static final long SEED = 7;

    @Option(names = "--seconds", description = "CPU time; default ${DEFAULT-VALUE}")
    private double seconds = 4;

    @Option(names = "--series", description = "Side by side; default ${DEFAULT-VALUE}")
    private int series = 4_096;

    @Option(
            names = "--fleet",
            description = "Series beyond what caches hold; default ${DEFAULT-VALUE}")
    private int fleet = 100_000;

    @Option(names = "--days", description = "Series of 288; default ${DEFAULT-VALUE}")
    private int days = 10_000;

    @Override
    protected Figures measure() {
        checkSeconds(seconds);
        check(
                series > 0 && series <= SERIES_LIMIT,
                "--series=%s must be in [1, %s]. Maybe 4096?",
                series,
                SERIES_LIMIT);
        check(
                days > 0 && days <= DAYS_LIMIT,
                "--days=%s must be in [1, %s]. Maybe 10000?",
                days,
                DAYS_LIMIT);
        check(
                fleet > 0 && fleet <= SERIES_LIMIT,
                "--fleet=%s must be in [1, %s]. Maybe 100000?",
                fleet,
                SERIES_LIMIT);
        var matrix = new SeriesMatrix(SEED, series);
        var whole = new SeriesMatrix(SEED, series, 0);
        var wide = new SeriesMatrix(SEED, fleet);
        Kernels best = Kernels.best();
        report("%s kernel …", best.name());
        double bestNs = nsPerSeries(best, matrix, series);
        double wholeNs = nsPerSeries(best, whole, series);
        double fleetNs = nsPerSeries(best, wide, fleet);
        double bytes = CpuCost.bytesPerOperation(series, () -> matrix.windowStats(best));
        double constantNs = nsPerSeries(best, whole.constant(), series);
        report("scalar kernel …");
        double scalarNs = nsPerSeries(Kernels.scalar(), matrix, series);
        report("catch22 of %s series …", days);
        var dayMatrix = new DayMatrix(SEED, days);
        var catch22 = new Catch22();
        Runnable oneDay = () -> dayMatrix.catch22(catch22);
        double catch22Ns = CpuCost.nsPerOperation(seconds / PHASES, days, oneDay);
        double catch22Bytes = CpuCost.bytesPerOperation(days, oneDay, CATCH22_ROUNDS);
        report("all %s features of %s series …", FeatureSet.COUNT, days);
        var extractor = new FeatureExtractor();
        double allNs =
                CpuCost.nsPerOperation(seconds / PHASES, days, () -> dayMatrix.all(extractor));
        double allBytes =
                CpuCost.bytesPerOperation(days, () -> dayMatrix.all(extractor), CATCH22_ROUNDS);
        return new Figures("features")
                .add("catch22UsPerSeries288", catch22Ns / NS_PER_US)
                .add("catch22BytesAllocatedPerSeries", catch22Bytes)
                .add("windowNsPerSeries60", bestNs)
                .add("features", FeatureSet.COUNT)
                .add("allFeaturesUsPerSeries288", allNs / NS_PER_US)
                .add("allFeaturesBytesAllocatedPerSeries", allBytes)
                .add("windowNsPerSeries60NoneMissing", wholeNs)
                .add("windowNsPerSeries60Constant", constantNs)
                .add("windowNsPerSeries60OfFleet", fleetNs)
                .add("windowBytesAllocatedPerSeries", bytes)
                .add("scalarWindowNsPerSeries60", scalarNs)
                .add("kernel", best.name())
                .add("series", series)
                .add("fleet", fleet)
                .add("days", days);
    }

    private double nsPerSeries(Kernels kernels, SeriesMatrix matrix, int series) {
        return CpuCost.nsPerOperation(seconds / PHASES, series, () -> matrix.windowStats(kernels));
    }
}
