package io.novacron.inference.kernel;

/// The specification of the window statistics: plain loops, one series at a time.
///
/// Two passes (mean first, then centred sums) keep float32 honest for large levels with small
/// spread. Sums run in a fixed order: step `s` of the window goes to partial sum `s mod 4` in the
/// first pass and `s mod 2` in the second, and the partial sums are added pairwise, lowest first.
/// Products are accumulated by fused multiply-add, which rounds once everywhere. So the vector twin
/// gives the same bits on every machine.
final class ScalarKernels implements Kernels {
    static final ScalarKernels INSTANCE = new ScalarKernels();

    private ScalarKernels() {}

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public void windowStats(
            float[] values,
            int stride,
            int fromSeries,
            int toSeries,
            int fromStep,
            int toStep,
            WindowStats out) {
        Kernels.check(values, stride, fromSeries, toSeries, fromStep, toStep, out);
        for (int i = fromSeries; i < toSeries; i++) {
            one(values, stride, i, fromStep, toStep, out, i - fromSeries);
        }
    }

    /// Statistics of one series; the vector twin uses it for fewer series than lanes and for blocks
    /// that hold an infinite value or overflow.
    static void one(
            float[] values,
            int stride,
            int series,
            int fromStep,
            int toStep,
            WindowStats out,
            int index) {
        int steps = toStep - fromStep;
        int count = 0;
        long times = 0;
        long timesSquared = 0;
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        float last = Float.NaN;
        float lastAt = Float.NaN;
        float changeAt = Float.NaN;
        for (int step = 0; step < steps; step++) {
            float value = values[(fromStep + step) * stride + series];
            if (Float.isFinite(value)) {
                count++;
                times += step;
                timesSquared += (long) step * step;
                switch (step & 3) {
                    case 0 -> sum0 += value;
                    case 1 -> sum1 += value;
                    case 2 -> sum2 += value;
                    default -> sum3 += value;
                }
                min = Math.min(min, value);
                max = Math.max(max, value);
                if (value != last) { // also true for the first valid value, as last is NaN
                    changeAt = step;
                }
                last = value;
                lastAt = step;
            }
        }
        float valid = count;
        float mean = ((sum0 + sum1) + (sum2 + sum3)) / valid; // 0/0 is NaN: nothing valid
        float origin = origin(count, steps, times);

        float squares0 = 0;
        float squares1 = 0;
        float cross0 = 0;
        float cross1 = 0;
        float lagged0 = 0;
        float lagged1 = 0;
        float time = -origin; // grows by one a step, so that the vector twin needs no conversion
        float before = 0; // centred value of the step before, 0 where it is missing
        for (int step = 0; step < steps; step++) {
            float value = values[(fromStep + step) * stride + series];
            float centred = 0;
            if (Float.isFinite(value)) {
                centred = value - mean;
            }
            if ((step & 1) == 0) {
                squares0 = Math.fma(centred, centred, squares0);
                cross0 = Math.fma(time, centred, cross0);
                lagged0 = Math.fma(centred, before, lagged0);
            } else {
                squares1 = Math.fma(centred, centred, squares1);
                cross1 = Math.fma(time, centred, cross1);
                lagged1 = Math.fma(centred, before, lagged1);
            }
            before = centred;
            time += 1;
        }
        boolean varies = min < max; // else the mean's rounding would pass for variance
        float squares = varies ? squares0 + squares1 : 0;
        float cross = varies ? cross0 + cross1 : 0;
        float lagged = lagged0 + lagged1;
        float timeSquares = timeSquares(count, times, timesSquared);
        float end = steps - 1;
        out.count[index] = valid;
        out.mean[index] = mean;
        out.variance[index] = count > 1 ? squares / (valid - 1) : Float.NaN;
        out.min[index] = count > 0 ? min : Float.NaN;
        out.max[index] = count > 0 ? max : Float.NaN;
        out.slope[index] = timeSquares > 0 ? cross / timeSquares : Float.NaN;
        out.last[index] = last;
        out.lastAge[index] = end - lastAt;
        out.changeAge[index] = end - changeAt;
        out.missingShare[index] = 1 - valid / (end + 1); // an empty window gives NaN
        out.autocorrelation[index] = squares > 0 ? lagged / squares : Float.NaN;
    }

    /// The step that times are counted from. Any does, as centred values add up to zero, but for
    /// rounding; so it must be near the mean time. The middle of the window is, where at most a
    /// quarter is missing.
    private static float origin(int count, int steps, long times) {
        return 4L * count >= 3L * steps ? (steps - 1) * 0.5f : times / (float) count;
    }

    /// Sum of squares of the times of valid values around their mean.
    ///
    /// @param times sum of these times
    /// @param squares sum of their squares
    static float timeSquares(long count, long times, long squares) {
        double sum = (double) times;
        double centred =
                Math.fma((double) count, (double) squares, -(sum * sum)); // exact to 10,000 steps
        return (float) (centred / (double) count);
    }

    /// The same where nothing is missing.
    static float timeSquares(int steps) {
        long last = steps - 1L;
        return timeSquares(steps, steps * last / 2, steps * last * (2 * last + 1) / 6);
    }
}
