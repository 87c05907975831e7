package io.novacron.inference.kernel;

import java.util.Arrays;

/// Columns of window statistics, one value per series; owned and reused by one thread.
///
/// A value that is not finite counts as missing. A statistic that needs more values than the window
/// holds is NaN, never zero: mean, min, max, last and the two ages need one, variance two, slope
/// two at different steps, autocorrelation two and some variance. A window of equal values has
/// variance and slope 0 exactly. Sums are float32: sizes above 1e18 give infinite or NaN moments.
public final class WindowStats {
    private int series;
    private float[] tile = new float[0];
    private float[] times = new float[0];
    private int timesOf;
    private float timeSquares;

    /// Counts of the vector kernel in windows longer than a chunk.
    final ChunkCounts chunks = new ChunkCounts();

    /// Number of valid values.
    public float[] count = new float[0];

    public float[] mean = new float[0];

    /// Sample variance (divided by `count - 1`).
    public float[] variance = new float[0];

    public float[] min = new float[0];
    public float[] max = new float[0];

    /// Least-squares slope in units a step, over the valid values.
    public float[] slope = new float[0];

    /// The newest valid value.
    public float[] last = new float[0];

    /// Steps from the newest valid value to the end of the window; 0 when the last step is valid.
    public float[] lastAge = new float[0];

    /// Steps since the value last became different from the one before it; since the first valid
    /// value when it never did.
    public float[] changeAge = new float[0];

    /// Share of missing values, 0..1.
    public float[] missingShare = new float[0];

    /// Autocorrelation at lag 1 over neighbouring valid pairs, about -1..1.
    public float[] autocorrelation = new float[0];

    /// Makes room for `series` values in every column. Only grows, so a steady caller allocates
    /// nothing.
    public void ensureSeries(int series) {
        this.series = series;
        if (count.length >= series) {
            return;
        }
        count = new float[series];
        mean = new float[series];
        variance = new float[series];
        min = new float[series];
        max = new float[series];
        slope = new float[series];
        last = new float[series];
        lastAge = new float[series];
        changeAge = new float[series];
        missingShare = new float[series];
        autocorrelation = new float[series];
    }

    /// Room for a copy of a tile; only grows.
    float[] tile(int length) {
        if (tile.length < length) {
            tile = new float[length];
        }
        return tile;
    }

    /// Steps counted from the middle of a window of so many: halves, so exact.
    float[] times(int steps) {
        if (timesOf != steps) {
            if (times.length < steps) {
                times = new float[steps];
            }
            for (int step = 0; step < steps; step++) {
                times[step] = step - (steps - 1) * 0.5f;
            }
            timesOf = steps;
            timeSquares = ScalarKernels.timeSquares(steps);
        }
        return times;
    }

    /// Sum of squares of the times last asked for.
    float timeSquares() {
        return timeSquares;
    }

    public int series() {
        return series;
    }

    /// All columns in a fixed order, trimmed to the series, for comparison in tests and reports.
    public float[][] columns() {
        float[][] all = {
            count,
            mean,
            variance,
            min,
            max,
            slope,
            last,
            lastAge,
            changeAge,
            missingShare,
            autocorrelation
        };
        for (int column = 0; column < all.length; column++) {
            all[column] = Arrays.copyOf(all[column], series);
        }
        return all;
    }
}
