package io.novacron.perf;

import io.novacron.inference.kernel.Kernels;
import io.novacron.inference.kernel.WindowStats;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Cost of all window statistics of one series, by the SIMD kernel and by its scalar twin.
@Command(name = "features", description = "Window statistics of series of 60 samples")
final class FeaturesBench extends Measurement {
    private static final int SERIES_LIMIT = 1 << 20;
    private static final int PHASES = 2;
    private static final long SEED = 7;

    @Option(names = "--seconds", description = "CPU time; default ${DEFAULT-VALUE}")
    private double seconds = 4;

    @Option(names = "--series", description = "Side by side; default ${DEFAULT-VALUE}")
    private int series = 4_096;

    private final WindowStats stats = new WindowStats();

    @Override
    protected Figures measure() {
        checkSeconds(seconds);
        check(
                series > 0 && series <= SERIES_LIMIT,
                "--series=%s must be in [1, %s]. Maybe 4096?",
                series,
                SERIES_LIMIT);
        var matrix = new SeriesMatrix(SEED, series);
        Kernels best = Kernels.best();
        report("%s kernel …", best.name());
        double bestNs = nsPerSeries(best, matrix);
        report("scalar kernel …");
        double scalarNs = nsPerSeries(Kernels.scalar(), matrix);
        return new Figures("features")
                .add("windowNsPerSeries60", bestNs)
                .add("scalarWindowNsPerSeries60", scalarNs)
                .add("kernel", best.name())
                .add("series", series);
    }

    private double nsPerSeries(Kernels kernels, SeriesMatrix matrix) {
        return CpuCost.nsPerOperation(
                seconds / PHASES, series, () -> matrix.windowStats(kernels, stats));
    }
}
