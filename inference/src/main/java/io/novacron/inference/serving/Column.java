package io.novacron.inference.serving;

import io.novacron.inference.Bounds;
import io.novacron.inference.member.History;
import java.util.Arrays;

/// One series, newest first, made safe: what is not finite is a gap, what is out of bounds is
/// clipped, and magnitudes end where squares would not be finite.
///
/// Looking `back` steps earlier is looking at the same memory from another place, so that a past
/// origin can be replayed without copying. One thread owns it.
final class Column {
    private final float least;
    private final float most;
    final int capacity;

    /// Value by lag, NaN in a gap.
    final float[] values;

    /// The same with each gap filled by the value before it.
    final float[] filled;

    /// Steps since the first value, 0 when there is none.
    int size;

    /// Values that are not missing.
    int valid;

    Column(Bounds bounds, int capacity) {
        this.least = Math.max(bounds.min(), -History.MAX_MAGNITUDE);
        this.most = Math.min(bounds.max(), History.MAX_MAGNITUDE);
        this.capacity = capacity;
        this.values = new float[capacity];
        this.filled = new float[capacity];
    }

    /// Takes the newest `capacity` steps, oldest first, of `from[offset + step]`.
    void load(float[] from, int offset) {
        valid = 0;
        float held = Float.NaN;
        int first = capacity;
        for (int step = 0; step < capacity; step++) {
            float value = from[offset + step];
            int lag = capacity - 1 - step;
            if (Math.abs(value) <= Float.MAX_VALUE) { // neither NaN nor infinite
                float safe = value < least ? least : Math.min(value, most);
                values[lag] = safe;
                held = safe;
                valid++;
                first = first == capacity ? step : first;
            } else {
                values[lag] = Float.NaN;
            }
            filled[lag] = held;
        }
        size = capacity - first;
        Arrays.fill(filled, size, capacity, Float.NaN);
    }

    /// Steps since the newest value, seen from `back` steps ago.
    int gap(int back) {
        int lag = back;
        while (lag < size && Float.isNaN(values[lag])) {
            lag++;
        }
        return lag - back;
    }
}
