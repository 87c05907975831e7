package io.novacron.inference.ensemble;

import io.novacron.inference.Quantiles;
import io.novacron.inference.member.History;
import io.novacron.inference.member.Member;
import io.novacron.inference.member.Target;
import java.util.ArrayList;
import java.util.List;

/// What a model that is stacked on the members is told of one series and target.
///
/// Everything that is an amount of the metric is given as its distance from the members' mixture in
/// units of [#scale], so that one model serves small and large series alike. The model answers in
/// `asinh` of the same; [#toTarget] and [#fromTarget] convert.
///
/// Keeps scratch memory: one thread owns it.
public final class StackFeatures {
    private static final int LEVELS = Quantiles.COUNT;
    private static final float LIMIT = 1_000;
    private static final int RECENT = 6;
    private static final int[] MEANS = {12, 48, 288, 2016};
    private static final int[] MIXTURE_LEVELS = {0, 2, 6, 8};

    private final List<String> names;
    private final int members;
    private final float[] mixture = new float[LEVELS];
    private final float[] means = new float[MEANS.length];
    private float deviation;
    private float least;
    private float most;
    private float unchanged;
    private float present;
    private float base;
    private float scale;
    private int at;

    /// @param memberNames of the ensemble, in order; the last `supplied` are not looked at
    public StackFeatures(List<String> memberNames, int supplied) {
        this.members = memberNames.size() - supplied;
        this.names = names(memberNames.subList(0, members));
    }

    private static List<String> names(List<String> members) {
        List<String> names =
                new ArrayList<>(List.of("reach", "span", "level", "scale", "age", "gap"));
        members.forEach(member -> names.add(member + ".median"));
        members.forEach(member -> names.add(member + ".q10"));
        members.forEach(member -> names.add(member + ".q90"));
        members.forEach(member -> names.add(member + ".loss"));
        members.forEach(member -> names.add(member + ".strangeness"));
        for (int level : MIXTURE_LEVELS) {
            names.add("mixture.q" + (level + 1) * 10);
        }
        for (int lag = 0; lag < RECENT; lag++) {
            names.add("ago." + lag);
        }
        for (int steps : MEANS) {
            names.add("mean." + steps);
        }
        names.addAll(List.of("deviation", "least", "most", "unchanged", "present"));
        return List.copyOf(names);
    }

    /// One name per column.
    public List<String> names() {
        return names;
    }

    public int count() {
        return names.size();
    }

    /// Looks at a series' history; call before [#write] after each step.
    public void look(SeriesEnsemble series) {
        History history = series.history();
        double sum = 0;
        double squares = 0;
        int count = 0;
        int same = 0;
        least = Float.POSITIVE_INFINITY;
        most = Float.NEGATIVE_INFINITY;
        int mean = 0;
        int day = history.stepsPerDay();
        int end = MEANS[MEANS.length - 1];
        for (int lag = 0; lag < end; lag++) {
            float value = history.ago(lag);
            if (!Float.isNaN(value)) {
                sum += value;
                count++;
                if (lag < day) {
                    squares += (double) value * value;
                    least = Math.min(least, value);
                    most = Math.max(most, value);
                    same += value == history.ago(lag + 1) ? 1 : 0;
                }
            }
            if (lag + 1 == MEANS[mean]) {
                means[mean++] = count == 0 ? Float.NaN : (float) (sum / count);
            }
            if (lag + 1 == day) {
                double average = count == 0 ? Double.NaN : sum / count;
                deviation = (float) Math.sqrt(Math.max(0, squares / count - average * average));
                unchanged = same / (float) Math.max(1, count);
                present = count / (float) day;
            }
        }
    }

    /// Writes the row of one target from `offset` on; false when nothing is known of the series.
    public boolean write(SeriesEnsemble series, Target target, int index, float[] row, int offset) {
        series.mixture(index, mixture, 0);
        base = mixture[Quantiles.MEDIAN];
        if (!Float.isFinite(base)) {
            return false;
        }
        History history = series.history();
        float loss = series.leastLoss(index);
        float noise = Float.isFinite(deviation) ? deviation : 0;
        scale = 2 * (Float.isFinite(loss) ? loss : noise / 2) + .1f * noise + .3f * history.unit();
        at = offset;
        row[at++] = (float) Math.log(target.to());
        row[at++] = target.span() == 1 ? 0 : 1;
        row[at++] = (float) Math.log1p(Math.abs(base) / history.unit());
        row[at++] = (float) Math.log(scale / history.unit());
        row[at++] = (float) Math.log1p(Math.min(history.steps(), 2016));
        row[at++] = Math.min(history.gap(), 288);
        for (int level : new int[] {Member.MEDIAN, 0, LEVELS - 1}) {
            for (int member = 0; member < members; member++) {
                put(row, series.memberQuantile(member, index, level));
            }
        }
        for (int member = 0; member < members; member++) {
            row[at++] = series.relativeLoss(member);
        }
        for (int member = 0; member < members; member++) {
            row[at++] = series.members().get(member).strangeness();
        }
        for (int level : MIXTURE_LEVELS) {
            put(row, mixture[level]);
        }
        for (int lag = 0; lag < RECENT; lag++) {
            put(row, history.ago(lag));
        }
        for (float mean : means) {
            put(row, mean);
        }
        row[at++] = Math.min(LIMIT, noise / scale);
        put(row, least);
        put(row, most);
        row[at++] = unchanged;
        row[at++] = present;
        return true;
    }

    private void put(float[] row, float value) {
        row[at++] =
                Float.isFinite(value)
                        ? Math.clamp((value - base) / scale, -LIMIT, LIMIT)
                        : Float.NaN;
    }

    /// The mixture's median at the last [#write].
    public float base() {
        return base;
    }

    /// The unit of the row that was written last.
    public float scale() {
        return scale;
    }

    /// A value of the metric as the model sees it.
    public static float toTarget(float value, float base, float scale) {
        float x = (value - base) / scale;
        float size = Math.abs(x);
        return Math.copySign((float) Math.log(size + Math.sqrt((double) size * size + 1)), x);
    }

    /// What the model answers, as a value of the metric.
    public static float fromTarget(float answer, float base, float scale) {
        return (float) (base + scale * Math.sinh(Math.clamp(answer, -12, 12)));
    }
}
