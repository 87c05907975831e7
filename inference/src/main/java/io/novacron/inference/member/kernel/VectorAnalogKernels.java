package io.novacron.inference.member.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Vector API twin of [ScalarAnalogKernels]: each lane is one lag, and every lane does the same
/// IEEE operations as the scalar loop, so the results are equal bit for bit.
///
/// The search compares whole vectors with the worst of the nearest so far and looks at lanes only
/// when one is better, which happens some k·ln(n/k) times.
final class VectorAnalogKernels implements AnalogKernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    @Override
    public String name() {
        return "vector-" + SPECIES.vectorBitSize();
    }

    @Override
    public void advance(
            float[] distances, float[] past, int from, int count, float newest, float decay) {
        AnalogKernels.checkAdvance(distances, past, from, count);
        int end = SPECIES.loopBound(count);
        for (int i = 0; i < end; i += LANES) {
            var difference =
                    FloatVector.broadcast(SPECIES, newest)
                            .sub(FloatVector.fromArray(SPECIES, past, from + i));
            var faded = FloatVector.fromArray(SPECIES, distances, i).mul(decay);
            difference.fma(difference, faded).intoArray(distances, i);
        }
        ScalarAnalogKernels.advanceTail(distances, past, from, end, count, newest, decay);
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
        int i = from;
        int end = from + SPECIES.loopBound(to - from);
        float worst = Float.POSITIVE_INFINITY;
        for (; i < end; i += LANES) {
            var score =
                    FloatVector.broadcast(SPECIES, scale)
                            .fma(
                                    FloatVector.fromArray(SPECIES, distances, i),
                                    FloatVector.fromArray(SPECIES, penalties, i));
            VectorMask<Float> better =
                    count < nearest.length
                            ? score.compare(VectorOperators.EQ, score)
                            : score.compare(VectorOperators.LT, worst);
            for (long lanes = better.toLong(); lanes != 0; lanes &= lanes - 1) {
                int index = i + Long.numberOfTrailingZeros(lanes);
                float one = Math.fma(scale, distances[index], penalties[index]);
                count = AnalogKernels.insert(index, one, nearest, scores, count);
            }
            worst = count < nearest.length ? worst : scores[Math.max(0, count - 1)];
        }
        for (; i < to; i++) {
            float score = Math.fma(scale, distances[i], penalties[i]);
            if (score == score) { // not NaN
                count = AnalogKernels.insert(i, score, nearest, scores, count);
            }
        }
        return count;
    }
}
