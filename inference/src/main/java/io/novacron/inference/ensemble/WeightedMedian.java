package io.novacron.inference.ensemble;

/// The weighted median of a handful of values.
///
/// Taken at each quantile level by itself it keeps quantiles ascending, for it never falls when
/// none of its values does; and unlike a mean it stays on values that occur, such as 0 on an idle
/// vm.
public final class WeightedMedian {
    private final float[] values;
    private final float[] weights;
    private int count;

    /// @param capacity values at most
    public WeightedMedian(int capacity) {
        values = new float[capacity];
        weights = new float[capacity];
    }

    /// Begins anew.
    public void clear() {
        count = 0;
    }

    /// Adds a value that is not NaN.
    public void add(float value, float weight) {
        int at = count++;
        while (at > 0 && values[at - 1] > value) {
            values[at] = values[at - 1];
            weights[at] = weights[at - 1];
            at--;
        }
        values[at] = value;
        weights[at] = weight;
    }

    /// The value below which half of the weight lies; NaN when nothing was added.
    public float value() {
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += weights[i];
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += weights[i];
            if (sum >= total / 2) {
                return values[i];
            }
        }
        return count == 0 ? Float.NaN : values[count - 1];
    }
}
