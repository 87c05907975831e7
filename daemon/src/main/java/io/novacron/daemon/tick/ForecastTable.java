package io.novacron.daemon.tick;

import io.novacron.inference.FallbackReason;
import io.novacron.inference.ModelKind;
import io.novacron.inference.Quantiles;
import io.novacron.inference.serving.SeriesAccuracy;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.util.Arrays;
import java.util.List;

/// Forecasts of every entity and forecast metric as of one tick. Immutable once published.
///
/// ```text
///  quantiles[metric][(slot * horizons + horizon) * Quantiles.COUNT + level]     NaN: no forecast
/// ```
public final class ForecastTable {
    /// How far ahead, in seconds, ascending.
    private static final int[] HORIZON_SECONDS = {300, 900, 1_800, 3_600, 86_400};

    /// Horizons that sizing and placement look at: the hour ahead.
    static final int HOUR_HORIZONS = 4;

    public static final ForecastTable EMPTY = new ForecastTable(0, new MetricCatalogueColumns());

    private final int slots;
    private final MetricCatalogueColumns metrics;
    final float[][] quantiles;
    final byte[][] models;
    final byte[][] reasons;
    final float[][] confidences;
    final int[] generations;
    final float[] historyHours;
    final long[][] issuedAtMs;
    final short[][] accuracy; // as SeriesAccuracy packs it

    private ForecastTable(int slots, MetricCatalogueColumns metrics) {
        this.slots = slots;
        this.metrics = metrics;
        int count = metrics.count();
        quantiles = new float[count][slots * HORIZON_SECONDS.length * Quantiles.COUNT];
        models = new byte[count][slots];
        reasons = new byte[count][slots];
        confidences = new float[count][slots];
        issuedAtMs = new long[count][slots];
        accuracy = new short[count][slots * HORIZON_SECONDS.length * SeriesAccuracy.COUNT];
        generations = new int[slots];
        historyHours = new float[slots];
        Arrays.fill(generations, -1);
        for (int metric = 0; metric < count; metric++) {
            Arrays.fill(quantiles[metric], Float.NaN);
            Arrays.fill(confidences[metric], Float.NaN);
        }
    }

    /// A table of `slots` that begins with what this one holds.
    ForecastTable copyWithRoomFor(int newSlots) {
        var copy = new ForecastTable(newSlots, metrics);
        int kept = Math.min(slots, newSlots);
        int cells = HORIZON_SECONDS.length * Quantiles.COUNT;
        for (int metric = 0; metric < metrics.count(); metric++) {
            System.arraycopy(quantiles[metric], 0, copy.quantiles[metric], 0, kept * cells);
            System.arraycopy(models[metric], 0, copy.models[metric], 0, kept);
            System.arraycopy(reasons[metric], 0, copy.reasons[metric], 0, kept);
            System.arraycopy(confidences[metric], 0, copy.confidences[metric], 0, kept);
            System.arraycopy(issuedAtMs[metric], 0, copy.issuedAtMs[metric], 0, kept);
            int packed = HORIZON_SECONDS.length * SeriesAccuracy.COUNT;
            System.arraycopy(accuracy[metric], 0, copy.accuracy[metric], 0, kept * packed);
        }
        System.arraycopy(generations, 0, copy.generations, 0, kept);
        System.arraycopy(historyHours, 0, copy.historyHours, 0, kept);
        return copy;
    }

    public static int horizonSeconds(int horizon) {
        return HORIZON_SECONDS[horizon];
    }

    public static int horizonCount() {
        return HORIZON_SECONDS.length;
    }

    /// Column of a metric id, or -1 when it is not forecast.
    public int column(int metricId) {
        return metrics.column(metricId);
    }

    /// Where the quantiles of a slot begin.
    static int row(int slot) {
        return slot * HORIZON_SECONDS.length * Quantiles.COUNT;
    }

    int metricCount() {
        return metrics.count();
    }

    int metricId(int column) {
        return metrics.id(column);
    }

    int slots() {
        return slots;
    }

    public boolean isAnswered(int column, int slot) {
        return slot < slots && models[column][slot] != ModelKind.NONE.code();
    }

    public float quantile(int column, int slot, int horizon, int level) {
        return quantiles[column][
                (slot * HORIZON_SECONDS.length + horizon) * Quantiles.COUNT + level];
    }

    /// The largest value of a quantile over the first `horizonLimit` horizons; NaN without a
    /// forecast. Steps of different horizons that peak together are taken to do so.
    float peak(int column, int slot, int level, int horizonLimit) {
        float peak = Float.NaN;
        for (int horizon = 0; horizon < horizonLimit; horizon++) {
            float value = quantile(column, slot, horizon, level);
            peak = Float.isNaN(peak) ? value : Math.max(peak, value);
        }
        return peak;
    }

    /// How the values that decisions rest on differ from those of another table.
    public Difference compareJournaled(ForecastTable other) {
        long values = 0;
        long identical = 0;
        double largest = 0;
        for (int column = 0; column < metricCount(); column++) {
            if (!ForecastRecords.isJournaled(metricId(column))) {
                continue;
            }
            for (int slot = 0; slot < slots; slot++) {
                boolean answered = isAnswered(column, slot);
                if (!answered && !other.isAnswered(column, slot)) {
                    continue;
                }
                for (int i = 0; i < HOUR_HORIZONS * Quantiles.COUNT; i++) {
                    float mine = quantiles[column][row(slot) + i];
                    float theirs =
                            slot < other.slots ? other.quantiles[column][row(slot) + i] : Float.NaN;
                    values++;
                    identical += Float.compare(mine, theirs) == 0 ? 1 : 0;
                    double difference = Math.abs(mine - theirs);
                    largest = Math.max(largest, Double.isNaN(difference) ? 0 : difference);
                }
            }
        }
        return new Difference(values, identical, largest);
    }

    /// @param values that either table has
    /// @param largest difference between two of them, in the metric's unit
    public record Difference(long values, long identical, double largest) {}

    public ModelKind model(int column, int slot) {
        return slot < slots ? ModelKind.of(models[column][slot]) : ModelKind.NONE;
    }

    public FallbackReason reason(int column, int slot) {
        return slot < slots ? FallbackReason.of(reasons[column][slot]) : FallbackReason.NONE;
    }

    public float confidence(int column, int slot) {
        return slot < slots ? confidences[column][slot] : Float.NaN;
    }

    /// One figure of how forecasts of a series did lately: [SeriesAccuracy#OUTCOMES] and the
    /// others; no outcomes where another model than the ensemble answers.
    public float accuracy(int column, int slot, int horizon, int figure) {
        return slot < slots && model(column, slot) == ModelKind.ENSEMBLE
                ? SeriesAccuracy.unpack(
                        accuracy[column],
                        (slot * HORIZON_SECONDS.length + horizon) * SeriesAccuracy.COUNT,
                        figure)
                : 0;
    }

    public long issuedAtMs(int column, int slot) {
        return slot < slots ? issuedAtMs[column][slot] : 0;
    }

    /// Series that have a forecast.
    public long answered() {
        long count = 0;
        for (byte[] column : models) {
            for (byte model : column) {
                count += model == ModelKind.NONE.code() ? 0 : 1;
            }
        }
        return count;
    }

    /// Which column holds which metric of the catalogue.
    private static final class MetricCatalogueColumns {
        private final List<Metric> metrics = MetricCatalogue.INSTANCE.forecastMetrics();

        int count() {
            return metrics.size();
        }

        int id(int column) {
            return metrics.get(column).id();
        }

        int column(int metricId) {
            for (int column = 0; column < metrics.size(); column++) {
                if (metrics.get(column).id() == metricId) {
                    return column;
                }
            }
            return -1;
        }
    }
}
