package io.novacron.inference.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Vector API twin of [ScalarKernels]: each lane is one series, so no step is horizontal.
///
/// Missing values are filtered by compare and blend; a masked add costs more on most machines. The
/// sums add a blended zero where the scalar twin adds nothing: `x + 0f == x` for every sum that
/// occurs here, since a sum never starts at `-0f`.
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

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
        int series = fromSeries;
        for (; series <= toSeries - LANES; series += LANES) {
            lanes(values, stride, series, fromStep, toStep, out, series - fromSeries);
        }
        for (; series < toSeries; series++) {
            ScalarKernels.one(values, stride, series, fromStep, toStep, out, series - fromSeries);
        }
    }

    private static void lanes(
            float[] values,
            int stride,
            int series,
            int fromStep,
            int toStep,
            WindowStats out,
            int index) {
        var zero = FloatVector.zero(SPECIES);
        var one = FloatVector.broadcast(SPECIES, 1);
        var nan = FloatVector.broadcast(SPECIES, Float.NaN);
        var count = zero;
        var sum = zero;
        var timeSum = zero;
        var min = FloatVector.broadcast(SPECIES, Float.POSITIVE_INFINITY);
        var max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        var last = nan;
        var lastAt = nan;
        var changeAt = nan;
        for (int step = fromStep; step < toStep; step++) {
            var value = FloatVector.fromArray(SPECIES, values, step * stride + series);
            VectorMask<Float> valid = value.test(VectorOperators.IS_FINITE);
            var time = FloatVector.broadcast(SPECIES, step - fromStep);
            count = count.add(zero.blend(one, valid));
            sum = sum.add(zero.blend(value, valid));
            timeSum = timeSum.add(zero.blend(time, valid));
            min = min.blend(min.min(value), valid);
            max = max.blend(max.max(value), valid);
            changeAt =
                    changeAt.blend(time, valid.and(value.compare(VectorOperators.EQ, last).not()));
            last = last.blend(value, valid);
            lastAt = lastAt.blend(time, valid);
        }
        var mean = sum.div(count);
        var timeMean = timeSum.div(count);

        var squares = zero;
        var timeSquares = zero;
        var cross = zero;
        var lagged = zero;
        var before = nan;
        for (int step = fromStep; step < toStep; step++) {
            var value = FloatVector.fromArray(SPECIES, values, step * stride + series);
            VectorMask<Float> valid = value.test(VectorOperators.IS_FINITE);
            var centred = value.sub(mean);
            var time = FloatVector.broadcast(SPECIES, step - fromStep).sub(timeMean);
            squares = squares.add(zero.blend(centred.mul(centred), valid));
            timeSquares = timeSquares.add(zero.blend(time.mul(time), valid));
            cross = cross.add(zero.blend(time.mul(centred), valid));
            var product = centred.mul(before);
            lagged =
                    lagged.add(
                            zero.blend(
                                    product,
                                    valid.and(product.compare(VectorOperators.EQ, product))));
            before = nan.blend(centred, valid);
        }
        float steps = toStep - fromStep;
        var end = FloatVector.broadcast(SPECIES, steps - 1);
        VectorMask<Float> some = count.compare(VectorOperators.GT, 0);
        count.intoArray(out.count, index);
        mean.intoArray(out.mean, index);
        nan.blend(squares.div(count.sub(1)), count.compare(VectorOperators.GT, 1))
                .intoArray(out.variance, index);
        nan.blend(min, some).intoArray(out.min, index);
        nan.blend(max, some).intoArray(out.max, index);
        nan.blend(cross.div(timeSquares), timeSquares.compare(VectorOperators.GT, 0))
                .intoArray(out.slope, index);
        last.intoArray(out.last, index);
        end.sub(lastAt).intoArray(out.lastAge, index);
        end.sub(changeAt).intoArray(out.changeAge, index);
        one.sub(count.div(steps)).intoArray(out.missingShare, index);
        nan.blend(lagged.div(squares), squares.compare(VectorOperators.GT, 0))
                .intoArray(out.autocorrelation, index);
    }
}
