package io.novacron.inference.kernel;

/// The specification of the block sums: plain loops, one series at a time.
final class ScalarBlockKernels implements BlockKernels {
    static final ScalarBlockKernels INSTANCE = new ScalarBlockKernels();

    private ScalarBlockKernels() {}

    @Override
    public void laggedProducts(double[] block, int steps, int fromLag, double[] out, int outLag) {
        for (int k = 0; k < LAG_GROUP; k++) {
            for (int lane = 0; lane < WIDTH; lane++) {
                double sum = 0;
                for (int step = 0; step < steps - fromLag; step++) {
                    int later = step + fromLag + k;
                    sum = Math.fma(block[step * WIDTH + lane], block[later * WIDTH + lane], sum);
                }
                out[(outLag + k) * WIDTH + lane] = sum;
            }
        }
    }

    @Override
    public void fourier(
            double[] real, double[] imaginary, int log2, double[] cosines, double[] sines) {
        int size = 1 << log2;
        for (int half = size >> 1, stride = 1; half > 0; half >>= 1, stride <<= 1) {
            for (int start = 0; start < size; start += 2 * half) {
                for (int k = 0; k < half; k++) {
                    double cos = cosines[k * stride];
                    double sin = sines[k * stride];
                    for (int lane = 0; lane < WIDTH; lane++) {
                        int low = (start + k) * WIDTH + lane;
                        int high = low + half * WIDTH;
                        double differenceReal = real[low] - real[high];
                        double differenceImaginary = imaginary[low] - imaginary[high];
                        real[low] += real[high];
                        imaginary[low] += imaginary[high];
                        real[high] = Math.fma(differenceReal, cos, differenceImaginary * sin);
                        imaginary[high] =
                                Math.fma(differenceImaginary, cos, -(differenceReal * sin));
                    }
                }
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
        for (int lane = 0; lane < WIDTH; lane++) {
            double total = 0;
            for (int start = 0; start + length <= steps; start += length) {
                double slope = slope(prefix, timed, start, length, lane);
                double least = Double.POSITIVE_INFINITY;
                double most = Double.NEGATIVE_INFINITY;
                for (int k = 0; k < length; k++) {
                    // the level of the line shifts both ends and leaves the range as it is
                    double rest = Math.fma(-slope, k, sums[(start + k) * WIDTH + lane]);
                    least = rest < least ? rest : least;
                    most = rest > most ? rest : most;
                }
                total = Math.fma(most - least, most - least, total);
            }
            out[at * WIDTH + lane] = total;
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
        for (int lane = 0; lane < WIDTH; lane++) {
            double total = 0;
            for (int start = 0; start + length <= steps; start += length) {
                double slope = slope(prefix, timed, start, length, lane);
                double sum = prefix[(start + length) * WIDTH + lane] - prefix[start * WIDTH + lane];
                double level = Math.fma(-slope, (length - 1) * 0.5, sum / length);
                for (int k = 0; k < length; k++) {
                    double rest = Math.fma(-slope, k, sums[(start + k) * WIDTH + lane]) - level;
                    total = Math.fma(rest, rest, total);
                }
            }
            out[at * WIDTH + lane] = total;
        }
    }

    @Override
    public void standardise(double[] block, int steps, double[] extremes) {
        for (int lane = 0; lane < WIDTH; lane++) {
            double sum = 0;
            double min = block[lane];
            double max = min;
            for (int at = lane; at < steps * WIDTH; at += WIDTH) {
                double value = block[at];
                sum += value;
                min = value < min ? value : min;
                max = value > max ? value : max;
            }
            double mean = sum / steps;
            double squares = 0;
            for (int at = lane; at < steps * WIDTH; at += WIDTH) {
                double centred = block[at] - mean;
                squares = Math.fma(centred, centred, squares);
            }
            double deviation = Math.sqrt(squares / (steps - 1));
            boolean varies = min < max;
            for (int at = lane; at < steps * WIDTH; at += WIDTH) {
                block[at] = varies ? (block[at] - mean) / deviation : 0;
            }
            extremes[lane] = varies ? (min - mean) / deviation : 0;
            extremes[WIDTH + lane] = varies ? (max - mean) / deviation : 0;
        }
    }

    @Override
    public void runningSums(
            double[] block, int steps, int every, double[] sums, double[] prefix, double[] timed) {
        for (int lane = 0; lane < WIDTH; lane++) {
            double sum = 0;
            double prefixSum = 0;
            double timedSum = 0;
            prefix[lane] = 0;
            timed[lane] = 0;
            for (int step = 0; step < steps; step++) {
                int at = step * WIDTH + lane;
                sum += block[step * every * WIDTH + lane];
                prefixSum += sum;
                timedSum = Math.fma(step, sum, timedSum);
                sums[at] = sum;
                prefix[at + WIDTH] = prefixSum;
                timed[at + WIDTH] = timedSum;
            }
        }
    }

    @Override
    public void subtractProjection(double[] block, int steps, double[] basis, double[] rest) {
        for (int lane = 0; lane < WIDTH; lane++) {
            double dot0 = 0;
            double dot1 = 0;
            double dot2 = 0;
            double dot3 = 0;
            double dot4 = 0;
            for (int step = 0, at = 0; step < steps; step++, at += 5) {
                double value = block[step * WIDTH + lane];
                dot0 = Math.fma(value, basis[at], dot0);
                dot1 = Math.fma(value, basis[at + 1], dot1);
                dot2 = Math.fma(value, basis[at + 2], dot2);
                dot3 = Math.fma(value, basis[at + 3], dot3);
                dot4 = Math.fma(value, basis[at + 4], dot4);
            }
            for (int step = 0, at = 0; step < steps; step++, at += 5) {
                double left = Math.fma(-dot0, basis[at], block[step * WIDTH + lane]);
                left = Math.fma(-dot1, basis[at + 1], left);
                left = Math.fma(-dot2, basis[at + 2], left);
                left = Math.fma(-dot3, basis[at + 3], left);
                rest[step * WIDTH + lane] = Math.fma(-dot4, basis[at + 4], left);
            }
        }
    }

    @Override
    public void runningPower(double[] real, double[] imaginary, int log2, double[] out) {
        int bins = (1 << log2) / 2 + 1;
        for (int lane = 0; lane < WIDTH; lane++) {
            double sum = 0;
            for (int bin = 0; bin < bins; bin++) {
                int at = (Integer.reverse(bin) >>> (Integer.SIZE - log2)) * WIDTH + lane;
                double power = Math.fma(real[at], real[at], imaginary[at] * imaginary[at]);
                sum += bin == 0 || bin == bins - 1 ? power : power + power;
                out[bin * WIDTH + lane] = sum;
            }
        }
    }

    private static final long HALF_EXPONENT = 0x3FE0_0000_0000_0000L; // of [0.5, 1)
    private static final long MANTISSA = 0x000F_FFFF_FFFF_FFFFL;
    private static final int EXPONENT_BIAS = 1022;

    // log((1 + s) / (1 - s)) / 2 = s + s^3 / 3 + s^5 / 5 …, here halved once more for the root
    static final double[] ODD_SHARES = {
        1, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19
    };
    static final double ROOT_OF_HALF = 0.70710678118654752440;
    static final double HALF_LOG_2 = 0.34657359027997265471;

    @Override
    public void logarithmsOfRoots(double[] values, double[] factors, int rows) {
        for (int at = 0; at < rows * WIDTH; at++) {
            double value = values[at] * factors[at / WIDTH];
            long bits = Double.doubleToRawLongBits(value);
            double exponent = (bits >>> 52) - EXPONENT_BIAS;
            double part = Double.longBitsToDouble((bits & MANTISSA) | HALF_EXPONENT);
            boolean low = part < ROOT_OF_HALF;
            part = low ? part + part : part;
            exponent = low ? exponent - 1 : exponent;
            double ratio = (part - 1) / (part + 1);
            double square = ratio * ratio;
            double series = ODD_SHARES[ODD_SHARES.length - 1];
            for (int k = ODD_SHARES.length - 2; k >= 0; k--) {
                series = Math.fma(series, square, ODD_SHARES[k]);
            }
            double log = Math.fma(exponent, HALF_LOG_2, ratio * series);
            values[at] = value > 0 ? log : Double.NEGATIVE_INFINITY;
        }
    }

    /// Slope of the line fitted to `length` steps from `start` on.
    private static double slope(double[] prefix, double[] timed, int start, int length, int lane) {
        double sum = prefix[(start + length) * WIDTH + lane] - prefix[start * WIDTH + lane];
        double timedSum = timed[(start + length) * WIDTH + lane] - timed[start * WIDTH + lane];
        double cross = Math.fma(-(start + (length - 1) * 0.5), sum, timedSum);
        return cross / timeSquares(length);
    }

    /// Sum of squares of `length` steps around their mean.
    static double timeSquares(int length) {
        return length * ((double) length * length - 1) / 12;
    }
}
