package io.novacron.inference.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelsTwinTest {
    private static final int STEPS = 61;

    /// What a matrix holds; each takes another way through the vector twin.
    private enum Content {
        ALL_VALID,
        SIGNED,
        SOME_MISSING,
        MOSTLY_MISSING,
        ENDED,
        SOME_INFINITE,
        HUGE,
        FEW_LEVELS
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 127})
    void vectorEqualsScalarBitForBitAtEveryTailLength(int series) {
        for (Content content : Content.values()) {
            for (int from : new int[] {0, 13, STEPS - 1, STEPS}) {
                if (series > 0 || from == 0) {
                    check(content, series, STEPS, from);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 60, 63, 64, 65, 66, 67, 128, 255, 256, 257, 600, 2_017})
    void vectorEqualsScalarBitForBitAtEveryWindowLength(int steps) {
        for (Content content : Content.values()) {
            check(content, 33, steps, 0);
        }
    }

    private static void check(Content content, int series, int steps, int from) {
        float[] values = values(content, series, steps);
        var scalar = new WindowStats();
        var vector = new WindowStats();
        int to = series == 0 ? 0 : steps;
        Kernels.scalar().windowStats(values, series, 0, series, from, to, scalar);
        new VectorKernels().windowStats(values, series, 0, series, from, to, vector);
        assertThat(Arrays.deepEquals(vector.columns(), scalar.columns()))
                .as("%s from=%d%n%s%n%s", content, from, text(scalar), text(vector))
                .isTrue(); // deepEquals holds NaN equal to NaN and 0f different from -0f
    }

    private static float[] values(Content content, int series, int steps) {
        var random = new Random(series);
        float[] values = new float[steps * series];
        for (int index = 0; index < values.length; index++) {
            float plain = Math.abs((float) random.nextGaussian() * 10 + 50);
            int kind = random.nextInt(24);
            values[index] =
                    switch (content) {
                        case ALL_VALID -> plain;
                        case SIGNED -> kind == 0 ? -0f : kind == 1 ? 0f : plain - 50;
                        case SOME_MISSING -> kind < 3 ? Float.NaN : plain;
                        case MOSTLY_MISSING -> kind < 18 ? Float.NaN : plain;
                        case ENDED -> index > values.length - 7 * series ? Float.NaN : plain;
                        case SOME_INFINITE ->
                                kind == 0
                                        ? Float.POSITIVE_INFINITY
                                        : kind == 1 ? Float.NEGATIVE_INFINITY : plain;
                        case HUGE -> kind == 0 ? Float.NaN : 1e9f + 1e30f * (kind % 2) + kind;
                        case FEW_LEVELS -> kind == 0 ? Float.NaN : kind / 12;
                    };
        }
        for (int step = 0; step < steps && series > 1 && content != Content.ALL_VALID; step++) {
            values[step * series] = Float.NaN; // one series with nothing at all
            values[step * series + series - 1] = 7; // and one constant
        }
        return values;
    }

    private static String text(WindowStats stats) {
        return Arrays.deepToString(stats.columns());
    }

    @Test
    void statisticsFollowTheirDefinitions() {
        float[] values = {Float.NaN, 1, 2, 4, Float.NaN, 4, 4, Float.NaN};
        var stats = new WindowStats();
        Kernels.best().windowStats(values, 1, 0, 1, 0, values.length, stats);
        assertThat(stats.count[0]).isEqualTo(5);
        assertThat(stats.mean[0]).isEqualTo(3);
        assertThat(stats.variance[0]).isEqualTo(2); // (4 + 1 + 1 + 1 + 1) / 4
        assertThat(stats.min[0]).isEqualTo(1);
        assertThat(stats.max[0]).isEqualTo(4);
        // times 1 2 3 5 6 (mean 3.4), values 1 2 4 4 4: 10/17.2
        assertThat(stats.slope[0]).isCloseTo(10f / 17.2f, within(1e-6f));
        assertThat(stats.last[0]).isEqualTo(4);
        assertThat(stats.lastAge[0]).isEqualTo(1);
        assertThat(stats.changeAge[0]).isEqualTo(4);
        assertThat(stats.missingShare[0]).isEqualTo(0.375f);
        // neighbouring pairs (1,2) (2,4) (4,4): 2 - 1 + 1 = 2, over squares 8
        assertThat(stats.autocorrelation[0]).isEqualTo(0.25f);
    }

    @Test
    void aSlopeIsExactHoweverFewAndLateItsValues() {
        int series = 32;
        float[] values = new float[STEPS * series];
        Arrays.fill(values, Float.NaN);
        for (int step = STEPS - 5; step < STEPS; step++) {
            Arrays.fill(values, step * series, (step + 1) * series, 1_000_000 + 3 * step);
        }
        var stats = new WindowStats();
        Kernels.best().windowStats(values, series, 0, series, 0, STEPS, stats);
        for (int i = 0; i < series; i++) {
            assertThat(stats.slope[i]).isCloseTo(3, within(1e-6f));
        }
    }

    @Test
    void nothingValidGivesNaNNeverZero() {
        float[] values = {Float.NaN, Float.NEGATIVE_INFINITY, Float.NaN};
        var stats = new WindowStats();
        Kernels.best().windowStats(values, 1, 0, 1, 0, 3, stats);
        assertThat(stats.count[0]).isZero();
        assertThat(stats.missingShare[0]).isEqualTo(1);
        for (float[] column :
                new float[][] {
                    stats.mean,
                    stats.variance,
                    stats.min,
                    stats.max,
                    stats.slope,
                    stats.last,
                    stats.lastAge,
                    stats.changeAge,
                    stats.autocorrelation
                }) {
            assertThat(column[0]).isNaN();
        }
    }

    @Test
    void equalValuesHaveNoVarianceWhateverTheirMeanRoundsTo() {
        float[] values = new float[STEPS * 17];
        Arrays.fill(values, 7.3f);
        var stats = new WindowStats();
        Kernels.best().windowStats(values, 17, 0, 17, 0, STEPS, stats);
        assertThat(stats.variance).startsWith(0, 0).doesNotContain(Float.NaN);
        assertThat(stats.slope[16]).isZero();
        assertThat(stats.autocorrelation[16]).isNaN();
    }

    @Test
    void aBlockWithMissingValuesDoesNotChangeItsNeighbours() {
        int series = 64;
        float[] values = values(Content.ALL_VALID, series, STEPS);
        var whole = new WindowStats();
        Kernels.best().windowStats(values, series, 0, series, 0, STEPS, whole);
        values[5 * series + 20] = Float.NaN;
        var holed = new WindowStats();
        Kernels.best().windowStats(values, series, 0, series, 0, STEPS, holed);
        float[][] before = whole.columns();
        float[][] after = holed.columns();
        for (int column = 0; column < before.length; column++) {
            for (int i = 0; i < series; i++) {
                if (i != 20) {
                    assertThat(after[column][i]).isEqualTo(before[column][i]);
                }
            }
        }
        assertThat(holed.count[20]).isEqualTo(STEPS - 1);
    }

    @Test
    void bestIsChosenOnceAndHasAName() {
        assertThat(Kernels.best()).isSameAs(Kernels.best());
        assertThat(Kernels.best().name()).matches("scalar|vector-\\d+");
    }
}
