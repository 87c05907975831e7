package io.novacron.perf;

import io.novacron.inference.member.kernel.AnalogKernels;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Cost of one step of one series in an analog forecaster: all distances advance, and the 32
/// nearest of them are found. The ensemble has three analogs.
@Command(name = "analog", description = "Distances of series to their own past, one step of each")
final class AnalogBench extends Measurement {
    private static final int NEAREST = 32;
    private static final int LAG_LIMIT = 1 << 16;
    private static final int SERIES_LIMIT = 1 << 12;
    private static final int PHASES = 4;
    private static final long SEED = 7;
    private static final float DECAY = .8f;

    @Option(names = "--seconds", description = "CPU time; default ${DEFAULT-VALUE}")
    private double seconds = 6;

    @Option(names = "--lags", description = "Candidates of a series; default ${DEFAULT-VALUE}")
    private int lags = 8_000;

    @Option(
            names = "--series",
            description = "Taken in turn, more than the caches hold; default ${DEFAULT-VALUE}")
    private int series = 256;

    @Override
    protected Figures measure() {
        checkSeconds(seconds);
        check(
                lags >= NEAREST && lags <= LAG_LIMIT,
                "--lags=%s must be in [32, 65536]. Maybe 8000?",
                lags);
        check(
                series > 0 && series <= SERIES_LIMIT,
                "--series=%s must be in [1, 4096]. Maybe 256?",
                series);
        var state = new State(lags, series);
        AnalogKernels best = AnalogKernels.best();
        report("%s kernel …", best.name());
        double advance = microseconds(() -> state.advance(best));
        double nearest = microseconds(() -> state.nearest(best));
        report("scalar kernel …");
        double scalarAdvance = microseconds(() -> state.advance(AnalogKernels.scalar()));
        double scalarNearest = microseconds(() -> state.nearest(AnalogKernels.scalar()));
        return new Figures("analog")
                .add("usPerSeriesStep", advance + nearest)
                .add("advanceUs", advance)
                .add("nearestUs", nearest)
                .add("scalarUsPerSeriesStep", scalarAdvance + scalarNearest)
                .add("scalarAdvanceUs", scalarAdvance)
                .add("scalarNearestUs", scalarNearest)
                .add("kernel", best.name())
                .add("lags", lags)
                .add("series", series);
    }

    private double microseconds(Runnable round) {
        return CpuCost.nsPerOperation(seconds / PHASES, series, round) / 1e3;
    }

    /// Distances and pasts of all series, and where the newest step of each lies.
    private static final class State {
        private final int lags;
        private final float[][] distances;
        private final float[][] pasts;
        private final float[] penalties;
        private final int[] nearest = new int[NEAREST];
        private final float[] scores = new float[NEAREST];
        private int step;

        State(int lags, int series) {
            var random = new Random(SEED);
            this.lags = lags;
            this.distances = new float[series][lags];
            this.pasts = new float[series][2 * lags];
            this.penalties = new float[lags];
            for (float[] past : pasts) {
                double level = 0;
                for (int i = 0; i < past.length; i++) {
                    level = .9 * level + random.nextGaussian();
                    past[i] = (float) level;
                }
            }
            for (int lag = 0; lag < lags; lag++) {
                penalties[lag] = .1f * lag / lags;
            }
            for (int i = 0; i < 64; i++) {
                advance(AnalogKernels.best());
            }
        }

        void advance(AnalogKernels kernels) {
            step = (step + 1) % (lags - 1);
            int newest = lags - step; // time goes down in memory
            for (int i = 0; i < pasts.length; i++) {
                kernels.advance(distances[i], pasts[i], newest, lags, pasts[i][newest - 1], DECAY);
            }
        }

        void nearest(AnalogKernels kernels) {
            for (float[] one : distances) {
                kernels.nearest(one, penalties, 1 - DECAY, 11, lags, nearest, scores);
            }
        }
    }
}
