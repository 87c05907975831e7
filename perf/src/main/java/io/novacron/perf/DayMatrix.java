package io.novacron.perf;

import io.novacron.inference.Window;
import io.novacron.inference.features.Catch22;
import io.novacron.inference.features.FeatureExtractor;
import io.novacron.inference.features.FeatureSet;
import java.util.SplittableRandom;

/// Series of a day in steps of five minutes, in tiles of 64: a daily wave, wandering, noise and
/// spikes in different shares, rounded to a tenth; one sample in two hundred missing. Same seed,
/// same series.
final class DayMatrix {
    private static final int STEPS = 288;
    private static final int TILE = 64;
    private static final int STEP_SECONDS = 300;
    private static final long END_MS = 1_790_000_100_000L;
    private static final int MISSING_ONE_IN = 200;
    private static final int SPIKE_ONE_IN = 60;

    private final int series;
    private final float[] values;
    private final double[] features = new double[TILE * Catch22.COUNT];
    private final float[] rows = new float[TILE * FeatureSet.COUNT];

    DayMatrix(long seed, int series) {
        this.series = series;
        int tiles = Math.ceilDiv(series, TILE);
        values = new float[tiles * TILE * STEPS];
        var random = new SplittableRandom(seed);
        for (int i = 0; i < series; i++) {
            double wave = 20 * random.nextDouble();
            double phase = 2 * Math.PI * random.nextDouble();
            double pace = random.nextDouble();
            double noise = 3 * random.nextDouble();
            double level = 30 + 40 * random.nextDouble();
            int at = i / TILE * TILE * STEPS + i % TILE;
            for (int step = 0; step < STEPS; step++, at += TILE) {
                level += pace * random.nextGaussian();
                double value =
                        level
                                + wave * Math.sin(2 * Math.PI * step / STEPS + phase)
                                + noise * random.nextGaussian()
                                + (random.nextInt(SPIKE_ONE_IN) == 0 ? 15 : 0);
                boolean missing = random.nextInt(MISSING_ONE_IN) == 0;
                values[at] = missing ? Float.NaN : Math.round(10 * Math.clamp(value, 0, 100)) / 10f;
            }
        }
    }

    /// Every feature of the catalogue for every series, tile by tile.
    void all(FeatureExtractor extractor) {
        for (int from = 0; from < series; from += TILE) {
            Window tile = Window.of(values, TILE, (from / TILE + 1) * STEPS, STEP_SECONDS, END_MS);
            extractor.compute(tile.last(STEPS), 0, Math.min(TILE, series - from), rows);
        }
    }

    /// The set for every series, tile by tile.
    void catch22(Catch22 catch22) {
        for (int from = 0; from < series; from += TILE) {
            int count = Math.min(TILE, series - from);
            int firstStep = from / TILE * STEPS;
            catch22.compute(values, TILE, 0, count, firstStep, firstStep + STEPS, features);
        }
    }
}
