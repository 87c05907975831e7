package io.novacron.wire.column.kernel;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// As many samples at a time as a vector has lanes.
///
/// The codes of one vector begin on a whole byte, as their number is a multiple of eight. Code i
/// lies in word `i × width / 32` of them and the word after. So one load of the words, and one of
/// the words after them, are permuted alike to bring each code's two words into its lane; two
/// shifts and an or join them. This needs word permutes only, which AVX2 has too.
///
/// A quotient is a multiplication by the reciprocal and one correction by its exact remainder
/// (Markstein), which rounds as a division does but takes a fifth of its time. The test compares
/// every quotient there can be.
final class VectorColumnKernel implements ColumnKernel {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final int LANES = INTS.length();
    private static final int MAX_WIDTH = Integer.SIZE;

    @SuppressWarnings({"unchecked", "rawtypes"}) // arrays have no generic element types
    private static final VectorShuffle<Integer>[] WORDS = new VectorShuffle[MAX_WIDTH + 1];

    private static final IntVector[] SHIFTS = new IntVector[MAX_WIDTH + 1];

    static {
        for (int width = 1; width <= MAX_WIDTH; width++) {
            int bits = width;
            WORDS[width] = VectorShuffle.fromOp(INTS, lane -> lane * bits / Integer.SIZE);
            var shifts = new int[LANES];
            for (int lane = 0; lane < LANES; lane++) {
                shifts[lane] = lane * bits % Integer.SIZE;
            }
            SHIFTS[width] = IntVector.fromArray(INTS, shifts, 0);
        }
    }

    /// Whether vectors have at least the eight lanes that keep them on whole bytes.
    static boolean isFast() {
        return LANES >= 8 && FLOATS.length() == LANES;
    }

    @Override
    public void floatBits(
            byte[] block,
            int offset,
            int width,
            int base,
            boolean missing,
            float[] out,
            int count) {
        var words = WORDS[width];
        var shifts = SHIFTS[width];
        int mask = -1 >>> Integer.SIZE - width;
        int step = LANES * width / Byte.SIZE;
        for (int i = 0, from = offset; i < count; i += LANES, from += step) {
            var codes = codes(block, from, words, shifts, mask);
            var samples = codes.add(base).reinterpretAsFloats();
            samples = samples.blend(Float.NaN, samples.test(VectorOperators.IS_NAN));
            store(missing ? withGaps(samples, codes, mask) : samples, out, i, count);
        }
    }

    @Override
    public void quotients(
            byte[] block,
            int offset,
            int width,
            int base,
            float divisor,
            boolean missing,
            float[] out,
            int count) {
        var words = WORDS[width];
        var shifts = SHIFTS[width];
        int mask = -1 >>> Integer.SIZE - width;
        int step = LANES * width / Byte.SIZE;
        var reciprocal = FloatVector.broadcast(FLOATS, 1 / divisor);
        var divisors = FloatVector.broadcast(FLOATS, -divisor);
        for (int i = 0, from = offset; i < count; i += LANES, from += step) {
            var codes = codes(block, from, words, shifts, mask);
            var numbers = (FloatVector) codes.add(base).convert(VectorOperators.I2F, 0);
            var quotients = numbers.mul(reciprocal);
            var remainders = quotients.fma(divisors, numbers);
            var samples = remainders.fma(reciprocal, quotients);
            store(missing ? withGaps(samples, codes, mask) : samples, out, i, count);
        }
    }

    @Override
    public void products(
            byte[] block,
            int offset,
            int width,
            int base,
            float scale,
            boolean missing,
            float[] out,
            int count) {
        var words = WORDS[width];
        var shifts = SHIFTS[width];
        int mask = -1 >>> Integer.SIZE - width;
        int step = LANES * width / Byte.SIZE;
        for (int i = 0, from = offset; i < count; i += LANES, from += step) {
            var codes = codes(block, from, words, shifts, mask);
            var numbers = (FloatVector) codes.add(base).convert(VectorOperators.I2F, 0);
            var samples = numbers.mul(scale);
            store(missing ? withGaps(samples, codes, mask) : samples, out, i, count);
        }
    }

    @Override
    public String name() {
        return "vector of " + LANES;
    }

    private static IntVector codes(
            byte[] block, int offset, VectorShuffle<Integer> words, IntVector shifts, int mask) {
        var low = ByteVector.fromArray(BYTES, block, offset).reinterpretAsInts().rearrange(words);
        var high =
                ByteVector.fromArray(BYTES, block, offset + Integer.BYTES)
                        .reinterpretAsInts()
                        .rearrange(words);
        // a shift by 32 - shift in two steps, for a shift by 32 would be one by 0
        var highBits =
                high.lanewise(VectorOperators.LSHL, 1).lanewise(VectorOperators.LSHL, shifts.not());
        return low.lanewise(VectorOperators.LSHR, shifts).or(highBits).and(mask);
    }

    private static FloatVector withGaps(FloatVector samples, IntVector codes, int mask) {
        return samples.blend(Float.NaN, codes.eq(mask).cast(FLOATS));
    }

    private static void store(FloatVector samples, float[] out, int index, int count) {
        if (index + LANES <= count) {
            samples.intoArray(out, index);
        } else {
            samples.intoArray(out, index, FLOATS.indexInRange(index, count));
        }
    }
}
