package io.novacron.inference.features;

import io.novacron.inference.kernel.BlockKernels;

/// Where the growth of fluctuations with the time scale bends: the two scaling features of catch22.
///
/// Running sums of a series are cut into windows of up to 50 lengths, each window is freed of its
/// straight line, and what is left is averaged per length. The logarithms of that against those of
/// the lengths are fitted by two lines that meet at one length; the result is the share of lengths
/// up to the best place to meet. Owned by one thread.
final class Fluctuations {
    private static final int WIDTH = BlockKernels.WIDTH;
    private static final int SCALES = 50;
    private static final int MIN_SCALES = 12;
    private static final int MIN_POINTS = 6;
    private static final int SHORTEST = 5;

    private final BlockKernels kernels;
    private final int every;
    private final boolean range;
    private final int[] lengths = new int[SCALES];
    private final double[] logLengths = new double[SCALES];
    private final double[] fluctuations = new double[SCALES * WIDTH];
    // of the points up to and from a scale: sum of log lengths, and one over their centred squares
    private final double[] left = new double[2 * SCALES];
    private final double[] right = new double[2 * SCALES];
    private final double[] shares = new double[SCALES]; // one over the parts that a sum has
    private int scales;
    private int steps;
    private double[] sums = new double[0];
    private double[] prefix = new double[0];
    private double[] timed = new double[0];

    /// @param every of how many steps one is summed
    /// @param range whether a window counts by its squared range, not by its squares
    Fluctuations(BlockKernels kernels, int every, boolean range) {
        this.kernels = kernels;
        this.every = every;
        this.range = range;
    }

    void prepare(int length) {
        steps = length / every;
        sums = new double[steps * WIDTH];
        prefix = new double[(steps + 1) * WIDTH];
        timed = new double[(steps + 1) * WIDTH];
        double low = StrictMath.log(SHORTEST);
        double step = (StrictMath.log(length / 2) - low) / (SCALES - 1);
        scales = 0;
        for (int i = 0; i < SCALES; i++) {
            int scale = (int) Math.round(StrictMath.exp(low + i * step));
            if (scales == 0 || scale != lengths[scales - 1]) {
                lengths[scales] = scale;
                logLengths[scales] = StrictMath.log(scale);
                int windows = steps / scale;
                shares[scales] = 1 / (range ? windows : (double) windows * scale);
                scales++;
            }
        }
        for (int scale = 0; scale < scales; scale++) {
            line(0, scale + 1, left, scale);
            line(scale, scales, right, scale);
        }
    }

    private void line(int from, int to, double[] lines, int scale) {
        double sum = 0;
        for (int at = from; at < to; at++) {
            sum += logLengths[at];
        }
        double squares = 0;
        for (int at = from; at < to; at++) {
            squares += Math.pow(logLengths[at] - sum / (to - from), 2);
        }
        lines[2 * scale] = sum;
        lines[2 * scale + 1] = 1 / squares;
    }

    void compute(double[] block) {
        if (scales < MIN_SCALES) {
            return;
        }
        kernels.runningSums(block, steps, every, sums, prefix, timed);
        for (int scale = 0; scale < scales; scale++) {
            if (range) {
                kernels.detrendedRanges(
                        sums, prefix, timed, steps, lengths[scale], fluctuations, scale);
            } else {
                kernels.detrendedSquares(
                        sums, prefix, timed, steps, lengths[scale], fluctuations, scale);
            }
        }
        kernels.logarithmsOfRoots(fluctuations, shares, scales);
    }

    double breakShare(int lane) {
        if (scales < MIN_SCALES) {
            return 0;
        }
        double sum = 0;
        double squares = 0;
        double cross = 0;
        double first = fluctuations[lane]; // a shift, against cancellation
        for (int scale = 0; scale < scales; scale++) {
            double log = fluctuations[scale * WIDTH + lane] - first;
            sum += log;
            squares += log * log;
            cross += log * logLengths[scale];
        }
        double leftSum = 0;
        double leftSquares = 0;
        double leftCross = 0;
        double least = Double.NaN;
        int best = -1;
        for (int scale = 0; scale < scales - MIN_POINTS; scale++) {
            double log = fluctuations[scale * WIDTH + lane] - first;
            double rightSum = sum - leftSum; // from this scale on, which both lines share
            double rightSquares = squares - leftSquares;
            double rightCross = cross - leftCross;
            leftSum += log;
            leftSquares += log * log;
            leftCross += log * logLengths[scale];
            int points = scale + 1;
            if (points >= MIN_POINTS) {
                double error =
                        error(points, leftSum, leftSquares, leftCross, left, scale)
                                + error(
                                        scales - scale,
                                        rightSum,
                                        rightSquares,
                                        rightCross,
                                        right,
                                        scale);
                if (points == MIN_POINTS || error < least) {
                    least = error;
                    best = points;
                }
            }
        }
        return Double.isNaN(least) ? Double.NaN : best / (double) scales;
    }

    /// Root of the sum of squared distances of points from the line fitted to them.
    private static double error(
            int points, double sum, double squares, double cross, double[] lines, int scale) {
        double mean = sum / points;
        double centredCross = cross - mean * lines[2 * scale];
        double centredSquares = squares - mean * sum;
        return Math.sqrt(
                Math.max(0, centredSquares - centredCross * centredCross * lines[2 * scale + 1]));
    }
}
