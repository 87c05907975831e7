package io.novacron.inference.serving;

import io.novacron.inference.Bounds;
import io.novacron.inference.ensemble.Mixing;
import org.jspecify.annotations.Nullable;

/// What was learned about one series: how its speakers do, how wide its intervals must be, how well
/// it is forecast. A flyweight over a [SlotBlock], wrapped anew for each series.
///
/// Not thread-safe: one thread keeps one instance.
final class SeriesRecord {
    private static final float MEMORY_STEPS = 4_000;
    private static final float ACCURACY_KEEP = 1 - 1 / 200f;
    private static final float DRIFT_KEEPS = .1f;

    private final Layout layout;
    private final ServingConfig config;
    private final int[] bandTargets = new int[ServingConfig.BANDS];
    private float[] learned = new float[0];
    private int base;

    SeriesRecord(ServingConfig config, Layout layout) {
        this.config = config;
        this.layout = layout;
        for (int target : config.targets()) {
            bandTargets[ServingConfig.band(target)]++;
        }
    }

    SeriesRecord wrap(SlotBlock block, int slot) {
        learned = block.learned;
        base = (slot & SlotBlock.SLOTS - 1) * layout.learned();
        return this;
    }

    // ---- losses -----------------------------------------------------------------------------

    /// Steps that the losses of a band stand for.
    float known(int band) {
        return learned[base + Layout.BAND_OUTCOMES + band];
    }

    /// Mean loss of a speaker in a band, 0 while it has none.
    float loss(int band, int speaker) {
        return learned[base + Layout.LOSSES + band * Layout.SPEAKERS + speaker];
    }

    /// An outcome comes for a target of `band`: begins the losses of its speakers.
    ///
    /// @param stride steps between two such outcomes
    /// @return how far each loss moves its mean
    float outcome(int band, int stride) {
        float share = stride / (float) bandTargets[band];
        float known = known(band) + share;
        learned[base + Layout.BAND_OUTCOMES + band] = Math.min(known, MEMORY_STEPS);
        return Math.max(share / known, share / MEMORY_STEPS);
    }

    void addLoss(int band, int speaker, float loss, float rate) {
        int at = base + Layout.LOSSES + band * Layout.SPEAKERS + speaker;
        // shifted by a hair so that 0 means unknown; a loss is never negative
        learned[at] = learned[at] == 0 ? loss + 1e-30f : learned[at] + rate * (loss - learned[at]);
    }

    /// When losses of late are several times what they used to be, most of the record is dropped.
    ///
    /// @return whether it was
    boolean watch(float loss) {
        float watched = ++learned[base + Layout.WATCHED];
        float fast = Mixing.fast(learned[base + Layout.FAST_LOSS], loss, watched);
        float slow = Mixing.slow(learned[base + Layout.SLOW_LOSS], loss, watched);
        boolean drift = Mixing.isDrift(fast, slow, watched, config.unit());
        if (drift) {
            learned[base + Layout.WATCHED] = 1;
            slow = fast;
            for (int band = 0; band < ServingConfig.BANDS; band++) {
                learned[base + Layout.BAND_OUTCOMES + band] *= DRIFT_KEEPS;
            }
        }
        learned[base + Layout.FAST_LOSS] = fast;
        learned[base + Layout.SLOW_LOSS] = slow;
        return drift;
    }

    // ---- width ------------------------------------------------------------------------------

    /// Logarithm of the own factor of a side: 0 below the median, 1 above.
    float logWidth(int target, int side) {
        return learned[base + Layout.WIDTHS + 2 * target + side];
    }

    void widen(int target, boolean below, boolean above) {
        int at = base + Layout.WIDTHS + 2 * target;
        learned[at] = Mixing.widened(learned[at], below, Mixing.OWN_RATE);
        learned[at + 1] = Mixing.widened(learned[at + 1], above, Mixing.OWN_RATE);
    }

    // ---- accuracy ---------------------------------------------------------------------------

    /// Takes in how the ensemble itself did.
    ///
    /// @param naive loss of the last value, or NaN
    void judge(int target, float middle, boolean covered, float loss, float naive, float outcome) {
        int at = base + layout.accuracy(target);
        for (int i = 0; i < Layout.ACCURACY; i++) {
            learned[at + i] *= ACCURACY_KEEP;
        }
        float error = Math.abs(outcome - middle);
        learned[at + Layout.ERROR] += error;
        learned[at + Layout.ACTUAL] += Math.abs(outcome);
        learned[at + Layout.COVERED] += covered ? 1 : 0;
        learned[at + Layout.LOSS] += loss;
        learned[at + Layout.NAIVE_LOSS] += Float.isNaN(naive) ? 0 : naive;
        learned[at + Layout.HITS] += error <= tolerance(outcome) ? 1 : 0;
        learned[at + Layout.OUTCOMES]++;
    }

    /// The tolerance of a hit, as for backtests: a tenth of the range, or a quarter of the value.
    private float tolerance(float actual) {
        Bounds bounds = config.bounds();
        float range = bounds.max() - bounds.min();
        return Float.isFinite(range)
                ? range / 10
                : Math.max(Math.abs(actual) / 4, config.unit() / 10);
    }

    /// The smoothed share of hits up to an hour ahead; NaN before there is an outcome.
    float hitShare() {
        float hits = 0;
        float points = 0;
        for (int target = 0; target < layout.near(); target++) {
            int at = base + layout.accuracy(target);
            hits += learned[at + Layout.HITS];
            points += learned[at + Layout.OUTCOMES];
        }
        return points == 0 ? Float.NaN : (hits + 1) / (points + 2);
    }

    /// Packs [SeriesAccuracy] of every target to `out[at + target × SeriesAccuracy.COUNT]`.
    void pack(short[] out, int at) {
        for (int target = 0; target < config.targets().size(); target++) {
            int from = base + layout.accuracy(target);
            float count = learned[from + Layout.OUTCOMES];
            float actual = learned[from + Layout.ACTUAL];
            float naive = learned[from + Layout.NAIVE_LOSS];
            SeriesAccuracy.pack(
                    count,
                    actual > 0 ? learned[from + Layout.ERROR] / actual : Float.NaN,
                    count > 0 ? learned[from + Layout.COVERED] / count : Float.NaN,
                    naive > 0 ? 1 - learned[from + Layout.LOSS] / naive : Float.NaN,
                    out,
                    at + target * SeriesAccuracy.COUNT);
        }
    }

    /// Null before there is an outcome.
    @Nullable AccuracyRow accuracy(int target) {
        int at = base + layout.accuracy(target);
        float count = learned[at + Layout.OUTCOMES];
        if (count == 0) {
            return null;
        }
        float naive = learned[at + Layout.NAIVE_LOSS];
        float actual = learned[at + Layout.ACTUAL];
        return new AccuracyRow(
                AccuracyRow.ENSEMBLE,
                config.targets().get(target),
                count,
                actual > 0 ? learned[at + Layout.ERROR] / actual : Double.NaN,
                learned[at + Layout.COVERED] / count,
                naive > 0 ? 1 - learned[at + Layout.LOSS] / naive : Double.NaN);
    }
}
