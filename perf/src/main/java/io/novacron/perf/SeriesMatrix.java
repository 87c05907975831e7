package io.novacron.perf;

import io.novacron.inference.kernel.Kernels;
import io.novacron.inference.kernel.WindowStats;
import java.util.SplittableRandom;

/// Series of 60 samples side by side, as a fleet store gives them: percentages that wander, one
/// sample in fifty missing. Same seed, same series.
public final class SeriesMatrix {
    private static final int STEPS = 60;
    private static final int MISSING_ONE_IN = 50;

    private final int series;
    private final float[] values;

    public SeriesMatrix(long seed, int series) {
        this.series = series;
        values = new float[STEPS * series];
        var random = new SplittableRandom(seed);
        for (int i = 0; i < series; i++) {
            double level = 100 * random.nextDouble();
            for (int step = 0; step < STEPS; step++) {
                level = Math.clamp(level + random.nextGaussian(), 0, 100);
                boolean missing = random.nextInt(MISSING_ONE_IN) == 0;
                values[step * series + i] = missing ? Float.NaN : Math.round(10 * level) / 10f;
            }
        }
    }

    /// All statistics of all series over all steps.
    public void windowStats(Kernels kernels, WindowStats out) {
        kernels.windowStats(values, series, 0, series, 0, STEPS, out);
    }
}
