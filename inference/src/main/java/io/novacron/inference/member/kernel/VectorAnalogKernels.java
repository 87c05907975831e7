package io.novacron.inference.member.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Vector API twin of [ScalarAnalogKernels]: each lane is one lag, and every lane does the same
/// IEEE operations as the scalar loop, so the results are equal bit for bit.
///
/// The search first bounds the worst score that can be among the nearest by the least scores of
/// blocks, then looks at single lanes only where a vector has something within that bound.
final class VectorAnalogKernels implements AnalogKernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();
    private static final int BLOCK_VECTORS = 4;

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
        float limit = limit(distances, penalties, scale, from, to, nearest, scores);
        int count = 0;
        int i = from;
        int end = from + SPECIES.loopBound(to - from);
        for (; i < end; i += LANES) {
            VectorMask<Float> better =
                    score(distances, penalties, scale, i).compare(VectorOperators.LE, limit);
            for (long lanes = better.toLong(); lanes != 0; lanes &= lanes - 1) {
                int index = i + Long.numberOfTrailingZeros(lanes);
                float one = Math.fma(scale, distances[index], penalties[index]);
                count = AnalogKernels.insert(index, one, nearest, scores, count);
                if (count == nearest.length) {
                    limit = scores[count - 1];
                }
            }
        }
        for (; i < to; i++) {
            float score = Math.fma(scale, distances[i], penalties[i]);
            if (!Float.isNaN(score)) { // not NaN
                count = AnalogKernels.insert(i, score, nearest, scores, count);
            }
        }
        return count;
    }

    private static FloatVector score(float[] distances, float[] penalties, float scale, int i) {
        return FloatVector.broadcast(SPECIES, scale)
                .fma(
                        FloatVector.fromArray(SPECIES, distances, i),
                        FloatVector.fromArray(SPECIES, penalties, i));
    }

    /// An upper bound of the worst score that will be among the nearest: with as many blocks as
    /// wanted scores, each no worse than its own least, the wanted ones are no worse than the worst
    /// of the least leasts. Uses `nearest` and `scores` as scratch.
    private static float limit(
            float[] distances,
            float[] penalties,
            float scale,
            int from,
            int to,
            int[] nearest,
            float[] scores) {
        int count = 0;
        int block = BLOCK_VECTORS * LANES;
        for (int i = from; i <= to - block; i += block) {
            // as integers: cheaper than float minima, and any score of the block will do as a bound
            var least = score(distances, penalties, scale, i).reinterpretAsInts();
            for (int vector = 1; vector < BLOCK_VECTORS; vector++) {
                least =
                        least.min(
                                score(distances, penalties, scale, i + vector * LANES)
                                        .reinterpretAsInts());
            }
            float one = Float.intBitsToFloat(least.reduceLanes(VectorOperators.MIN));
            if (!Float.isNaN(one)) { // a block with a NaN bounds nothing
                count = AnalogKernels.insert(i, one, nearest, scores, count);
            }
        }
        return count == nearest.length ? scores[count - 1] : Float.POSITIVE_INFINITY;
    }
}
