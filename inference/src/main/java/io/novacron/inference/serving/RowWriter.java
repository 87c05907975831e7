package io.novacron.inference.serving;

import io.novacron.inference.Quantiles;
import java.util.ArrayList;
import java.util.List;

/// What the stacked model is told of one series and target: amounts as distances from the members'
/// mixture in units of a scale, so that one model serves small and large series alike.
///
/// One thread owns it.
public final class RowWriter {
    /// One name for each column; a change of meaning needs a new name.
    public static final List<String> NAMES = names();

    public static final int WIDTH = NAMES.size();

    private static final int RECENT = 6;
    private static final int[] MEANS = {12, 48, 288};
    private static final int[] MIXTURE_LEVELS = {0, 2, 6, 8};
    private static final float LIMIT = 1_000;

    private final float[] means = new float[MEANS.length];
    private float least;
    private float most;
    private float present;
    private float base;
    private float scale;
    private int at;

    RowWriter() {}

    private static List<String> names() {
        List<String> names = new ArrayList<>(List.of("reach", "level", "scale", "age", "gap"));
        MemberBank.NAMES.forEach(member -> names.add(member + ".median"));
        MemberBank.NAMES.forEach(member -> names.add(member + ".q10"));
        MemberBank.NAMES.forEach(member -> names.add(member + ".q90"));
        MemberBank.NAMES.forEach(member -> names.add(member + ".loss"));
        for (int level : new int[] {10, 30, 70, 90}) {
            names.add("mixture.q" + level);
        }
        for (int lag = 0; lag < 6; lag++) {
            names.add("ago." + lag);
        }
        names.addAll(List.of("mean.12", "mean.48", "mean.288"));
        names.addAll(List.of("deviation", "least", "most", "present"));
        return List.copyOf(names);
    }

    /// Looks at a series as of `back` steps ago; before [#write].
    void look(Column column, int back) {
        float sum = 0;
        int count = 0;
        int mean = 0;
        least = Float.POSITIVE_INFINITY;
        most = Float.NEGATIVE_INFINITY;
        int end = MEANS[MEANS.length - 1];
        for (int lag = 0; lag < end; lag++) {
            float value = back + lag < column.size ? column.values[back + lag] : Float.NaN;
            if (!Float.isNaN(value)) {
                sum += value;
                count++;
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
            if (lag + 1 == MEANS[mean]) {
                means[mean++] = count == 0 ? Float.NaN : sum / count;
            }
        }
        present = count / (float) end;
    }

    /// Writes the row of one target from `offset` on.
    ///
    /// @param mixture nine quantiles of the members' mixture at `mixtureAt`
    /// @param relative losses of the speakers relative to the mean of all
    /// @param leastLoss of the best member in the target's band, or NaN
    void write(
            ServingConfig config,
            MemberBank bank,
            Column column,
            int back,
            int target,
            float[] mixture,
            int mixtureAt,
            float[] relative,
            float leastLoss,
            float[] rows,
            int offset) {
        base = mixture[mixtureAt + Quantiles.MEDIAN];
        float noise = bank.deviation();
        scale =
                2 * (Float.isFinite(leastLoss) ? leastLoss : noise / 2)
                        + .1f * noise
                        + .3f * config.unit();
        at = offset;
        int targets = config.targets().size();
        rows[at++] = (float) Math.log(config.targets().get(target));
        rows[at++] = (float) Math.log1p(Math.abs(base) / config.unit());
        rows[at++] = (float) Math.log(scale / config.unit());
        rows[at++] = (float) Math.log1p(column.size - (double) back);
        rows[at++] = Math.min(column.gap(back), 288);
        for (int level : new int[] {Quantiles.MEDIAN, Quantiles.LOW, Quantiles.HIGH}) {
            for (int member = 0; member < MemberBank.COUNT; member++) {
                put(rows, bank.quantiles[(member * targets + target) * Quantiles.COUNT + level]);
            }
        }
        for (int member = 0; member < MemberBank.COUNT; member++) {
            rows[at++] = relative[member];
        }
        for (int level : MIXTURE_LEVELS) {
            put(rows, mixture[mixtureAt + level]);
        }
        for (int lag = 0; lag < RECENT; lag++) {
            put(rows, back + lag < column.size ? column.values[back + lag] : Float.NaN);
        }
        for (float mean : means) {
            put(rows, mean);
        }
        rows[at++] = Math.min(LIMIT, noise / scale);
        put(rows, least);
        put(rows, most);
        rows[at] = present;
    }

    private void put(float[] rows, float value) {
        rows[at++] =
                Float.isFinite(value)
                        ? Math.clamp((value - base) / scale, -LIMIT, LIMIT)
                        : Float.NaN;
    }

    /// The mixture's median at the last [#write].
    float base() {
        return base;
    }

    /// The unit of the row that was written last.
    float scale() {
        return scale;
    }
}
