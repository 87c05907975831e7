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

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 127})
    void vectorEqualsScalarBitForBitAtEveryTailLength(int series) {
        var random = new Random(series);
        float[] values = new float[STEPS * series];
        for (int index = 0; index < values.length; index++) {
            values[index] =
                    switch (random.nextInt(12)) {
                        case 0, 1 -> Float.NaN;
                        case 2 -> Float.POSITIVE_INFINITY;
                        case 3 -> 0f;
                        case 4 -> -0f;
                        case 5 -> 1e9f + random.nextInt(1000);
                        default -> (float) random.nextGaussian() * 10 + 50;
                    };
        }
        for (int step = 0; step < STEPS && series > 0; step++) {
            values[step * series] = Float.NaN; // one series with nothing at all
            values[step * series + series - 1] = 7; // and one constant
        }
        for (int from : new int[] {0, 13, STEPS - 1, STEPS}) {
            var scalar = new WindowStats();
            var vector = new WindowStats();
            if (series == 0 && from > 0) {
                continue;
            }
            int to = series == 0 ? 0 : STEPS;
            Kernels.scalar().windowStats(values, series, 0, series, from, to, scalar);
            new VectorKernels().windowStats(values, series, 0, series, from, to, vector);
            assertThat(Arrays.deepEquals(vector.columns(), scalar.columns()))
                    .as("from=%d%n%s%n%s", from, text(scalar), text(vector))
                    .isTrue(); // deepEquals holds NaN equal to NaN and 0f different from -0f
        }
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
    void bestIsChosenOnceAndHasAName() {
        assertThat(Kernels.best()).isSameAs(Kernels.best());
        assertThat(Kernels.best().name()).matches("scalar|vector-\\d+");
    }
}
