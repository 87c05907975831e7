package io.novacron.perf.forecast;

import io.novacron.inference.Bounds;
import io.novacron.inference.member.Target;
import io.novacron.training.Trace;
import java.util.List;

/// One metric of many entities: `values[step * count + i]`, NaN where missing.
///
/// @param names one per entity
record Series(String metric, List<String> names, float[] values, int steps, Bounds bounds) {
    private static final float PERCENT_UNIT = 1;

    static Series of(Trace trace) {
        boolean percent = trace.metric().contains("percent");
        return new Series(
                trace.metric(),
                trace.entities(),
                trace.values(),
                trace.steps(),
                percent ? Bounds.PERCENT : Bounds.NON_NEGATIVE);
    }

    /// The trace as if it ended before `step`.
    Series until(int step) {
        return step >= steps ? this : new Series(metric, names, values, step, bounds);
    }

    /// As the trainer sees it.
    Trace trace(int stepSeconds) {
        return new Trace(metric, names, values, steps, stepSeconds, 0);
    }

    int count() {
        return names.size();
    }

    float at(int step, int index) {
        return values[step * names.size() + index];
    }

    /// What `target` turned out to be for someone at step `origin`: NaN when it ends after the
    /// trace, or half of it is missing.
    float outcome(Target target, int origin, int index) {
        if (origin + target.to() >= steps) {
            return Float.NaN;
        }
        double sum = 0;
        int count = 0;
        for (int step = origin + target.from(); step <= origin + target.to(); step++) {
            float value = at(step, index);
            if (!Float.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        return count == 0 || 2 * count < target.span() ? Float.NaN : (float) (sum / count);
    }

    /// Mean absolute difference of values `lag` steps apart in `[from, to)`: the yardstick of MASE.
    double meanDifference(int index, int lag, int from, int to) {
        double sum = 0;
        int count = 0;
        for (int step = from + lag; step < to; step++) {
            float difference = Math.abs(at(step, index) - at(step - lag, index));
            if (!Float.isNaN(difference)) {
                sum += difference;
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    /// A small but noticeable amount: one point of a percentage, else a tenth of the mean of `[0,
    /// until)`.
    float unit(int until) {
        if (bounds.equals(Bounds.PERCENT)) {
            return PERCENT_UNIT;
        }
        double sum = 0;
        long count = 0;
        for (int i = 0; i < until * count(); i++) {
            float value = Math.abs(values[i]);
            if (Float.isFinite(value)) {
                sum += Math.min(value, 1e12);
                count++;
            }
        }
        return sum > 0 ? (float) (sum / count / 10) : PERCENT_UNIT;
    }

    /// Means over neighbouring entities that have a value at the step: groups of about `size`, and
    /// the whole fleet as the last series.
    Series groups(int size) {
        int groups = groupCount(size);
        float[] means = new float[steps * (groups + 1)];
        double[] sums = new double[groups + 1];
        int[] counts = new int[groups + 1];
        for (int step = 0; step < steps; step++) {
            java.util.Arrays.fill(sums, 0);
            java.util.Arrays.fill(counts, 0);
            for (int i = 0; i < count(); i++) {
                float value = at(step, i);
                if (Float.isFinite(value)) {
                    int group = groupOf(i, size);
                    sums[group] += value;
                    counts[group]++;
                    sums[groups] += value;
                    counts[groups]++;
                }
            }
            for (int group = 0; group <= groups; group++) {
                means[step * (groups + 1) + group] =
                        counts[group] == 0 ? Float.NaN : (float) (sums[group] / counts[group]);
            }
        }
        List<String> groupNames =
                java.util.stream.IntStream.rangeClosed(0, groups)
                        .mapToObj(group -> group == groups ? "fleet" : "group" + group)
                        .toList();
        return new Series(metric, groupNames, means, steps, bounds);
    }

    /// A last group of less than half the size joins the one before.
    int groupCount(int size) {
        return Math.max(1, (count() + size / 2) / size);
    }

    int groupOf(int index, int size) {
        return Math.min(index / size, groupCount(size) - 1);
    }
}
