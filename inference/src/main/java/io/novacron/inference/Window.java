package io.novacron.inference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One metric of many series over time, time-major: all series of a step lie side by side.
///
/// ```text
///  values[(firstStep + step) * series + i]     step 0 is the oldest, NaN is missing
/// ```
///
/// A view: it owns no memory, and [#until] and [#last] share the array. The caller does not change
/// the array while a forecast runs. Values that are not finite count as missing everywhere.
public final class Window {
    static final int MAX_CELLS = 1 << 30;
    private static final int SECONDS_PER_DAY = 86_400;

    private final float[] values;
    private final int firstStep;
    private final int series;
    private final int steps;
    private final int stepSeconds;
    private final long endTimeMs;

    private Window(
            float[] values, int firstStep, int series, int steps, int stepSeconds, long endTimeMs) {
        this.values = values;
        this.firstStep = firstStep;
        this.series = series;
        this.steps = steps;
        this.stepSeconds = stepSeconds;
        this.endTimeMs = endTimeMs;
    }

    /// A window over `values`; `endTimeMs` is the time of the newest step.
    public static Window of(
            float[] values, int series, int steps, int stepSeconds, long endTimeMs) {
        check(series, steps, stepSeconds, values.length);
        return new Window(values, 0, series, steps, stepSeconds, endTimeMs);
    }

    /// Copies `series * steps` floats in native order from `segment` into `scratch`, which must
    /// have room for them, and makes a window over `scratch`.
    public static Window copyOf(
            MemorySegment segment,
            float[] scratch,
            int series,
            int steps,
            int stepSeconds,
            long endTimeMs) {
        check(series, steps, stepSeconds, scratch.length);
        MemorySegment.copy(
                segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, scratch, 0, series * steps);
        return new Window(scratch, 0, series, steps, stepSeconds, endTimeMs);
    }

    private static void check(int series, int steps, int stepSeconds, int length) {
        long cells = (long) series * steps;
        if (series < 0 || steps < 0 || cells > MAX_CELLS) {
            throw new IllegalArgumentException(
                    "series=%d steps=%d must not be negative nor more than %d cells together"
                            .formatted(series, steps, MAX_CELLS));
        }
        if (length < cells) {
            throw new IllegalArgumentException(
                    ("values.length=%d must be at least series*steps=%d*%d."
                                    + " Maybe series and steps are swapped?")
                            .formatted(length, series, steps));
        }
        if (stepSeconds < 1 || stepSeconds > SECONDS_PER_DAY) {
            throw new IllegalArgumentException(
                    "stepSeconds=%d must be in [1, %d]. Maybe it is in milliseconds?"
                            .formatted(stepSeconds, SECONDS_PER_DAY));
        }
    }

    public int series() {
        return series;
    }

    public int steps() {
        return steps;
    }

    public int stepSeconds() {
        return stepSeconds;
    }

    /// Time of the newest step.
    public long endTimeMs() {
        return endTimeMs;
    }

    /// The array behind the window; see [#firstStep].
    public float[] values() {
        return values;
    }

    /// Row of the array at which step 0 lies.
    public int firstStep() {
        return firstStep;
    }

    public float at(int step, int index) {
        return values[(firstStep + step) * series + index];
    }

    /// Steps in a day, or 0 when a day is not a whole number of steps.
    public int stepsPerDay() {
        return SECONDS_PER_DAY % stepSeconds == 0 ? SECONDS_PER_DAY / stepSeconds : 0;
    }

    /// The same window as it looked when only its first `newSteps` steps had happened.
    public Window until(int newSteps) {
        if (newSteps < 0 || newSteps > steps) {
            throw new IndexOutOfBoundsException(
                    "steps=%d is not in [0, %d]".formatted(newSteps, steps));
        }
        long newEnd = endTimeMs - (steps - newSteps) * 1000L * stepSeconds;
        return new Window(values, firstStep, series, newSteps, stepSeconds, newEnd);
    }

    /// The newest `newSteps` steps, or all when there are fewer.
    public Window last(int newSteps) {
        int kept = Math.min(newSteps, steps);
        return new Window(values, firstStep + steps - kept, series, kept, stepSeconds, endTimeMs);
    }

    /// Copies series `index` to `target[0..steps)` with everything missing as NaN.
    void copySeries(int index, float[] target) {
        int at = firstStep * series + index;
        for (int step = 0; step < steps; step++, at += series) {
            float value = values[at];
            target[step] = Float.isFinite(value) ? value : Float.NaN;
        }
    }
}
