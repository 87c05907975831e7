package io.novacron.inference.kernel;

/// The specification of the window statistics: plain loops, one series at a time.
///
/// Two passes (mean first, then centred sums) keep float32 honest for large levels with small
/// spread. Every operation is a single IEEE float operation in step order, without fused
/// multiply-add, so that the vector twin gives the same bits on every machine.
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

    /// Statistics of one series; the vector twin uses it for the tail.
    static void one(
            float[] values,
            int stride,
            int series,
            int fromStep,
            int toStep,
            WindowStats out,
            int index) {
        float count = 0;
        float sum = 0;
        float timeSum = 0;
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        float last = Float.NaN;
        float lastAt = Float.NaN;
        float changeAt = Float.NaN;
        for (int step = fromStep; step < toStep; step++) {
            float value = values[step * stride + series];
            if (Float.isFinite(value)) {
                float time = step - fromStep;
                count += 1;
                sum += value;
                timeSum += time;
                min = Math.min(min, value);
                max = Math.max(max, value);
                if (value != last) { // also true for the first valid value, as last is NaN
                    changeAt = time;
                }
                last = value;
                lastAt = time;
            }
        }
        float mean = sum / count; // 0/0 is NaN: nothing valid
        float timeMean = timeSum / count;

        float squares = 0;
        float timeSquares = 0;
        float cross = 0;
        float lagged = 0;
        float before = Float.NaN; // centred value of the step before, NaN where it is missing
        for (int step = fromStep; step < toStep; step++) {
            float value = values[step * stride + series];
            float centred = value - mean;
            if (Float.isFinite(value)) {
                float time = step - fromStep - timeMean;
                squares += centred * centred;
                timeSquares += time * time;
                cross += time * centred;
                float product = centred * before;
                if (!Float.isNaN(product)) {
                    lagged += product;
                }
                before = centred;
            } else {
                before = Float.NaN;
            }
        }
        float end = toStep - fromStep - 1;
        out.count[index] = count;
        out.mean[index] = mean;
        out.variance[index] = count > 1 ? squares / (count - 1) : Float.NaN;
        out.min[index] = count > 0 ? min : Float.NaN;
        out.max[index] = count > 0 ? max : Float.NaN;
        out.slope[index] = timeSquares > 0 ? cross / timeSquares : Float.NaN;
        out.last[index] = last;
        out.lastAge[index] = end - lastAt;
        out.changeAge[index] = end - changeAt;
        out.missingShare[index] = 1 - count / (end + 1); // an empty window gives NaN
        out.autocorrelation[index] = squares > 0 ? lagged / squares : Float.NaN;
    }
}
