package io.novacron.inference.patch;

import io.novacron.inference.member.History;
import io.novacron.inference.member.Target;
import java.util.Arrays;

/// What the patch network is told of one series, and what its answers mean.
///
/// A row begins with 24 patches of an hour, oldest first: 12 values and, of each of the seven days
/// before, the mean of the same hour. After them come [#STATICS] figures of the whole: the newest
/// hour seen closely, the hours and steps a day after which the targets lie, and the shape of the
/// last day. NaN where something is missing; the network has a mask for each column.
///
/// ```text
/// | patch 0: 12 values, 7 means | … | patch 23 (newest) | newest hour 12 | next hour 7 | hour in a day 8 | step in a day 7 | shape 14 |
/// ```
///
/// Amounts are `asinh((value − base) / scale)`: the base is the median of the last day, for the
/// newest hour and targets of up to an hour the newest value; the scale is the mean distance from
/// that median. No time of day is given: the row knows days only as so many steps ago, so a model
/// serves series of any time zone.
///
/// Keeps scratch memory: one thread owns it.
public final class PatchFeatures {
    /// Name of the order and meaning of the columns: changes when they do.
    public static final String LAYOUT = "patches-24x19-statics-48-v1";

    /// The only length of a step that such a row is about.
    public static final int STEP_SECONDS = 300;

    /// Steps of a patch, and steps of an hour.
    public static final int PATCH_STEPS = History.MEAN_SPAN;

    public static final int PATCHES = 24;
    private static final int DAYS = 7;

    /// Columns of a patch.
    public static final int PATCH_WIDTH = PATCH_STEPS + DAYS;

    /// Columns of all patches.
    public static final int SEQUENCE = PATCHES * PATCH_WIDTH;

    private static final int SHAPE = 14;

    /// Columns after the patches.
    public static final int STATICS = PATCH_STEPS + DAYS + DAYS + 1 + DAYS + SHAPE;

    /// Columns of a row.
    public static final int WIDTH = SEQUENCE + STATICS;

    /// Steps a series must have before it is asked: three hours.
    public static final int MIN_STEPS = 3 * PATCH_STEPS;

    private static final int DAY = PATCHES * PATCH_STEPS;

    /// Steps of history that a row looks at.
    public static final int REACH = (DAYS + 1) * DAY;

    private static final float LIMIT = 8; // asinh of 1,490 scales
    private static final Target HOUR = new Target(1, PATCH_STEPS);

    private final float[] sorted = new float[DAY];
    private float median;
    private float last;
    private float scale;

    /// Writes the row of a series from `offset` on; false when it has no value in the last day, or
    /// next to no history.
    public boolean write(History history, float[] row, int offset) {
        int count = 0;
        int same = 0;
        for (int lag = 0; lag < DAY; lag++) {
            float value = history.ago(lag);
            if (!Float.isNaN(value)) {
                sorted[count++] = value;
                same += value == history.ago(lag + 1) ? 1 : 0;
            }
        }
        if (count == 0 || history.size() < MIN_STEPS) {
            return false;
        }
        Arrays.sort(sorted, 0, count);
        median = quantile(count, .5f);
        double distance = 0;
        for (int i = 0; i < count; i++) {
            distance += Math.abs(sorted[i] - median);
        }
        scale = (float) (distance / count) + .3f * history.unit();
        last = history.lastValid();
        int at = patches(history, row, offset);
        for (int lag = 0; lag < PATCH_STEPS; lag++) {
            row[at++] = scaled(history.ago(lag), last);
        }
        for (int day = 1; day <= DAYS; day++) {
            row[at++] = scaled(hourMean(history, day * DAY - PATCH_STEPS), median);
        }
        for (int day = 0; day <= DAYS; day++) {
            row[at++] = scaled(hourMean(history, day * DAY), median);
        }
        for (int day = 1; day <= DAYS; day++) {
            row[at++] = scaled(history.ago(day * DAY), median);
        }
        shape(history, row, at, count, same);
        return true;
    }

    private int patches(History history, float[] row, int offset) {
        int at = offset;
        for (int patch = PATCHES - 1; patch >= 0; patch--) {
            for (int step = PATCH_STEPS - 1; step >= 0; step--) {
                row[at++] = scaled(history.ago(patch * PATCH_STEPS + step), median);
            }
            for (int day = 1; day <= DAYS; day++) {
                row[at++] = scaled(hourMean(history, day * DAY + patch * PATCH_STEPS), median);
            }
        }
        return at;
    }

    private void shape(History history, float[] row, int offset, int count, int same) {
        int at = offset;
        row[at++] = scaled(last, median);
        for (float level : new float[] {0, .1f, .25f, .75f, .9f, 1}) {
            row[at++] = scaled(quantile(count, level), median);
        }
        for (int hours : new int[] {1, 4}) {
            double sum = 0;
            int known = 0;
            for (int lag = 0; lag < hours * PATCH_STEPS; lag++) {
                float value = history.ago(lag);
                if (!Float.isNaN(value)) {
                    sum += value;
                    known++;
                }
            }
            row[at++] = known == 0 ? Float.NaN : scaled((float) (sum / known), median);
        }
        float unit = history.unit();
        row[at++] = (float) Math.log(scale / unit);
        row[at++] = (float) Math.log1p(Math.abs(median) / unit);
        row[at++] = (float) Math.log1p(Math.min(history.gap(), DAY));
        row[at++] = count / (float) DAY;
        row[at] = same / (float) count;
    }

    /// The mean of the hour that ended `lag` steps before the newest one.
    private static float hourMean(History history, int lag) {
        return lag + PATCH_STEPS > history.size()
                ? Float.NaN
                : history.outcome(HOUR, lag + PATCH_STEPS);
    }

    private float quantile(int count, float level) {
        return sorted[Math.round(level * (count - 1))];
    }

    private float scaled(float value, float base) {
        return Math.clamp(asinh((value - base) / scale), -LIMIT, LIMIT); // NaN stays NaN
    }

    private static float asinh(float x) {
        double size = Math.abs(x);
        return Math.copySign((float) Math.log(size + Math.sqrt(size * size + 1)), x);
    }

    /// The unit of the row that was written last.
    public float scale() {
        return scale;
    }

    /// What an answer about `target` is relative to, in the row that was written last.
    public float base(Target target) {
        return target.to() <= PATCH_STEPS ? last : median;
    }
}
