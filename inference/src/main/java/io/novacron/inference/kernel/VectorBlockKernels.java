package io.novacron.inference.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Vector API twin of [ScalarBlockKernels]: each lane is one series; narrow machines take a block
/// in two or four goes.
final class VectorBlockKernels implements BlockKernels {
    static final VectorBlockKernels INSTANCE = new VectorBlockKernels();
    private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    static final boolean FITS = LANES <= WIDTH && WIDTH % LANES == 0;

    private static final long HALF_EXPONENT = 0x3FE0_0000_0000_0000L;
    private static final long MANTISSA = 0x000F_FFFF_FFFF_FFFFL;
    private static final int EXPONENT_BIAS = 1022;
    private static final double[] ODD_SHARES = ScalarBlockKernels.ODD_SHARES;

    private VectorBlockKernels() {}

    @Override
    public void laggedProducts(double[] block, int steps, int fromLag, double[] out, int outLag) {
        for (int lane = 0; lane < WIDTH; lane += LANES) {
            var sum0 = DoubleVector.zero(SPECIES);
            var sum1 = sum0;
            var sum2 = sum0;
            var sum3 = sum0;
            var sum4 = sum0;
            var sum5 = sum0;
            var sum6 = sum0;
            var sum7 = sum0;
            int end = (steps - fromLag) * WIDTH;
            for (int at = 0; at < end; at += WIDTH) {
                var now = DoubleVector.fromArray(SPECIES, block, at + lane);
                int later = at + lane + fromLag * WIDTH;
                sum0 = now.fma(load(block, later), sum0);
                sum1 = now.fma(load(block, later + WIDTH), sum1);
                sum2 = now.fma(load(block, later + 2 * WIDTH), sum2);
                sum3 = now.fma(load(block, later + 3 * WIDTH), sum3);
                sum4 = now.fma(load(block, later + 4 * WIDTH), sum4);
                sum5 = now.fma(load(block, later + 5 * WIDTH), sum5);
                sum6 = now.fma(load(block, later + 6 * WIDTH), sum6);
                sum7 = now.fma(load(block, later + 7 * WIDTH), sum7);
            }
            int to = outLag * WIDTH + lane;
            sum0.intoArray(out, to);
            sum1.intoArray(out, to + WIDTH);
            sum2.intoArray(out, to + 2 * WIDTH);
            sum3.intoArray(out, to + 3 * WIDTH);
            sum4.intoArray(out, to + 4 * WIDTH);
            sum5.intoArray(out, to + 5 * WIDTH);
            sum6.intoArray(out, to + 6 * WIDTH);
            sum7.intoArray(out, to + 7 * WIDTH);
        }
    }

    private static DoubleVector load(double[] from, int at) {
        return DoubleVector.fromArray(SPECIES, from, at);
    }

    @Override
    public void fourier(
            double[] real, double[] imaginary, int log2, double[] cosines, double[] sines) {
        int size = 1 << log2;
        for (int half = size >> 1, stride = 1; half > 0; half >>= 1, stride <<= 1) {
            for (int start = 0; start < size; start += 2 * half) {
                butterflies(real, imaginary, start, half, stride, cosines, sines);
            }
        }
    }

    private static void butterflies(
            double[] real,
            double[] imaginary,
            int start,
            int half,
            int stride,
            double[] cosines,
            double[] sines) {
        for (int k = 0; k < half; k++) {
            double cos = cosines[k * stride];
            double sin = sines[k * stride];
            for (int lane = 0; lane < WIDTH; lane += LANES) {
                int low = (start + k) * WIDTH + lane;
                int high = low + half * WIDTH;
                var lowReal = load(real, low);
                var highReal = load(real, high);
                var lowImaginary = load(imaginary, low);
                var highImaginary = load(imaginary, high);
                var differenceReal = lowReal.sub(highReal);
                var differenceImaginary = lowImaginary.sub(highImaginary);
                lowReal.add(highReal).intoArray(real, low);
                lowImaginary.add(highImaginary).intoArray(imaginary, low);
                var cosine = DoubleVector.broadcast(SPECIES, cos);
                var sine = DoubleVector.broadcast(SPECIES, sin);
                differenceReal.fma(cosine, differenceImaginary.mul(sine)).intoArray(real, high);
                differenceImaginary
                        .fma(cosine, differenceReal.mul(sine).neg())
                        .intoArray(imaginary, high);
            }
        }
    }

    @Override
    public void detrendedRanges(
            double[] sums,
            double[] prefix,
            double[] timed,
            int steps,
            int length,
            double[] out,
            int at) {
        for (int lane = 0; lane < WIDTH; lane += LANES) {
            var total = DoubleVector.zero(SPECIES);
            for (int start = 0; start + length <= steps; start += length) {
                int from = start * WIDTH + lane;
                int to = from + length * WIDTH;
                var sum = load(prefix, to).sub(load(prefix, from));
                var timedSum = load(timed, to).sub(load(timed, from));
                var centre = DoubleVector.broadcast(SPECIES, -(start + (length - 1) * 0.5));
                var falling =
                        centre.fma(sum, timedSum).div(ScalarBlockKernels.timeSquares(length)).neg();
                var least = DoubleVector.broadcast(SPECIES, Double.POSITIVE_INFINITY);
                var most = DoubleVector.broadcast(SPECIES, Double.NEGATIVE_INFINITY);
                var time = DoubleVector.zero(SPECIES);
                var leastToo = least; // two chains, so that one compare need not wait for the last
                var mostToo = most;
                int step = from;
                for (; step < to - WIDTH; step += 2 * WIDTH) {
                    var rest = falling.fma(time, load(sums, step));
                    var restToo = falling.fma(time.add(1), load(sums, step + WIDTH));
                    least = least.blend(rest, rest.compare(VectorOperators.LT, least));
                    most = most.blend(rest, rest.compare(VectorOperators.GT, most));
                    leastToo =
                            leastToo.blend(restToo, restToo.compare(VectorOperators.LT, leastToo));
                    mostToo = mostToo.blend(restToo, restToo.compare(VectorOperators.GT, mostToo));
                    time = time.add(2);
                }
                if (step < to) {
                    var rest = falling.fma(time, load(sums, step));
                    least = least.blend(rest, rest.compare(VectorOperators.LT, least));
                    most = most.blend(rest, rest.compare(VectorOperators.GT, most));
                }
                least = least.blend(leastToo, leastToo.compare(VectorOperators.LT, least));
                most = most.blend(mostToo, mostToo.compare(VectorOperators.GT, most));
                var range = most.sub(least);
                total = range.fma(range, total);
            }
            total.intoArray(out, at * WIDTH + lane);
        }
    }

    @Override
    public void detrendedSquares(
            double[] sums,
            double[] prefix,
            double[] timed,
            int steps,
            int length,
            double[] out,
            int at) {
        for (int lane = 0; lane < WIDTH; lane += LANES) {
            var total = DoubleVector.zero(SPECIES);
            for (int start = 0; start + length <= steps; start += length) {
                int from = start * WIDTH + lane;
                int to = from + length * WIDTH;
                var sum = load(prefix, to).sub(load(prefix, from));
                var timedSum = load(timed, to).sub(load(timed, from));
                var centre = DoubleVector.broadcast(SPECIES, -(start + (length - 1) * 0.5));
                var falling =
                        centre.fma(sum, timedSum).div(ScalarBlockKernels.timeSquares(length)).neg();
                var middle = DoubleVector.broadcast(SPECIES, (length - 1) * 0.5);
                var level = falling.fma(middle, sum.div(length));
                var time = DoubleVector.zero(SPECIES);
                for (int step = from; step < to; step += WIDTH) {
                    var rest = falling.fma(time, load(sums, step)).sub(level);
                    total = rest.fma(rest, total);
                    time = time.add(1);
                }
            }
            total.intoArray(out, at * WIDTH + lane);
        }
    }

    @Override
    public void standardise(double[] block, int steps, double[] extremes) {
        for (int lane = 0; lane < WIDTH; lane += LANES) {
            int end = steps * WIDTH + lane;
            var zero = DoubleVector.zero(SPECIES);
            var sum = zero;
            var min = load(block, lane);
            var max = min;
            for (int at = lane; at < end; at += WIDTH) {
                var value = load(block, at);
                sum = sum.add(value);
                min = min.blend(value, value.compare(VectorOperators.LT, min));
                max = max.blend(value, value.compare(VectorOperators.GT, max));
            }
            var mean = sum.div(steps);
            var squares = zero;
            for (int at = lane; at < end; at += WIDTH) {
                var centred = load(block, at).sub(mean);
                squares = centred.fma(centred, squares);
            }
            var deviation = squares.div(steps - 1).sqrt();
            var varies = min.compare(VectorOperators.LT, max);
            for (int at = lane; at < end; at += WIDTH) {
                zero.blend(load(block, at).sub(mean).div(deviation), varies).intoArray(block, at);
            }
            zero.blend(min.sub(mean).div(deviation), varies).intoArray(extremes, lane);
            zero.blend(max.sub(mean).div(deviation), varies).intoArray(extremes, WIDTH + lane);
        }
    }

    @Override
    public void runningSums(
            double[] block, int steps, int every, double[] sums, double[] prefix, double[] timed) {
        for (int lane = 0; lane < WIDTH; lane += LANES) {
            var sum = DoubleVector.zero(SPECIES);
            var prefixSum = sum;
            var timedSum = sum;
            var time = sum;
            prefixSum.intoArray(prefix, lane);
            timedSum.intoArray(timed, lane);
            for (int step = 0; step < steps; step++) {
                int at = step * WIDTH + lane;
                sum = sum.add(load(block, step * every * WIDTH + lane));
                prefixSum = prefixSum.add(sum);
                timedSum = time.fma(sum, timedSum);
                time = time.add(1);
                sum.intoArray(sums, at);
                prefixSum.intoArray(prefix, at + WIDTH);
                timedSum.intoArray(timed, at + WIDTH);
            }
        }
    }

    @Override
    public void subtractProjection(double[] block, int steps, double[] basis, double[] rest) {
        for (int lane = 0; lane < WIDTH; lane += LANES) {
            var dot0 = DoubleVector.zero(SPECIES);
            var dot1 = dot0;
            var dot2 = dot0;
            var dot3 = dot0;
            var dot4 = dot0;
            for (int step = 0, at = 0; step < steps; step++, at += 5) {
                var value = load(block, step * WIDTH + lane);
                dot0 = value.fma(spread(basis, at), dot0);
                dot1 = value.fma(spread(basis, at + 1), dot1);
                dot2 = value.fma(spread(basis, at + 2), dot2);
                dot3 = value.fma(spread(basis, at + 3), dot3);
                dot4 = value.fma(spread(basis, at + 4), dot4);
            }
            dot0 = dot0.neg();
            dot1 = dot1.neg();
            dot2 = dot2.neg();
            dot3 = dot3.neg();
            dot4 = dot4.neg();
            for (int step = 0, at = 0; step < steps; step++, at += 5) {
                var left = dot0.fma(spread(basis, at), load(block, step * WIDTH + lane));
                left = dot1.fma(spread(basis, at + 1), left);
                left = dot2.fma(spread(basis, at + 2), left);
                left = dot3.fma(spread(basis, at + 3), left);
                dot4.fma(spread(basis, at + 4), left).intoArray(rest, step * WIDTH + lane);
            }
        }
    }

    private static DoubleVector spread(double[] from, int at) {
        return DoubleVector.broadcast(SPECIES, from[at]);
    }

    @Override
    public void runningPower(double[] real, double[] imaginary, int log2, double[] out) {
        int bins = (1 << log2) / 2 + 1;
        for (int lane = 0; lane < WIDTH; lane += LANES) {
            var sum = DoubleVector.zero(SPECIES);
            for (int bin = 0; bin < bins; bin++) {
                int at = (Integer.reverse(bin) >>> (Integer.SIZE - log2)) * WIDTH + lane;
                var realPart = load(real, at);
                var imaginaryPart = load(imaginary, at);
                var power = realPart.fma(realPart, imaginaryPart.mul(imaginaryPart));
                double times = bin == 0 || bin == bins - 1 ? 1 : 2; // doubling is exact
                sum = sum.add(power.mul(times));
                sum.intoArray(out, bin * WIDTH + lane);
            }
        }
    }

    @Override
    public void logarithmsOfRoots(double[] values, double[] factors, int rows) {
        for (int at = 0; at < rows * WIDTH; at += LANES) {
            var value = load(values, at).mul(spread(factors, at / WIDTH));
            var bits = value.reinterpretAsLongs();
            var exponent =
                    (DoubleVector)
                            bits.lanewise(VectorOperators.LSHR, 52)
                                    .sub(EXPONENT_BIAS)
                                    .convertShape(VectorOperators.L2D, SPECIES, 0);
            var part = bits.and(MANTISSA).or(HALF_EXPONENT).reinterpretAsDoubles();
            var low = part.compare(VectorOperators.LT, ScalarBlockKernels.ROOT_OF_HALF);
            part = part.blend(part.add(part), low);
            exponent = exponent.blend(exponent.sub(1), low);
            var ratio = part.sub(1).div(part.add(1));
            var square = ratio.mul(ratio);
            var series =
                    spread(ODD_SHARES, 9)
                            .fma(square, spread(ODD_SHARES, 8))
                            .fma(square, spread(ODD_SHARES, 7))
                            .fma(square, spread(ODD_SHARES, 6))
                            .fma(square, spread(ODD_SHARES, 5))
                            .fma(square, spread(ODD_SHARES, 4))
                            .fma(square, spread(ODD_SHARES, 3))
                            .fma(square, spread(ODD_SHARES, 2))
                            .fma(square, spread(ODD_SHARES, 1))
                            .fma(square, spread(ODD_SHARES, 0));
            var halfLog2 = DoubleVector.broadcast(SPECIES, ScalarBlockKernels.HALF_LOG_2);
            var log = exponent.fma(halfLog2, ratio.mul(series));
            var none = DoubleVector.broadcast(SPECIES, Double.NEGATIVE_INFINITY);
            none.blend(log, value.compare(VectorOperators.GT, 0)).intoArray(values, at);
        }
    }
}
