package io.novacron.inference.kernel;

/// Long sums over a block of eight series that lie side by side: `block[step * 8 + lane]`, in
/// doubles. They are what catch22 spends its time on.
///
/// Implementations keep no state, so one instance serves every thread. Sums run in step order,
/// products by fused multiply-add: the vector twin gives the same bits.
public sealed interface BlockKernels permits ScalarBlockKernels, VectorBlockKernels {
    /// Series in a block.
    int WIDTH = 8;

    /// Lags are worked on in groups of this many; a block needs as many zero steps behind it.
    int LAG_GROUP = 8;

    /// Sum over `t` of `x[t] * x[t + lag]` for the eight lags from `fromLag` on: `out[(outLag + k)
    /// * 8 + lane]` for lag `fromLag + k`. Steps behind the last must be zero.
    void laggedProducts(double[] block, int steps, int fromLag, double[] out, int outLag);

    /// Fourier transform of `1 << log2` complex values in place, results in bit-reversed order.
    /// `cosines` and `sines` hold `cos` and `sin` of `2πk / (1 << log2)` for the first half.
    void fourier(double[] real, double[] imaginary, int log2, double[] cosines, double[] sines);

    /// Sum over the whole windows of `length` steps of the squared range of what remains of `sums`
    /// after a straight line is fitted to it, into `out[at * 8 + lane]`.
    ///
    /// @param prefix running sums of `sums`, with a zero step first
    /// @param timed running sums of `step * sums[step]`, with a zero step first
    void detrendedRanges(
            double[] sums,
            double[] prefix,
            double[] timed,
            int steps,
            int length,
            double[] out,
            int at);

    /// As [#detrendedRanges], but of the sum of squares instead of the squared range.
    void detrendedSquares(
            double[] sums,
            double[] prefix,
            double[] timed,
            int steps,
            int length,
            double[] out,
            int at);

    /// Turns every series of a block into z-scores (sample deviation) in place. Writes its least
    /// and greatest z-score to `extremes[lane]` and `extremes[8 + lane]`. A series without variance
    /// becomes zeros, both extremes zero.
    void standardise(double[] block, int steps, double[] extremes);

    /// Running sums of every `every`-th step, and of them `prefix` and `timed` as
    /// [#detrendedRanges] wants them; `steps` counts the sums.
    void runningSums(
            double[] block, int steps, int every, double[] sums, double[] prefix, double[] timed);

    /// Takes from each series its projection on five orthonormal functions, `basis[step * 5 +
    /// function]`, and writes what is left to `rest`.
    void subtractProjection(double[] block, int steps, double[] basis, double[] rest);

    /// Running sums over the frequencies of the one-sided power of a real series, from what
    /// [#fourier] left: `out[bin * 8 + lane]` for `1 + size / 2` bins.
    void runningPower(double[] real, double[] imaginary, int log2, double[] out);

    /// Replaces each of `rows * 8` values by the natural logarithm of the root of it times its
    /// row's factor, to 1e-14; that of zero is negative infinity. Values are not negative, and
    /// normal.
    void logarithmsOfRoots(double[] values, double[] factors, int rows);

    /// The fastest implementation this JVM offers: vectors where [Kernels#best] uses them.
    static BlockKernels best() {
        return Kernels.best() instanceof VectorKernels && VectorBlockKernels.FITS
                ? VectorBlockKernels.INSTANCE
                : ScalarBlockKernels.INSTANCE;
    }

    /// The specification.
    static BlockKernels scalar() {
        return ScalarBlockKernels.INSTANCE;
    }
}
