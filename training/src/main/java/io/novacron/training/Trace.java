package io.novacron.training;

import io.novacron.inference.Bounds;
import io.novacron.inference.Window;
import java.util.List;
import java.util.Locale;

/// One metric of many entities over the whole of a trace, time-major, NaN where missing.
///
/// @param metric the file's name without its endings
/// @param entities one name per series
/// @param values `values[step * entities.size() + i]`
/// @param steps number of steps
/// @param stepSeconds length of a step
/// @param startTimeMs time of step 0
public record Trace(
        String metric,
        List<String> entities,
        float[] values,
        int steps,
        int stepSeconds,
        long startTimeMs) {

    int series() {
        return entities.size();
    }

    /// Series times steps.
    long size() {
        return (long) series() * steps;
    }

    /// What had happened by `origin`, that step included. A view: later steps are out of its reach.
    Window windowAt(int origin) {
        long endTimeMs = startTimeMs + (steps - 1) * 1000L * stepSeconds;
        return Window.of(values, series(), steps, stepSeconds, endTimeMs).until(origin + 1);
    }

    float at(int step, int index) {
        return values[step * entities.size() + index];
    }

    /// A metric with `percent` in its name lies within 0..100, any other is not negative.
    Bounds bounds() {
        return metric.toLowerCase(Locale.ROOT).contains("percent")
                ? Bounds.PERCENT
                : Bounds.NON_NEGATIVE;
    }
}
