package io.novacron.inference.member;

import io.novacron.inference.Bounds;
import java.util.Arrays;

/// The newest values of one series, newest first, with gaps as NaN.
///
/// Whatever is appended is made safe here: a value that is not finite is a gap, a value outside the
/// bounds is clipped, and magnitudes end at [#MAX_MAGNITUDE] so that squares stay finite.
public final class History {
    /// Larger values are clipped: 1e15 squared, times a month of steps, fits into a float.
    public static final float MAX_MAGNITUDE = 1e15f;

    /// Steps of the means that are kept ready: an hour of five-minute steps.
    public static final int MEAN_SPAN = 12;

    private final Bounds bounds;
    private final float unit;
    private final int stepsPerDay;
    private final RecentColumn values;
    private final RecentColumn means;
    private long steps;
    private int gap;
    private float lastValid = Float.NaN;

    /// @param bounds of the metric
    /// @param unit a small but noticeable amount of the metric, such as 1 for CPU %
    /// @param stepsPerDay 288 for steps of five minutes
    /// @param capacity steps kept
    public History(Bounds bounds, float unit, int stepsPerDay, int capacity) {
        if (!(unit > 0) || stepsPerDay < MEAN_SPAN || capacity < 2 * MEAN_SPAN) {
            throw new IllegalArgumentException(
                    ("unit=%s must be positive, stepsPerDay=%d at least %d, capacity=%d at least %d."
                                    + " Maybe the metric is all zero?")
                            .formatted(unit, stepsPerDay, MEAN_SPAN, capacity, 2 * MEAN_SPAN));
        }
        this.bounds = bounds;
        this.unit = unit;
        this.stepsPerDay = stepsPerDay;
        this.values = new RecentColumn(capacity);
        this.means = new RecentColumn(capacity);
    }

    /// Appends the value of the next step, NaN where it is missing.
    public void append(float value) {
        float safe =
                Float.isFinite(value)
                        ? Math.clamp(bounds.clip(value), -MAX_MAGNITUDE, MAX_MAGNITUDE)
                        : Float.NaN;
        values.append(safe);
        steps++;
        if (Float.isNaN(safe)) {
            gap++;
        } else {
            gap = 0;
            lastValid = safe;
        }
        means.append(mean(0, Math.min(MEAN_SPAN, values.size())));
    }

    /// Steps kept, gaps included.
    public int size() {
        return values.size();
    }

    /// Steps ever appended.
    public long steps() {
        return steps;
    }

    /// The value `lag` steps before the newest, which has lag 0; NaN in a gap or before the start.
    public float ago(int lag) {
        return lag >= 0 && lag < values.size() ? values.ago(lag) : Float.NaN;
    }

    /// The newest value that was not missing, or NaN.
    public float lastValid() {
        return lastValid;
    }

    /// Steps since the newest value that was not missing.
    public int gap() {
        return gap;
    }

    public float unit() {
        return unit;
    }

    public Bounds bounds() {
        return bounds;
    }

    public int stepsPerDay() {
        return stepsPerDay;
    }

    /// What `target` turned out to be for someone who stood `lag` steps before the newest value;
    /// NaN when it is not all in the past, or half of it is missing. `lag` must reach
    /// `target.to()`.
    public float outcome(Target target, int lag) {
        int last = lag - target.to();
        if (last < 0) {
            return Float.NaN; // the future
        }
        return target.span() == 1
                ? ago(last)
                : target.span() == MEAN_SPAN ? meanAgo(last) : mean(last, target.span());
    }

    private float meanAgo(int lag) {
        return lag < means.size() ? means.ago(lag) : Float.NaN;
    }

    private float mean(int lag, int span) {
        double sum = 0;
        int count = 0;
        for (int i = lag; i < lag + span; i++) {
            float value = ago(i);
            if (!Float.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        return 2 * count < span || count == 0 ? Float.NaN : (float) (sum / count);
    }

    /// Copies the newest `count` valid values of at most `within` steps to `out`; returns how many.
    int valid(int within, float[] out) {
        int count = 0;
        int end = Math.min(within, values.size());
        for (int lag = 0; lag < end && count < out.length; lag++) {
            float value = values.ago(lag);
            if (!Float.isNaN(value)) {
                out[count++] = value;
            }
        }
        return count;
    }

    /// Median of the first `count` of `scratch`, which this sorts.
    static float median(float[] scratch, int count) {
        if (count == 0) {
            return Float.NaN;
        }
        Arrays.sort(scratch, 0, count);
        return count % 2 == 1
                ? scratch[count / 2]
                : scratch[count / 2 - 1] + (scratch[count / 2] - scratch[count / 2 - 1]) / 2;
    }
}
