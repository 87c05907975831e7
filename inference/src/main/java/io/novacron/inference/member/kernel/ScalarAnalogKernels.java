package io.novacron.inference.member.kernel;

/// The specification of [AnalogKernels], one lag at a time.
final class ScalarAnalogKernels implements AnalogKernels {
    static final ScalarAnalogKernels INSTANCE = new ScalarAnalogKernels();

    private ScalarAnalogKernels() {}

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public void advance(
            float[] distances, float[] past, int from, int count, float newest, float decay) {
        AnalogKernels.checkAdvance(distances, past, from, count);
        advanceTail(distances, past, from, 0, count, newest, decay);
    }

    static void advanceTail(
            float[] distances,
            float[] past,
            int from,
            int start,
            int count,
            float newest,
            float decay) {
        for (int i = start; i < count; i++) {
            float difference = newest - past[from + i];
            distances[i] = Math.fma(difference, difference, decay * distances[i]);
        }
    }

    @Override
    public int nearest(
            float[] distances,
            float[] penalties,
            float scale,
            int from,
            int to,
            int[] nearest,
            float[] scores) {
        AnalogKernels.checkNearest(distances, penalties, from, to, nearest, scores);
        int count = 0;
        for (int i = from; i < to; i++) {
            float score = Math.fma(scale, distances[i], penalties[i]);
            if (!Float.isNaN(score)) { // not NaN
                count = AnalogKernels.insert(i, score, nearest, scores, count);
            }
        }
        return count;
    }
}
