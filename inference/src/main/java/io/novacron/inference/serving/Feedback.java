package io.novacron.inference.serving;

import io.novacron.inference.Quantiles;

/// Learns from outcomes: of forecasts that waited, and of forecasts that are made as of past steps
/// and judged at once, for a series that is new here.
///
/// One thread owns it.
final class Feedback {
    /// Origins that a new series is judged from.
    static final int WARM_NEAR = 16;

    static final int WARM_FAR = 4;
    private static final int WARM_SPACING = 35;
    private static final int MIN_VALID = 12;
    private static final int MAX_GAP = 24;

    private final ServingConfig config;
    private final Layout layout;
    private final MemberBank bank;
    private final Mixture mixture;
    private final WidthPool widths;
    private final LiveAccuracy accuracy;
    private final int[] targets;
    private final int[] bands;
    private final float[] said = new float[Layout.SAID];
    private int nearStride = Layout.NEAR_STRIDE;
    private int farStride = Layout.FAR_STRIDE;
    private long outcomes;
    private long expired;
    private long drifts;

    Feedback(
            ServingConfig config,
            Layout layout,
            MemberBank bank,
            Mixture mixture,
            WidthPool widths,
            LiveAccuracy accuracy) {
        this.config = config;
        this.layout = layout;
        this.bank = bank;
        this.mixture = mixture;
        this.widths = widths;
        this.accuracy = accuracy;
        this.targets = config.targets().stream().mapToInt(Integer::intValue).toArray();
        this.bands = config.targets().stream().mapToInt(ServingConfig::band).toArray();
    }

    /// Steps between two forecasts that are kept: so many steps an outcome stands for.
    void strides(int near, int far) {
        nearStride = near;
        farStride = far;
    }

    /// Forecasts judged.
    long outcomes() {
        return outcomes;
    }

    /// Forecasts whose outcome is missing, or too old to be told.
    long expired() {
        return expired;
    }

    /// How often a record was dropped.
    long drifts() {
        return drifts;
    }

    /// Judges whatever has come due by `step`, whose column is `column`.
    void learnWaiting(
            SlotBlock block, int slot, Column column, SeriesRecord series, int group, int step) {
        int lane = slot & SlotBlock.SLOTS - 1;
        boolean told = false;
        for (int entry = 0; entry < layout.entries(); entry++) {
            int at = lane * layout.entries() + entry;
            int origin = block.origins[at];
            if (origin == SlotBlock.NO_ORIGIN) {
                continue;
            }
            int firstTarget = layout.firstTarget(entry);
            int count = layout.isNear(entry) ? layout.near() : layout.far();
            int all = (1 << count) - 1;
            for (int t = 0; t < count; t++) {
                int target = firstTarget + t;
                int lag = step - origin - targets[target];
                if ((block.judged[at] >> t & 1) == 1 || (lag < 0 && step >= origin)) {
                    continue;
                }
                block.judged[at] |= (short) (1 << t);
                float outcome = lag >= 0 && lag < column.size ? column.values[lag] : Float.NaN;
                if (Float.isNaN(outcome)) {
                    expired++; // a gap, or time jumped
                    continue;
                }
                block.read(lane, entry, t, said);
                int stride = layout.isNear(entry) ? nearStride : farStride;
                float logBelow = widths.logWidthAt(origin, target, 0);
                float logAbove = widths.logWidthAt(origin, target, 1);
                learn(series, target, stride, outcome, logBelow, logAbove, true);
                told = true;
            }
            if (block.judged[at] == all) {
                block.origins[at] = SlotBlock.NO_ORIGIN;
            }
        }
        if (told) {
            mixture.tellPool(series, group);
        }
    }

    /// Takes in one outcome; `said` holds what was forecast.
    private void learn(
            SeriesRecord series,
            int target,
            int stride,
            float outcome,
            float logBelow,
            float logAbove,
            boolean live) {
        int band = bands[target];
        float rate = series.outcome(band, stride);
        float naive = Float.NaN;
        for (int speaker = 0; speaker < Layout.SPEAKERS; speaker++) {
            float loss = loss(speaker * 3, outcome);
            if (Float.isNaN(loss)) {
                continue;
            }
            naive = speaker == MemberBank.LAST_VALUE ? loss : naive;
            series.addLoss(band, speaker, loss, rate);
            if (live) {
                accuracy.add(
                        target,
                        speaker,
                        said[speaker * 3],
                        said[speaker * 3 + 1],
                        said[speaker * 3 + 2],
                        outcome,
                        loss);
            }
        }
        float low = said[Layout.OWN];
        float middle = said[Layout.OWN + 1];
        float high = said[Layout.OWN + 2];
        float loss = loss(Layout.OWN, outcome);
        if (Float.isNaN(loss)) {
            return;
        }
        outcomes++;
        // what waited was rounded: a hair outside is inside
        float hair = 1e-3f * (high - low) + 1e-6f * Math.abs(outcome);
        boolean below = outcome < low - hair;
        boolean above = outcome > high + hair;
        series.widen(target, below, above);
        series.judge(target, middle, !below && !above, loss, naive, outcome);
        widths.tell(target, low - hair, middle, high + hair, logBelow, logAbove, outcome);
        if (live) {
            accuracy.add(
                    target, LiveAccuracy.ENSEMBLE, low - hair, middle, high + hair, outcome, loss);
            judgeShadow(target, outcome);
        }
        if (target == 0 && series.watch(loss)) {
            drifts++;
        }
    }

    private void judgeShadow(int target, float outcome) {
        float loss = loss(Layout.SHADOW, outcome);
        if (!Float.isNaN(loss)) {
            accuracy.add(
                    target,
                    LiveAccuracy.SHADOW,
                    said[Layout.SHADOW],
                    said[Layout.SHADOW + 1],
                    said[Layout.SHADOW + 2],
                    outcome,
                    loss);
        }
    }

    /// Mean pinball loss of the .1, .5 and .9 quantile at `said[at]`.
    private float loss(int at, float outcome) {
        return (Quantiles.pinball(.1f, said[at], outcome)
                        + Quantiles.pinball(.5f, said[at + 1], outcome)
                        + Quantiles.pinball(.9f, said[at + 2], outcome))
                / 3;
    }

    /// Forecasts as of steps of the last two days, oldest first, and judges them at once.
    void warm(Column column, SeriesRecord series, int group) {
        for (int k = WARM_FAR - 1; layout.far() > 0 && k >= 0; k--) {
            int back = targets[targets.length - 1] + k * Layout.FAR_STRIDE;
            replay(column, series, group, back, false);
        }
        for (int k = WARM_NEAR - 1; k >= 0; k--) {
            int back = ServingConfig.NEAR_REACH + k * WARM_SPACING;
            replay(column, series, group, back, true);
        }
        mixture.tellPool(series, group);
    }

    private void replay(Column column, SeriesRecord series, int group, int back, boolean near) {
        if (column.size - back < MIN_VALID || column.gap(back) > MAX_GAP) {
            return;
        }
        bank.ask(column, back, near, !near);
        mixture.weigh(series, group);
        int from = near ? 0 : layout.near();
        int to = near ? layout.near() : targets.length;
        mixture.mix(from, to);
        int stride = near ? WARM_SPACING : Layout.FAR_STRIDE;
        for (int target = from; target < to; target++) {
            float outcome = column.values[back - targets[target]];
            if (!Float.isNaN(outcome)) {
                bank.tell(target, said, 0);
                int at = target * Quantiles.COUNT;
                mixture.stretch(series, target, mixture.mixed, at);
                MemberBank.tell(mixture.mixed, at, said, Layout.OWN);
                learn(
                        series,
                        target,
                        stride,
                        outcome,
                        widths.logWidth(target, 0),
                        widths.logWidth(target, 1),
                        false);
            }
        }
    }
}
