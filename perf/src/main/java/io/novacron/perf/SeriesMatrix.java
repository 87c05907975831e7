package io.novacron.perf;

import io.novacron.inference.kernel.Kernels;
import io.novacron.inference.kernel.WindowStats;
import java.util.SplittableRandom;

/// Series of 60 samples in tiles of 64 series, time-major inside a tile, as the fleet store keeps
/// them: percentages that wander. Same seed, same series.
public final class SeriesMatrix {
    private static final int STEPS = 60;
    private static final int TILE = 64;

    private final int series;
    private final float[] values;
    private final WindowStats[] stats;

    /// One sample in fifty missing.
    public SeriesMatrix(long seed, int series) {
        this(seed, series, 50);
    }

    /// @param missingOneIn one sample in so many is missing; 0 for none
    public SeriesMatrix(long seed, int series, int missingOneIn) {
        this.series = series;
        values = new float[STEPS * Math.ceilDiv(series, TILE) * TILE];
        stats = new WindowStats[Math.ceilDiv(series, TILE)];
        for (int tile = 0; tile < stats.length; tile++) {
            stats[tile] = new WindowStats();
        }
        var random = new SplittableRandom(seed);
        for (int i = 0; i < series; i++) {
            double level = 100 * random.nextDouble();
            int at = i / TILE * TILE * STEPS + i % TILE;
            for (int step = 0; step < STEPS; step++, at += TILE) {
                level = Math.clamp(level + random.nextGaussian(), 0, 100);
                boolean missing = missingOneIn > 0 && random.nextInt(missingOneIn) == 0;
                values[at] = missing ? Float.NaN : Math.round(10 * level) / 10f;
            }
        }
    }

    /// Makes every series keep its first value: the longest search for the last change.
    SeriesMatrix constant() {
        for (int i = 0; i < series; i++) {
            int at = i / TILE * TILE * STEPS + i % TILE;
            for (int step = 1; step < STEPS; step++) {
                values[at + step * TILE] = values[at];
            }
        }
        return this;
    }

    /// All statistics of all series over all steps, tile by tile; the columns of the last tile.
    public WindowStats windowStats(Kernels kernels) {
        for (int tile = 0; tile < stats.length; tile++) {
            int inTile = Math.min(TILE, series - tile * TILE);
            int fromStep = tile * STEPS;
            kernels.windowStats(values, TILE, 0, inTile, fromStep, fromStep + STEPS, stats[tile]);
        }
        return stats.length == 0 ? new WindowStats() : stats[stats.length - 1];
    }
}
