package io.novacron.inference.serving;

import io.novacron.inference.Quantiles;
import io.novacron.inference.ensemble.Mixing;
import io.novacron.inference.ensemble.WeightedMedian;

/// Mixes what the members of a [MemberBank] said about one series into one answer for each target:
/// weights from the series' own record and the pool's, a weighted median at each level, then width.
///
/// Keeps scratch memory for one series at a time: one thread owns it.
final class Mixture {
    private static final int LEVELS = Quantiles.COUNT;
    private static final float PRIOR_STEPS = 30;
    private static final float MAX_RELATIVE = 20;

    private final ServingConfig config;
    private final MemberBank bank;
    private final GroupPool pool;
    private final WidthPool widths;
    private final int[] bands;
    private final boolean[] bandUsed = new boolean[ServingConfig.BANDS];
    private final float[] weights = new float[ServingConfig.BANDS * Layout.SPEAKERS];
    private final float[] relative = new float[ServingConfig.BANDS * Layout.SPEAKERS];
    private final float[] trust = new float[ServingConfig.BANDS];
    private final float[] leastLoss = new float[ServingConfig.BANDS];
    private final WeightedMedian median = new WeightedMedian(MemberBank.COUNT);

    /// `mixed[target × 9 + level]` of the last [#mix].
    final float[] mixed;

    Mixture(ServingConfig config, MemberBank bank, GroupPool pool, WidthPool widths) {
        this.config = config;
        this.bank = bank;
        this.pool = pool;
        this.widths = widths;
        this.bands = config.targets().stream().mapToInt(ServingConfig::band).toArray();
        for (int band : bands) {
            bandUsed[band] = true;
        }
        this.mixed = new float[bands.length * LEVELS];
    }

    /// Weighs the members for a series with this record, whose like are `group`.
    void weigh(SeriesRecord series, int group) {
        for (int band = 0; band < ServingConfig.BANDS; band++) {
            if (bandUsed[band]) {
                weigh(series, group, band);
            }
        }
    }

    private void weigh(SeriesRecord series, int group, int band) {
        float yardstick = yardstick(series, band);
        float floor = yardstick > 0 ? Mixing.LOSS_FLOOR * config.unit() / yardstick : 0;
        float steps = series.known(band);
        float least = Float.POSITIVE_INFINITY;
        float smallest = Float.NaN;
        int from = band * Layout.SPEAKERS;
        for (int speaker = 0; speaker < Layout.SPEAKERS; speaker++) {
            float loss = series.loss(band, speaker);
            float known = yardstick > 0 && loss > 0 ? steps : 0;
            float own = known > 0 ? known * Math.min(MAX_RELATIVE, loss / yardstick) : 0;
            float one =
                    (own + PRIOR_STEPS * pool.relativeLoss(group, band, speaker))
                            / (known + PRIOR_STEPS);
            relative[from + speaker] = one;
            if (speaker != Layout.STACKED) {
                least = Math.min(least, one);
                smallest = loss > 0 && !(smallest <= loss) ? loss : smallest;
            }
        }
        for (int speaker = 0; speaker < Layout.SPEAKERS; speaker++) {
            float excess = Mixing.excess(relative[from + speaker], least, floor);
            weights[from + speaker] = Mixing.weight(excess, Mixing.SHARPNESS);
        }
        trust[band] = Mixing.trust(Mixing.excess(relative[from + Layout.STACKED], least, floor));
        leastLoss[band] = smallest;
    }

    /// The yardstick that makes losses relative. Near: the least of the speakers that are known,
    /// for their mean would follow the worst and make all good ones look alike beside the pool's.
    /// Far: their mean, for the least of a few outcomes is luck.
    private float yardstick(SeriesRecord series, int band) {
        float least = Float.POSITIVE_INFINITY;
        float sum = 0;
        int count = 0;
        for (int speaker = 0; speaker < Layout.SPEAKERS; speaker++) {
            float loss = series.loss(band, speaker);
            if (loss > 0) {
                least = Math.min(least, loss);
                sum += loss;
                count++;
            }
        }
        if (count == 0) {
            return 0;
        }
        float chosen = band == ServingConfig.BANDS - 1 ? sum / count : least;
        return Math.max(chosen, Mixing.LOSS_FLOOR * config.unit());
    }

    /// Tells the pool how the speakers do in this series.
    void tellPool(SeriesRecord series, int group) {
        for (int band = 0; band < ServingConfig.BANDS; band++) {
            float yardstick = yardstick(series, band);
            for (int speaker = 0; yardstick > 0 && speaker < Layout.SPEAKERS; speaker++) {
                float loss = series.loss(band, speaker);
                if (loss > 0) {
                    pool.tellLoss(group, band, speaker, Math.min(MAX_RELATIVE, loss / yardstick));
                }
            }
        }
    }

    /// Mixes targets `[from, to)`. The weighted median at each level by itself keeps them
    /// ascending.
    void mix(int from, int to) {
        for (int target = from; target < to; target++) {
            int by = bands[target] * Layout.SPEAKERS;
            for (int level = 0; level < LEVELS; level++) {
                median.clear();
                for (int member = 0; member < MemberBank.COUNT; member++) {
                    float value = bank.quantiles[bank.offset(member, target) + level];
                    if (!Float.isNaN(value)) {
                        median.add(value, weights[by + member]);
                    }
                }
                mixed[target * LEVELS + level] = median.value();
            }
        }
    }

    /// Widens nine quantiles at `out[at]` as the pool and the series need it.
    void stretch(SeriesRecord series, int target, float[] out, int at) {
        Mixing.stretch(
                series.logWidth(target, 0) + widths.logWidth(target, 0),
                series.logWidth(target, 1) + widths.logWidth(target, 1),
                config.bounds(),
                out,
                at);
    }

    /// Losses of a band relative to the yardstick, mixed with the pool's, into `out`.
    void relative(int target, float[] out, int count) {
        System.arraycopy(relative, bands[target] * Layout.SPEAKERS, out, 0, count);
    }

    /// How far the stacked model counts at a target.
    float trust(int target) {
        return trust[bands[target]];
    }

    /// Loss of the best member at a target, or NaN.
    float leastLoss(int target) {
        return leastLoss[bands[target]];
    }
}
