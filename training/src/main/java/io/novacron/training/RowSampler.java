package io.novacron.training;

import io.novacron.inference.ForecastFeatures;
import io.novacron.inference.Window;
import java.util.List;
import java.util.Random;

/// Draws training rows from a part of the traces: a random origin, a random run of neighbouring
/// series, three random horizons, again and again.
///
/// Features come from [ForecastFeatures] over a window that ends at the origin, as in serving.
/// Every fourth draw forgets most of its history, so that the model knows young series. A row
/// weighs by the square root of its scale against its metric's mean scale: large vms matter more,
/// the many idle ones still count.
final class RowSampler {
    /// Horizons that rows are drawn at, in steps.
    static final int[] HORIZONS = {1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 72, 96, 144, 192, 288};

    private static final int SERIES_RUN = 32;
    private static final int HORIZONS_DRAWN = 3;
    private static final int MIN_HISTORY = 6;
    private static final int MAX_BARREN_DRAWS = 20_000;

    private final Random random;
    private final ForecastFeatures features = new ForecastFeatures();
    private final float[] block = new float[SERIES_RUN * HORIZONS_DRAWN * ForecastFeatures.COUNT];

    RowSampler(long seed) {
        this.random = new Random(seed);
    }

    /// About `wanted` rows with origin and target in `[from, to)`, evenly over the metrics.
    Rows sample(List<Trace> traces, int from, int to, int wanted) {
        Rows rows = new Rows();
        for (int metric = 0; metric < traces.size(); metric++) {
            int until = (int) ((long) wanted * (metric + 1) / traces.size());
            Trace trace = traces.get(metric);
            float meanScale = meanScale(trace, to);
            int barren = 0;
            while (rows.count() < until && barren < MAX_BARREN_DRAWS) {
                int before = rows.count();
                draw(trace, from, to, meanScale, rows);
                barren = rows.count() == before ? barren + 1 : 0;
            }
        }
        return rows;
    }

    private void draw(Trace trace, int from, int to, float meanScale, Rows rows) {
        int[] horizons = drawHorizons(to - from);
        int earliest = Math.max(from, MIN_HISTORY);
        int latest = to - 1 - horizons[0];
        if (latest < earliest) {
            return;
        }
        int origin = earliest + random.nextInt(latest - earliest + 1);
        int first = random.nextInt(Math.max(1, trace.series() - SERIES_RUN + 1));
        int end = Math.min(first + SERIES_RUN, trace.series());
        Window window = trace.windowAt(origin);
        if (random.nextInt(4) == 0) {
            window = window.last(MIN_HISTORY + random.nextInt(2 * SyntheticTraces.DAY));
        }
        window = window.last(ForecastFeatures.LOOKBACK);
        features.compute(window, first, end, horizons, trace.bounds(), block);
        for (int i = 0; i < end - first; i++) {
            float base = features.base(i);
            float scale = features.scale(i);
            for (int h = 0; h < horizons.length; h++) {
                int target = origin + horizons[h];
                float actual = target < to ? trace.at(target, first + i) : Float.NaN;
                if (!Float.isNaN(base) && !Float.isNaN(scale) && !Float.isNaN(actual)) {
                    float label = ForecastFeatures.toTarget(actual, base, scale);
                    float weight = (float) Math.sqrt(Math.clamp(scale / meanScale, .04f, 25f));
                    int row = (i * horizons.length + h) * ForecastFeatures.COUNT;
                    rows.add(block, row, label, weight, horizons[h]);
                }
            }
        }
    }

    private int[] drawHorizons(int span) {
        int usable = HORIZONS.length;
        while (usable > HORIZONS_DRAWN && HORIZONS[usable - 1] >= span / 2) {
            usable--;
        }
        int[] drawn = random.ints(0, usable).distinct().limit(HORIZONS_DRAWN).sorted().toArray();
        for (int h = 0; h < drawn.length; h++) {
            drawn[h] = HORIZONS[drawn[h]];
        }
        return drawn;
    }

    /// Mean scale of the series at a few origins before `to`.
    private float meanScale(Trace trace, int to) {
        double sum = 0;
        int count = 0;
        int[] horizon = {1};
        float[] row = new float[trace.series() * ForecastFeatures.COUNT];
        for (int quarter = 1; quarter <= 4; quarter++) {
            Window window = trace.windowAt(Math.max(MIN_HISTORY, to * quarter / 4 - 1));
            window = window.last(ForecastFeatures.LOOKBACK);
            features.compute(window, 0, trace.series(), horizon, trace.bounds(), row);
            for (int i = 0; i < trace.series(); i++) {
                if (!Float.isNaN(features.scale(i))) {
                    sum += features.scale(i);
                    count++;
                }
            }
        }
        return count == 0 ? 1 : (float) (sum / count);
    }
}
