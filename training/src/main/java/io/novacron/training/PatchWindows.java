package io.novacron.training;

import io.novacron.inference.ensemble.StackFeatures;
import io.novacron.inference.member.History;
import io.novacron.inference.member.Target;
import io.novacron.inference.patch.PatchFeatures;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Windows drawn from traces: what [PatchFeatures] says at an origin, and what then came.
///
/// Of each trace, origins before `validFrom` teach, later ones tell when to stop. What a teaching
/// window is told to learn ends before `validFrom`, what a held-back one is judged by ends before
/// `end`: a target that reaches further is left out of its row, and [#check] proves it.
final class PatchWindows {
    /// A trace and how its time is cut.
    ///
    /// @param unit a small but noticeable amount of the metric
    /// @param from first step of an origin
    /// @param validFrom first step that must not teach
    /// @param end first step that must stay unseen
    record Part(Trace trace, float unit, int from, int validFrom, int end) {
        /// All of it that is before `end`, the last fifth held back.
        static Part until(Trace trace, float unit, int end) {
            return new Part(trace, unit, 0, (int) (end * TEACHES), end);
        }
    }

    private static final double TEACHES = .8;
    private static final float MAX_LABEL = 8;
    private static final float MAX_WEIGHT = 6;
    private static final float MIN_WEIGHT = .2f;

    private final List<Part> parts;
    private final List<Target> targets;
    private final int nearest;
    private final PatchFeatures features = new PatchFeatures();
    private float[] rows = new float[0];
    private float[] labels = new float[0];
    private float[] weights = new float[0];
    private float[] bases = new float[0];
    private float[] scales = new float[0];
    private float[] lasts = new float[0];
    private int[] part = new int[0];
    private int[] ends = new int[0];
    private int count;
    private int taught;

    private PatchWindows(List<Part> parts, List<Target> targets) {
        this.parts = List.copyOf(parts);
        this.targets = List.copyOf(targets);
        this.nearest = targets.stream().mapToInt(Target::to).min().orElse(1);
    }

    /// Draws about `wanted` windows, of each trace as many as it has values.
    static PatchWindows draw(List<Part> parts, List<Target> targets, int wanted, long seed) {
        var windows = new PatchWindows(parts, targets);
        var random = new Random(seed);
        double all = 0;
        for (Part one : parts) {
            int steps = one.end() - Math.max(one.from(), PatchFeatures.MIN_STEPS);
            all += (double) one.trace().series() * Math.max(0, steps - windows.nearest);
        }
        float share = (float) Math.min(1, wanted / Math.max(1, all));
        for (boolean teach : new boolean[] {true, false}) { // those that teach come first
            for (int number = 0; number < parts.size(); number++) {
                int first = windows.count;
                windows.draw(number, teach, share, random);
                windows.weigh(first);
            }
            if (teach) {
                windows.taught = windows.count;
            }
        }
        return windows;
    }

    private void draw(int number, boolean teach, float share, Random random) {
        Part one = parts.get(number);
        int from = Math.max(teach ? one.from() : one.validFrom(), PatchFeatures.MIN_STEPS - 1);
        int to = teach ? one.validFrom() : one.end();
        int stepsPerDay = 86_400 / one.trace().stepSeconds();
        for (int series = 0; series < one.trace().series(); series++) {
            var history =
                    new History(
                            one.trace().bounds(),
                            one.unit(),
                            stepsPerDay,
                            PatchFeatures.REACH + 2 * PatchFeatures.PATCH_STEPS);
            for (int step = 0; step < to; step++) {
                history.append(one.trace().at(step, series));
                if (step >= from && step + nearest < to && random.nextFloat() < share) {
                    add(number, series, step, to, history);
                }
            }
        }
    }

    private void add(int number, int series, int origin, int end, History history) {
        grow();
        if (!features.write(history, rows, count * PatchFeatures.WIDTH)) {
            return;
        }
        Trace trace = parts.get(number).trace();
        int last = -1;
        for (int t = 0; t < targets.size(); t++) {
            int at = count * targets.size() + t;
            Target target = targets.get(t);
            float outcome =
                    origin + target.to() < end ? outcome(trace, series, origin, target) : Float.NaN;
            boolean known = Float.isFinite(outcome);
            bases[at] = features.base(target);
            labels[at] =
                    known
                            ? Math.clamp(
                                    StackFeatures.toTarget(outcome, bases[at], features.scale()),
                                    -MAX_LABEL,
                                    MAX_LABEL)
                            : 0;
            weights[at] = known ? (float) Math.sqrt(features.scale()) : 0;
            last = known ? Math.max(last, origin + target.to()) : last;
        }
        if (last >= 0) {
            scales[count] = features.scale();
            lasts[count] = history.lastValid();
            part[count] = number;
            ends[count++] = last;
        }
    }

    private void grow() {
        if (count == ends.length) {
            int more = Math.max(1024, count + count / 2);
            rows = Arrays.copyOf(rows, more * PatchFeatures.WIDTH);
            labels = Arrays.copyOf(labels, more * targets.size());
            weights = Arrays.copyOf(weights, more * targets.size());
            bases = Arrays.copyOf(bases, more * targets.size());
            scales = Arrays.copyOf(scales, more);
            lasts = Arrays.copyOf(lasts, more);
            part = Arrays.copyOf(part, more);
            ends = Arrays.copyOf(ends, more);
        }
    }

    private static float outcome(Trace trace, int series, int origin, Target target) {
        double sum = 0;
        int known = 0;
        for (int step = origin + target.from(); step <= origin + target.to(); step++) {
            float value = trace.at(step, series);
            if (Float.isFinite(value)) {
                sum += trace.bounds().clip(value);
                known++;
            }
        }
        return known == 0 || 2 * known < target.span() ? Float.NaN : (float) (sum / known);
    }

    /// A series counts by the root of its scale, within bounds: by the scale itself, as it does in
    /// WAPE, the network learns twenty large series by heart. Traces count alike.
    private void weigh(int first) {
        double sum = 0;
        int known = 0;
        for (int i = first * targets.size(); i < count * targets.size(); i++) {
            sum += weights[i];
            known += weights[i] > 0 ? 1 : 0;
        }
        for (int i = first * targets.size(); i < count * targets.size(); i++) {
            if (weights[i] > 0) {
                weights[i] = (float) Math.clamp(weights[i] / (sum / known), MIN_WEIGHT, MAX_WEIGHT);
            }
        }
    }

    /// Fails when a window's target lies in what it must not know, as `parts` say it.
    void check(List<Part> parts) throws TrainingException {
        for (int row = 0; row < count; row++) {
            Part one = parts.get(part[row]);
            int limit = row < taught ? one.validFrom() : one.end();
            if (ends[row] >= limit) {
                throw new TrainingException(
                        "window %d: its target ends at step %d, must be before %d. Maybe the split moved?"
                                .formatted(row, ends[row], limit));
            }
        }
    }

    int count() {
        return count;
    }

    /// The first so many teach, the others are held back.
    int taught() {
        return taught;
    }

    List<Target> targets() {
        return targets;
    }

    float[] rows() {
        return rows;
    }

    /// Whether a target of a row is known.
    boolean known(int row, int target) {
        return weights[row * targets.size() + target] > 0;
    }

    /// What came, as the network sees it.
    float label(int row, int target) {
        return labels[row * targets.size() + target];
    }

    float base(int row, int target) {
        return bases[row * targets.size() + target];
    }

    float scale(int row) {
        return scales[row];
    }

    /// The newest value at the origin.
    float last(int row) {
        return lasts[row];
    }

    /// Copies the rows numbered `numbers[from, to)`: features, labels and weights.
    void copy(int[] numbers, int from, int to, float[] features, float[] label, float[] weight) {
        int per = targets.size();
        for (int i = from; i < to; i++) {
            int row = numbers[i];
            System.arraycopy(
                    rows,
                    row * PatchFeatures.WIDTH,
                    features,
                    (i - from) * PatchFeatures.WIDTH,
                    PatchFeatures.WIDTH);
            System.arraycopy(labels, row * per, label, (i - from) * per, per);
            System.arraycopy(weights, row * per, weight, (i - from) * per, per);
        }
    }
}
