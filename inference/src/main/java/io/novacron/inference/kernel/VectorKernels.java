package io.novacron.inference.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Vector API twin of [ScalarKernels]: each lane is one series, so no step is horizontal.
///
/// What makes it fast:
/// - A block without missing values needs no masks. A block tries the way of the block before it;
///   the sum of an unmasked block says afterwards, by not being finite, that masks are needed.
/// - Non-negative floats are ordered as their bits are, so minimum and maximum are one integer
///   instruction each; Java's float minimum takes six. A block with a negative value takes a pass
///   more.
/// - Rows are 64 series wide, as the fleet store's tiles are: with a constant distance between rows
///   the compiler checks bounds once a loop. Other shapes are copied into such a tile first.
/// - [HoledBlocks] has the other blocks.
///
/// Infinite values, overflow and rests of fewer series than lanes go to the scalar twin; a rest
/// beside a full block is covered by a block that overlaps it. Masked sums leave a lane as it is
/// where the scalar twin adds nothing, or add a product with zero, which changes no sum here, since
/// none starts at `-0f`.
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();
    static final int TILE = 64;

    @Override
    public String name() {
        return "vector-" + SPECIES.vectorBitSize();
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
        int steps = toStep - fromStep;
        if (toSeries - fromSeries < LANES || steps == 0) {
            ScalarKernels.INSTANCE.windowStats(
                    values, stride, fromSeries, toSeries, fromStep, toStep, out);
        } else if (stride == TILE) {
            tile(values, fromStep * TILE + fromSeries, toSeries - fromSeries, steps, out, 0);
        } else {
            copied(values, stride, fromSeries, toSeries, fromStep, steps, out);
        }
    }

    /// Copies the series tile by tile, as rows that are far apart cost more to read twice.
    private static void copied(
            float[] values,
            int stride,
            int fromSeries,
            int toSeries,
            int fromStep,
            int steps,
            WindowStats out) {
        float[] tile = out.tile(steps * TILE);
        for (int series = fromSeries; series < toSeries; series += TILE) {
            // the last tile reaches back, so that it has at least one full block
            int first = Math.max(fromSeries, Math.min(series, toSeries - LANES));
            int columns = Math.min(TILE, toSeries - first);
            for (int step = 0; step < steps; step++) {
                System.arraycopy(
                        values, (fromStep + step) * stride + first, tile, step * TILE, columns);
            }
            tile(tile, 0, columns, steps, out, first - fromSeries);
        }
    }

    /// `columns` series side by side in rows of a tile, the first value at `origin`.
    private static void tile(
            float[] values, int origin, int columns, int steps, WindowStats out, int outFrom) {
        float[] times = out.times(steps);
        float timeSquares = out.timeSquares();
        float meanTime = (steps - 1) * 0.5f;
        boolean holed = false;
        for (int column = 0; column < columns; column += LANES) {
            int first = Math.min(column, columns - LANES); // the last block may overlap
            int start = origin + first;
            int index = outFrom + first;
            if (!holed && whole(values, start, steps, timeSquares, meanTime, out, index)) {
                continue;
            }
            int kind = HoledBlocks.sums(values, start, steps, out, index);
            if (kind == HoledBlocks.NOT_FINITE) {
                for (int lane = 0; lane < LANES; lane++) {
                    ScalarKernels.one(values, TILE, start + lane, 0, steps, out, index + lane);
                }
            } else {
                HoledBlocks.moments(values, start, steps, times, out, index);
                if ((kind & HoledBlocks.LATE) != 0) {
                    HoledBlocks.lateSlopes(values, start, steps, out, index);
                }
                HoledBlocks.newest(values, start, steps, out, index);
            }
            holed = kind != 0;
        }
    }

    /// A block in which every value is finite; false when it is not one.
    private static boolean whole(
            float[] values,
            int start,
            int steps,
            float timeSquares,
            float meanTime,
            WindowStats out,
            int index) {
        var sum0 = FloatVector.zero(SPECIES);
        var sum1 = FloatVector.zero(SPECIES);
        var sum2 = FloatVector.zero(SPECIES);
        var sum3 = FloatVector.zero(SPECIES);
        var minBits = IntVector.broadcast(BITS, Integer.MAX_VALUE);
        var maxBits = IntVector.broadcast(BITS, Integer.MIN_VALUE);
        int step = 0;
        for (; step < steps - 3; step += 4) {
            int at = start + step * TILE;
            var value0 = FloatVector.fromArray(SPECIES, values, at);
            var value1 = FloatVector.fromArray(SPECIES, values, at + TILE);
            var value2 = FloatVector.fromArray(SPECIES, values, at + 2 * TILE);
            var value3 = FloatVector.fromArray(SPECIES, values, at + 3 * TILE);
            sum0 = sum0.add(value0);
            sum1 = sum1.add(value1);
            sum2 = sum2.add(value2);
            sum3 = sum3.add(value3);
            var bits0 = value0.reinterpretAsInts();
            var bits1 = value1.reinterpretAsInts();
            var bits2 = value2.reinterpretAsInts();
            var bits3 = value3.reinterpretAsInts();
            minBits = minBits.min(bits0).min(bits1).min(bits2).min(bits3);
            maxBits = maxBits.max(bits0).max(bits1).max(bits2).max(bits3);
        }
        int at = start + step * TILE;
        if (step < steps) {
            var value = FloatVector.fromArray(SPECIES, values, at);
            sum0 = sum0.add(value);
            minBits = minBits.min(value.reinterpretAsInts());
            maxBits = maxBits.max(value.reinterpretAsInts());
        }
        if (step + 1 < steps) {
            var value = FloatVector.fromArray(SPECIES, values, at + TILE);
            sum1 = sum1.add(value);
            minBits = minBits.min(value.reinterpretAsInts());
            maxBits = maxBits.max(value.reinterpretAsInts());
        }
        if (step + 2 < steps) {
            var value = FloatVector.fromArray(SPECIES, values, at + 2 * TILE);
            sum2 = sum2.add(value);
            minBits = minBits.min(value.reinterpretAsInts());
            maxBits = maxBits.max(value.reinterpretAsInts());
        }
        var sum = sum0.add(sum1).add(sum2.add(sum3));
        var centre = FloatVector.broadcast(SPECIES, steps);
        if (!sum.abs().compare(VectorOperators.LT, Float.POSITIVE_INFINITY).allTrue()) {
            return false;
        }
        var mean = sum.div(centre);
        mean.intoArray(out.mean, index);
        if (minBits.compare(VectorOperators.LT, 0).anyTrue()) {
            signedExtremes(values, start, steps, out, index);
        } else {
            minBits.reinterpretAsFloats().intoArray(out.min, index);
            maxBits.reinterpretAsFloats().intoArray(out.max, index);
        }
        wholeMoments(values, start, steps, timeSquares, meanTime, out, index);
        FloatVector.zero(SPECIES).intoArray(out.lastAge, index);
        FloatVector.zero(SPECIES).intoArray(out.missingShare, index);
        centre.intoArray(out.count, index);
        return true;
    }

    private static void wholeMoments(
            float[] values,
            int start,
            int steps,
            float timeSquares,
            float meanTime,
            WindowStats out,
            int index) {
        var mean = FloatVector.fromArray(SPECIES, out.mean, index);
        var squares0 = FloatVector.zero(SPECIES);
        var squares1 = FloatVector.zero(SPECIES);
        var cross0 = FloatVector.zero(SPECIES);
        var cross1 = FloatVector.zero(SPECIES);
        var lagged0 = FloatVector.zero(SPECIES);
        var lagged1 = FloatVector.zero(SPECIES);
        var before = FloatVector.zero(SPECIES);
        var last = FloatVector.broadcast(SPECIES, Float.NaN);
        var one = FloatVector.broadcast(SPECIES, 1);
        var time = FloatVector.broadcast(SPECIES, -meanTime);
        var changeAt = time;
        int step = 0;
        for (; step < steps - 1; step += 2) {
            int at = start + step * TILE;
            var value0 = FloatVector.fromArray(SPECIES, values, at);
            var value1 = FloatVector.fromArray(SPECIES, values, at + TILE);
            var centred0 = value0.sub(mean);
            var centred1 = value1.sub(mean);
            changeAt = changeAt.blend(time, value0.compare(VectorOperators.NE, last));
            squares0 = centred0.fma(centred0, squares0);
            cross0 = time.fma(centred0, cross0);
            lagged0 = centred0.fma(before, lagged0);
            time = time.add(one);
            changeAt = changeAt.blend(time, value1.compare(VectorOperators.NE, value0));
            squares1 = centred1.fma(centred1, squares1);
            cross1 = time.fma(centred1, cross1);
            lagged1 = centred1.fma(centred0, lagged1);
            time = time.add(one);
            before = centred1;
            last = value1;
        }
        if (step < steps) {
            var value = FloatVector.fromArray(SPECIES, values, start + step * TILE);
            var centred = value.sub(mean);
            changeAt = changeAt.blend(time, value.compare(VectorOperators.NE, last));
            last = value;
            squares0 = centred.fma(centred, squares0);
            cross0 = time.fma(centred, cross0);
            lagged0 = centred.fma(before, lagged0);
        }
        last.intoArray(out.last, index);
        changeAt.neg().sub(meanTime - (steps - 1)).intoArray(out.changeAge, index); // exact: halves
        squares0.add(squares1).intoArray(out.variance, index);
        cross0.add(cross1).intoArray(out.slope, index);
        lagged0.add(lagged1).intoArray(out.autocorrelation, index);
        moments(steps, timeSquares, out, index);
    }

    /// Divides the sums that lie in the columns.
    private static void moments(int count, float timeSquares, WindowStats out, int index) {
        var nan = FloatVector.broadcast(SPECIES, Float.NaN);
        var zero = FloatVector.zero(SPECIES);
        VectorMask<Float> varies =
                FloatVector.fromArray(SPECIES, out.min, index)
                        .compare(
                                VectorOperators.LT, FloatVector.fromArray(SPECIES, out.max, index));
        var squares = zero.blend(FloatVector.fromArray(SPECIES, out.variance, index), varies);
        var cross = zero.blend(FloatVector.fromArray(SPECIES, out.slope, index), varies);
        var lagged = FloatVector.fromArray(SPECIES, out.autocorrelation, index);
        squares.div(count > 1 ? count - 1 : Float.NaN).intoArray(out.variance, index);
        cross.div(timeSquares > 0 ? timeSquares : Float.NaN).intoArray(out.slope, index);
        nan.blend(lagged.div(squares), squares.compare(VectorOperators.GT, 0))
                .intoArray(out.autocorrelation, index);
    }

    /// Minimum and maximum where the order of bits does not do; NaN is skipped.
    static void signedExtremes(float[] values, int start, int steps, WindowStats out, int index) {
        var nan = FloatVector.broadcast(SPECIES, Float.NaN);
        var min = FloatVector.broadcast(SPECIES, Float.POSITIVE_INFINITY);
        var max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int step = 0, at = start; step < steps; step++, at += TILE) {
            var value = FloatVector.fromArray(SPECIES, values, at);
            VectorMask<Float> valid = value.compare(VectorOperators.EQ, value);
            min = min.blend(min.min(value), valid);
            max = max.blend(max.max(value), valid);
        }
        VectorMask<Float> some = min.compare(VectorOperators.LT, Float.POSITIVE_INFINITY);
        nan.blend(min, some).intoArray(out.min, index);
        nan.blend(max, some).intoArray(out.max, index);
    }
}
