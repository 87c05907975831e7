package io.novacron.inference.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Blocks of [VectorKernels] in which values may be missing: 14 vector instructions a step.
///
/// - Number of values, sum and sum of squares of their times are one packed sum, by one masked
///   addition a step; [ChunkCounts] says how.
/// - Missing values are NaN, whose bits are above all others, so the minimum needs no mask.
/// - The newest value is carried over gaps. So a value equals the one before it in a gap, and only
///   real changes are seen.
/// - Times are the same in all lanes, as [ScalarKernels] wants it; lanes with too many gaps get
///   another pass.
/// - The age of the newest value is looked for at the end of the window.
///
/// Between the methods, what is not finished waits in columns that are written later.
final class HoledBlocks {
    /// The block holds infinite values, or its sums overflow: nothing was done.
    static final int NOT_FINITE = -1;

    /// Bits of other blocks: one lane has a missing value; one has more than a quarter missing.
    static final int HOLED = 1;

    static final int LATE = 2;

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = VectorKernels.LANES;
    private static final int TILE = VectorKernels.TILE;
    private static final int CHUNK = ChunkCounts.CHUNK;
    private static final int[] UNITS = units();
    private static final int TIME_BIAS = 1 << 9;
    private static final float TWO_TO_23 = 1 << 23;
    private static final int TWO_TO_23_BITS = Float.floatToRawIntBits(TWO_TO_23);

    private HoledBlocks() {}

    private static int[] units() {
        int[] units = new int[CHUNK * LANES];
        for (int k = 0; k < CHUNK; k++) {
            Arrays.fill(units, k * LANES, (k + 1) * LANES, ChunkCounts.unit(k));
        }
        return units;
    }

    /// Number, mean, least and most of the values, and what [#moments] needs of their times.
    /// Returns the kind of block.
    static int sums(float[] values, int start, int steps, WindowStats out, int index) {
        if (steps <= CHUNK) {
            shortSums(values, start, steps, out, index);
            unpack(out, index);
        } else {
            longSums(values, start, steps, out, index);
        }
        return finish(values, start, steps, out, index);
    }

    private static void shortSums(
            float[] values, int start, int steps, WindowStats out, int index) {
        var sum0 = FloatVector.zero(SPECIES);
        var sum1 = FloatVector.zero(SPECIES);
        var sum2 = FloatVector.zero(SPECIES);
        var sum3 = FloatVector.zero(SPECIES);
        var minBits = IntVector.broadcast(BITS, Integer.MAX_VALUE);
        var maxBits = IntVector.broadcast(BITS, Integer.MIN_VALUE);
        var packed0 = IntVector.zero(BITS);
        var packed1 = IntVector.zero(BITS);
        int step = 0;
        for (; step < steps - 3; step += 4) {
            int at = start + step * TILE;
            var value0 = FloatVector.fromArray(SPECIES, values, at);
            var value1 = FloatVector.fromArray(SPECIES, values, at + TILE);
            var value2 = FloatVector.fromArray(SPECIES, values, at + 2 * TILE);
            var value3 = FloatVector.fromArray(SPECIES, values, at + 3 * TILE);
            VectorMask<Float> valid0 = value0.compare(VectorOperators.EQ, value0);
            VectorMask<Float> valid1 = value1.compare(VectorOperators.EQ, value1);
            VectorMask<Float> valid2 = value2.compare(VectorOperators.EQ, value2);
            VectorMask<Float> valid3 = value3.compare(VectorOperators.EQ, value3);
            sum0 = sum0.add(value0, valid0);
            sum1 = sum1.add(value1, valid1);
            sum2 = sum2.add(value2, valid2);
            sum3 = sum3.add(value3, valid3);
            packed0 = counted(packed0, step, valid0);
            packed1 = counted(packed1, step + 1, valid1);
            packed0 = counted(packed0, step + 2, valid2);
            packed1 = counted(packed1, step + 3, valid3);
            minBits = minBits.min(value0.reinterpretAsInts()).min(value1.reinterpretAsInts());
            maxBits = max(max(maxBits, value0, valid0), value1, valid1);
            minBits = minBits.min(value2.reinterpretAsInts()).min(value3.reinterpretAsInts());
            maxBits = max(max(maxBits, value2, valid2), value3, valid3);
        }
        for (; step < steps; step++) {
            var value = FloatVector.fromArray(SPECIES, values, start + step * TILE);
            VectorMask<Float> valid = value.compare(VectorOperators.EQ, value);
            switch (step & 3) {
                case 0 -> sum0 = sum0.add(value, valid);
                case 1 -> sum1 = sum1.add(value, valid);
                default -> sum2 = sum2.add(value, valid);
            }
            packed0 = counted(packed0, step, valid);
            minBits = minBits.min(value.reinterpretAsInts());
            maxBits = max(maxBits, value, valid);
        }
        packed0.add(packed1).reinterpretAsFloats().intoArray(out.count, index);
        var sum = sum0.add(sum1).add(sum2.add(sum3));
        sum.intoArray(out.mean, index);
        minBits.reinterpretAsFloats().intoArray(out.min, index);
        maxBits.reinterpretAsFloats().intoArray(out.max, index);
    }

    /// The same of windows longer than a chunk.
    private static void longSums(float[] values, int start, int steps, WindowStats out, int index) {
        var sum0 = FloatVector.zero(SPECIES);
        var sum1 = FloatVector.zero(SPECIES);
        var sum2 = FloatVector.zero(SPECIES);
        var sum3 = FloatVector.zero(SPECIES);
        var minBits = IntVector.broadcast(BITS, Integer.MAX_VALUE);
        var maxBits = IntVector.broadcast(BITS, Integer.MIN_VALUE);
        for (int from = 0; from < steps; from += CHUNK) {
            int chunkSteps = Math.min(CHUNK, steps - from);
            int origin = start + from * TILE;
            var packed = IntVector.zero(BITS);
            for (int k = 0; k < chunkSteps; k++) {
                var value = FloatVector.fromArray(SPECIES, values, origin + k * TILE);
                VectorMask<Float> valid = value.compare(VectorOperators.EQ, value);
                var sum = sum0.add(value, valid); // of the step's turn: the four go round
                sum0 = sum1;
                sum1 = sum2;
                sum2 = sum3;
                sum3 = sum;
                packed = counted(packed, k, valid);
                minBits = minBits.min(value.reinterpretAsInts());
                maxBits = max(maxBits, value, valid);
            }
            packed.intoArray(out.chunks.packed, 0);
            out.chunks.add(from, LANES);
        }
        out.chunks.finish(LANES, out.count, out.lastAge, out.missingShare, index);
        var sum =
                (steps & 1) == 0
                        ? sum0.add(sum1).add(sum2.add(sum3))
                        : sum1.add(sum2).add(sum3.add(sum0));
        sum.intoArray(out.mean, index);
        minBits.reinterpretAsFloats().intoArray(out.min, index);
        maxBits.reinterpretAsFloats().intoArray(out.max, index);
    }

    /// Makes of sums in the columns what goes there.
    private static int finish(float[] values, int start, int steps, WindowStats out, int index) {
        var sum = FloatVector.fromArray(SPECIES, out.mean, index);
        var min = FloatVector.fromArray(SPECIES, out.min, index);
        var max = FloatVector.fromArray(SPECIES, out.max, index);
        if (!sum.abs().compare(VectorOperators.LT, Float.POSITIVE_INFINITY).allTrue()) {
            return NOT_FINITE;
        }
        var count = FloatVector.fromArray(SPECIES, out.count, index);
        sum.div(count).intoArray(out.mean, index);
        VectorMask<Float> some = count.compare(VectorOperators.GT, 0);
        if (min.reinterpretAsInts().compare(VectorOperators.LT, 0).anyTrue()) {
            VectorKernels.signedExtremes(values, start, steps, out, index);
        } else {
            var nan = FloatVector.broadcast(SPECIES, Float.NaN);
            nan.blend(min, some).intoArray(out.min, index);
            nan.blend(max, some).intoArray(out.max, index);
        }
        if (!count.compare(VectorOperators.LT, steps).anyTrue()) {
            return 0;
        }
        return count.compare(VectorOperators.LT, 0.75f * steps).and(some).anyTrue()
                ? HOLED | LATE
                : HOLED;
    }

    /// Takes the packed sums apart that lie in the column of counts.
    private static void unpack(WindowStats out, int index) {
        var packed = FloatVector.fromArray(SPECIES, out.count, index).reinterpretAsInts();
        var times =
                packed.lanewise(VectorOperators.LSHL, ChunkCounts.SQUARE_SHIFT)
                        .lanewise(
                                VectorOperators.ASHR,
                                ChunkCounts.SQUARE_SHIFT + ChunkCounts.TIME_SHIFT);
        var squares =
                packed.sub(times.lanewise(VectorOperators.LSHL, ChunkCounts.TIME_SHIFT))
                        .lanewise(VectorOperators.LSHR, ChunkCounts.SQUARE_SHIFT);
        var count = floats(packed.and(ChunkCounts.COUNT_BITS), 0);
        var time = floats(times, TIME_BIAS);
        count.intoArray(out.count, index);
        count.fma(FloatVector.broadcast(SPECIES, ChunkCounts.MIDDLE), time)
                .intoArray(out.lastAge, index);
        // integers below 2^24: exact, but for the division
        count.fma(floats(squares, 0), time.mul(time).neg())
                .div(count)
                .intoArray(out.missingShare, index);
    }

    /// Integers from `-bias` on, small ones, by way of the bits of `2^23 + integer`: a conversion
    /// of shapes is more than the compiler inlines here.
    private static FloatVector floats(IntVector integers, int bias) {
        return integers.add(bias + TWO_TO_23_BITS).reinterpretAsFloats().sub(TWO_TO_23 + bias);
    }

    private static IntVector counted(IntVector packed, int k, VectorMask<Float> valid) {
        return packed.lanewise(
                VectorOperators.ADD, IntVector.fromArray(BITS, UNITS, k * LANES), valid.cast(BITS));
    }

    private static IntVector max(IntVector most, FloatVector value, VectorMask<Float> valid) {
        return most.lanewise(VectorOperators.MAX, value.reinterpretAsInts(), valid.cast(BITS));
    }

    static void moments(
            float[] values, int start, int steps, float[] times, WindowStats out, int index) {
        var mean = FloatVector.fromArray(SPECIES, out.mean, index);
        var zero = FloatVector.zero(SPECIES);
        var squares0 = zero;
        var squares1 = zero;
        var cross0 = zero;
        var cross1 = zero;
        var lagged0 = zero;
        var lagged1 = zero;
        var before = zero;
        var last = FloatVector.broadcast(SPECIES, Float.NaN);
        var changeAt = last;
        int step = 0;
        for (; step < steps - 1; step += 2) {
            int at = start + step * TILE;
            var value0 = FloatVector.fromArray(SPECIES, values, at);
            var value1 = FloatVector.fromArray(SPECIES, values, at + TILE);
            var time0 = FloatVector.broadcast(SPECIES, times[step]);
            var time1 = FloatVector.broadcast(SPECIES, times[step + 1]);
            VectorMask<Float> valid0 = value0.compare(VectorOperators.EQ, value0);
            VectorMask<Float> valid1 = value1.compare(VectorOperators.EQ, value1);
            var centred0 = zero.blend(value0.sub(mean), valid0);
            var centred1 = zero.blend(value1.sub(mean), valid1);
            var last0 = last.blend(value0, valid0);
            var last1 = last0.blend(value1, valid1);
            changeAt = changeAt.blend(time0, last0.compare(VectorOperators.NE, last));
            changeAt = changeAt.blend(time1, last1.compare(VectorOperators.NE, last0));
            squares0 = centred0.fma(centred0, squares0);
            cross0 = time0.fma(centred0, cross0);
            lagged0 = centred0.fma(before, lagged0);
            squares1 = centred1.fma(centred1, squares1);
            cross1 = time1.fma(centred1, cross1);
            lagged1 = centred1.fma(centred0, lagged1);
            before = centred1;
            last = last1;
        }
        if (step < steps) {
            var value = FloatVector.fromArray(SPECIES, values, start + step * TILE);
            var time = FloatVector.broadcast(SPECIES, times[step]);
            VectorMask<Float> valid = value.compare(VectorOperators.EQ, value);
            var centred = zero.blend(value.sub(mean), valid);
            var last0 = last.blend(value, valid);
            changeAt = changeAt.blend(time, last0.compare(VectorOperators.NE, last));
            last = last0;
            squares0 = centred.fma(centred, squares0);
            cross0 = time.fma(centred, cross0);
            lagged0 = centred.fma(before, lagged0);
        }
        last.intoArray(out.last, index);
        var count = FloatVector.fromArray(SPECIES, out.count, index);
        var timeSquares = FloatVector.fromArray(SPECIES, out.missingShare, index);
        var nan = FloatVector.broadcast(SPECIES, Float.NaN);
        var changeAge = FloatVector.broadcast(SPECIES, times[steps - 1]).sub(changeAt);
        nan.blend(changeAge, count.compare(VectorOperators.GT, 0)).intoArray(out.changeAge, index);
        VectorMask<Float> varies =
                FloatVector.fromArray(SPECIES, out.min, index)
                        .compare(
                                VectorOperators.LT, FloatVector.fromArray(SPECIES, out.max, index));
        var squares = zero.blend(squares0.add(squares1), varies);
        var cross = zero.blend(cross0.add(cross1), varies);
        var lagged = lagged0.add(lagged1);
        nan.blend(squares.div(count.sub(1)), count.compare(VectorOperators.GT, 1))
                .intoArray(out.variance, index);
        nan.blend(cross.div(timeSquares), timeSquares.compare(VectorOperators.GT, 0))
                .intoArray(out.slope, index);
        nan.blend(lagged.div(squares), squares.compare(VectorOperators.GT, 0))
                .intoArray(out.autocorrelation, index);
    }

    /// Slopes again where a lane has more than a quarter missing: times around each lane's own
    /// origin.
    static void lateSlopes(float[] values, int start, int steps, WindowStats out, int index) {
        var zero = FloatVector.zero(SPECIES);
        var one = FloatVector.broadcast(SPECIES, 1);
        var mean = FloatVector.fromArray(SPECIES, out.mean, index);
        var count = FloatVector.fromArray(SPECIES, out.count, index);
        var meanTime = FloatVector.fromArray(SPECIES, out.lastAge, index).div(count);
        var time =
                FloatVector.broadcast(SPECIES, (steps - 1) * 0.5f)
                        .blend(meanTime, count.compare(VectorOperators.LT, 0.75f * steps))
                        .neg();
        var cross0 = zero;
        var cross1 = zero;
        int step = 0;
        for (; step < steps - 1; step += 2) {
            int at = start + step * TILE;
            var value0 = FloatVector.fromArray(SPECIES, values, at);
            var value1 = FloatVector.fromArray(SPECIES, values, at + TILE);
            var valid0 = value0.compare(VectorOperators.EQ, value0);
            var valid1 = value1.compare(VectorOperators.EQ, value1);
            cross0 = time.fma(zero.blend(value0.sub(mean), valid0), cross0);
            time = time.add(one);
            cross1 = time.fma(zero.blend(value1.sub(mean), valid1), cross1);
            time = time.add(one);
        }
        if (step < steps) {
            var value = FloatVector.fromArray(SPECIES, values, start + step * TILE);
            var valid = value.compare(VectorOperators.EQ, value);
            cross0 = time.fma(zero.blend(value.sub(mean), valid), cross0);
        }
        var min = FloatVector.fromArray(SPECIES, out.min, index);
        var max = FloatVector.fromArray(SPECIES, out.max, index);
        var cross = zero.blend(cross0.add(cross1), min.compare(VectorOperators.LT, max));
        var timeSquares = FloatVector.fromArray(SPECIES, out.missingShare, index);
        FloatVector.broadcast(SPECIES, Float.NaN)
                .blend(cross.div(timeSquares), timeSquares.compare(VectorOperators.GT, 0))
                .intoArray(out.slope, index);
    }

    /// Age of the newest value, and the share missing. Two steps are looked at in vectors: more are
    /// seldom missing at the end.
    static void newest(float[] values, int start, int steps, WindowStats out, int index) {
        var nan = FloatVector.broadcast(SPECIES, Float.NaN);
        var count = FloatVector.fromArray(SPECIES, out.count, index);
        int end = start + (steps - 1) * TILE;
        var newest = FloatVector.fromArray(SPECIES, values, end);
        var second = FloatVector.fromArray(SPECIES, values, Math.max(start, end - TILE));
        var age =
                nan.blend(-1, count.compare(VectorOperators.GT, 0))
                        .blend(1, second.compare(VectorOperators.EQ, second))
                        .blend(0, newest.compare(VectorOperators.EQ, newest));
        age.intoArray(out.lastAge, index);
        FloatVector.broadcast(SPECIES, 1).sub(count.div(steps)).intoArray(out.missingShare, index);
        if (age.compare(VectorOperators.LT, 0).anyTrue()) {
            for (int lane = 0; lane < LANES; lane++) {
                if (out.lastAge[index + lane] < 0) {
                    out.lastAge[index + lane] = age(values, end + lane);
                }
            }
        }
    }

    private static int age(float[] values, int newest) {
        int age = 0;
        while (Float.isNaN(values[newest - age * TILE])) {
            age++;
        }
        return age;
    }
}
