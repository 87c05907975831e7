package io.novacron.inference.features;

import io.novacron.inference.kernel.BlockKernels;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// The catch22 set: 22 features of a z-scored series, chosen from thousands for telling kinds of
/// series apart (Lubba et al. 2019, doi:10.1007/s10618-019-00647-x), in the order and by the names
/// and definitions of the public reference, to 1e-6.
///
/// Eight series are worked on side by side: their autocorrelations, spectra and fluctuations by
/// [BlockKernels], what is left one by one on shared results: one z-score, one sort, one set of
/// lagged products. Owned by one thread; allocates only when a longer window comes.
///
/// | input | result |
/// |---|---|
/// | fewer than [#MIN_STEPS] steps | all NaN |
/// | more than one value in five missing (NaN or infinite) | all NaN |
/// | fewer missing | filled by straight lines between their neighbours |
/// | all values equal | all NaN: a series without variance has no z-score |
/// | a feature that is not defined for this series, such as a ratio over zero | NaN |
public final class Catch22 {
    /// Names in the order of the results, as the reference calls them.
    public static final List<String> NAMES =
            List.of(
                    "DN_HistogramMode_5",
                    "DN_HistogramMode_10",
                    "CO_f1ecac",
                    "CO_FirstMin_ac",
                    "CO_HistogramAMI_even_2_5",
                    "CO_trev_1_num",
                    "MD_hrv_classic_pnn40",
                    "SB_BinaryStats_mean_longstretch1",
                    "SB_TransitionMatrix_3ac_sumdiagcov",
                    "PD_PeriodicityWang_th0_01",
                    "CO_Embed2_Dist_tau_d_expfit_meandiff",
                    "IN_AutoMutualInfoStats_40_gaussian_fmmi",
                    "FC_LocalSimple_mean1_tauresrat",
                    "DN_OutlierInclude_p_001_mdrmd",
                    "DN_OutlierInclude_n_001_mdrmd",
                    "SP_Summaries_welch_rect_area_5_1",
                    "SB_BinaryStats_diff_longstretch0",
                    "SB_MotifThree_quantile_hh",
                    "SC_FluctAnal_2_rsrangefit_50_1_logi_prop_r1",
                    "SC_FluctAnal_2_dfa_50_1_2_logi_prop_r1",
                    "SP_Summaries_welch_rect_centroid",
                    "FC_LocalSimple_mean3_stderr");

    public static final int COUNT = NAMES.size();

    /// Shortest window that has features.
    public static final int MIN_STEPS = 12;

    private static final int MAX_STEPS = 1 << 20;
    private static final int MISSING_ONE_IN = 5;
    private static final int WIDTH = BlockKernels.WIDTH;
    private static final int GROUP = BlockKernels.LAG_GROUP;

    private final BlockKernels kernels;
    private final SeriesFeatures features = new SeriesFeatures();
    private final Fluctuations ranges;
    private final Fluctuations squares;
    private int steps;
    private double[] block = new double[0]; // z-scores, step-major, eight lanes
    private double[] residual = new double[0]; // for the lags of changes, then of the detrended
    private double[] lagged = new double[0];
    private double[] laggedResidual = new double[0];
    private double[] real = new double[0];
    private double[] imaginary = new double[0];
    private double[] cosines = new double[0];
    private double[] sines = new double[0];
    private double[] power = new double[0];
    private double[] series = new double[0];
    private SplineTrend trend = new SplineTrend(MIN_STEPS);
    private int log2;
    private final int[] missing = new int[WIDTH];
    private final double[] extremes = new double[2 * WIDTH];
    private final int[] firstZeros = new int[WIDTH];

    public Catch22() {
        this(BlockKernels.best());
    }

    Catch22(BlockKernels kernels) {
        this.kernels = kernels;
        ranges = new Fluctuations(kernels, 1, true);
        squares = new Fluctuations(kernels, 2, false);
    }

    /// Features of steps `[fromStep, toStep)` of series `[fromSeries, toSeries)` of a time-major
    /// matrix (`values[step * stride + i]`), to `out[(i - fromSeries) * COUNT + feature]`.
    public void compute(
            float[] values,
            int stride,
            int fromSeries,
            int toSeries,
            int fromStep,
            int toStep,
            double[] out) {
        Objects.checkFromToIndex(fromSeries, toSeries, stride);
        Objects.checkFromToIndex(fromStep, toStep, stride == 0 ? 0 : values.length / stride);
        Objects.checkFromIndexSize(0, (toSeries - fromSeries) * COUNT, out.length);
        int length = toStep - fromStep;
        if (length < MIN_STEPS) {
            Arrays.fill(out, 0, (toSeries - fromSeries) * COUNT, Double.NaN);
            return;
        }
        if (length > MAX_STEPS) {
            throw new IllegalArgumentException(
                    "steps=%d must be at most %d. Maybe steps and series are swapped?"
                            .formatted(length, MAX_STEPS));
        }
        prepare(length);
        for (int first = fromSeries; first < toSeries; first += WIDTH) {
            int lanes = Math.min(WIDTH, toSeries - first);
            load(values, stride, fromStep * stride + first, lanes);
            shared();
            for (int lane = 0; lane < lanes; lane++) {
                one(lane, out, (first - fromSeries + lane) * COUNT);
            }
        }
    }

    /// Features of one series in doubles, such as a series of the reference's tests.
    public double[] of(double[] values) {
        double[] out = new double[COUNT];
        Arrays.fill(out, Double.NaN);
        if (values.length < MIN_STEPS || values.length > MAX_STEPS) {
            return out;
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                return out;
            }
        }
        prepare(values.length);
        Arrays.fill(block, 0);
        for (int step = 0; step < steps; step++) {
            block[step * WIDTH] = values[step];
        }
        shared();
        one(0, out, 0);
        return out;
    }

    private void prepare(int length) {
        if (steps == length) {
            return;
        }
        steps = length;
        block = new double[(length + GROUP) * WIDTH];
        residual = new double[(length + GROUP) * WIDTH];
        lagged = new double[(length + 2 * GROUP) * WIDTH];
        laggedResidual = new double[(length + 2 * GROUP) * WIDTH];
        series = new double[length];
        log2 = 32 - Integer.numberOfLeadingZeros(length - 1);
        int size = 1 << log2;
        real = new double[size * WIDTH];
        imaginary = new double[size * WIDTH];
        power = new double[(size / 2 + 1) * WIDTH];
        cosines = new double[size / 2];
        sines = new double[size / 2];
        for (int k = 0; k < size / 2; k++) {
            cosines[k] = StrictMath.cos(2 * StrictMath.PI * k / size);
            sines[k] = StrictMath.sin(2 * StrictMath.PI * k / size);
        }
        trend = new SplineTrend(length);
        ranges.prepare(length);
        squares.prepare(length);
        features.prepare(length);
    }

    /// Copies `lanes` series that lie side by side, with their gaps filled by straight lines. A
    /// series of which too much is missing becomes zeros, as do the lanes behind the last.
    private void load(float[] values, int stride, int start, int lanes) {
        Arrays.fill(missing, 0);
        if (lanes < WIDTH) {
            Arrays.fill(block, 0);
        }
        for (int step = 0, at = start; step < steps; step++, at += stride) {
            for (int lane = 0; lane < lanes; lane++) {
                float value = values[at + lane];
                block[step * WIDTH + lane] = value;
                missing[lane] += Float.isFinite(value) ? 0 : 1;
            }
        }
        for (int lane = 0; lane < lanes; lane++) {
            if (missing[lane] > 0) {
                fillGaps(lane, (long) missing[lane] * MISSING_ONE_IN <= steps);
            }
        }
    }

    private void fillGaps(int lane, boolean enough) {
        int before = -1; // last valid step
        for (int step = 0; step < steps; step++) {
            double value = block[step * WIDTH + lane];
            if (!enough) {
                block[step * WIDTH + lane] = 0;
            } else if (Double.isFinite(value)) {
                double first = before < 0 ? value : block[before * WIDTH + lane];
                for (int gap = before + 1; gap < step; gap++) {
                    block[gap * WIDTH + lane] =
                            first + (value - first) * (gap - before) / (step - before);
                }
                before = step;
            }
        }
        for (int gap = before + 1; gap < steps && enough; gap++) {
            block[gap * WIDTH + lane] = block[before * WIDTH + lane];
        }
    }

    /// What all lanes of the block share.
    private void shared() {
        kernels.standardise(block, steps, extremes);
        for (int lag = 0; lag < steps; lag += GROUP) {
            kernels.laggedProducts(block, steps, lag, lagged, lag);
        }
        firstZerosOfChanges();
        System.arraycopy(block, 0, real, 0, steps * WIDTH);
        Arrays.fill(real, steps * WIDTH, real.length, 0);
        Arrays.fill(imaginary, 0);
        kernels.fourier(real, imaginary, log2, cosines, sines);
        ranges.compute(block);
        squares.compute(block);
        kernels.runningPower(real, imaginary, log2, power);
        trend.subtract(kernels, block, residual);
        int maxLag = (steps + 2) / 3;
        for (int lag = 1; lag <= maxLag; lag += GROUP) {
            kernels.laggedProducts(residual, steps, lag, laggedResidual, lag);
        }
    }

    /// First lag at which the autocorrelation of the changes of each lane is not positive.
    private void firstZerosOfChanges() {
        int changes = steps - 1;
        for (int lane = 0; lane < WIDTH; lane++) {
            double mean = (block[changes * WIDTH + lane] - block[lane]) / changes; // telescopes
            for (int step = 0; step < changes; step++) {
                int at = step * WIDTH + lane;
                residual[at] = block[at + WIDTH] - block[at] - mean;
            }
            residual[changes * WIDTH + lane] = 0;
            firstZeros[lane] = varies(lane) ? -1 : 0;
        }
        boolean open = true;
        for (int lag = 0; lag < changes && open; lag += GROUP) {
            kernels.laggedProducts(residual, changes, lag, laggedResidual, 0);
            open = false;
            for (int lane = 0; lane < WIDTH; lane++) {
                for (int k = 0; k < GROUP && firstZeros[lane] < 0; k++) {
                    if (!(laggedResidual[k * WIDTH + lane] > 0) || lag + k == changes) {
                        firstZeros[lane] = lag + k;
                    }
                }
                open |= firstZeros[lane] < 0;
            }
        }
        for (int lane = 0; lane < WIDTH; lane++) {
            firstZeros[lane] = firstZeros[lane] < 0 ? changes : firstZeros[lane];
        }
    }

    /// Whether a lane holds a series that has features: enough values, and not all equal.
    private boolean varies(int lane) {
        return extremes[lane] < extremes[WIDTH + lane];
    }

    private void one(int lane, double[] out, int row) {
        if (!varies(lane)) {
            Arrays.fill(out, row, row + COUNT, Double.NaN);
            return;
        }
        for (int step = 0; step < steps; step++) {
            series[step] = block[step * WIDTH + lane];
        }
        features.load(
                series,
                extremes[lane],
                extremes[WIDTH + lane],
                lagged,
                laggedResidual,
                lane,
                firstZeros[lane]);
        out[row] = features.histogramMode(5);
        out[row + 1] = features.histogramMode(10);
        out[row + 2] = features.firstCrossingOfOneOverE();
        out[row + 3] = features.firstMinimum();
        out[row + 4] = features.mutualInformation();
        out[row + 5] = features.timeReversal();
        out[row + 6] = features.largeChanges();
        out[row + 7] = features.longestAboveMean();
        out[row + 8] = features.transitionVariance();
        out[row + 9] = features.periodicity();
        out[row + 10] = features.embeddingDistance();
        out[row + 11] = features.firstMinimumOfInformation();
        out[row + 12] = features.changeRatio();
        out[row + 13] = features.outlierTiming(1);
        out[row + 14] = features.outlierTiming(-1);
        out[row + 15] = features.lowFrequencyArea(power);
        out[row + 16] = features.longestFall();
        out[row + 17] = features.motifEntropy();
        out[row + 18] = ranges.breakShare(lane);
        out[row + 19] = squares.breakShare(lane);
        out[row + 20] = features.spectralCentroid(power);
        out[row + 21] = features.threeStepError();
    }
}
