package io.novacron.inference.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.Window;
import io.novacron.inference.kernel.BlockKernels;
import io.novacron.inference.kernel.Kernels;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FeatureExtractorTest {
    private static final int STEP_SECONDS = 300;
    private static final long END_MS = 1_791_234_900_000L;
    private static final double TOLERANCE = 2e-4; // window statistics are float sums

    @Test
    void theCatalogueHasOverAHundredNamesEachOnceAndDefined() {
        assertThat(FeatureSet.COUNT).isGreaterThan(100);
        assertThat(new HashSet<>(FeatureSet.names())).hasSize(FeatureSet.COUNT);
        assertThat(FeatureSet.features())
                .allSatisfy(feature -> assertThat(feature.definition()).isNotBlank());
        assertThat(FeatureSet.sha256()).matches("[0-9a-f]{64}");
    }

    @Property(tries = 150, seed = "15")
    void everyFeatureEqualsItsSlowVersion(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 700) int steps) {
        var random = new Random(seed);
        float[] series = series(random, steps);
        if (random.nextInt(3) > 0) {
            for (int hole = 0; hole < steps / 8; hole++) {
                series[random.nextInt(steps)] =
                        random.nextBoolean() ? Float.NaN : Float.NEGATIVE_INFINITY;
            }
        }
        check(series, "seed " + seed + " steps " + steps);
    }

    @Test
    void twoWeeksOfFiveMinutesEqualTheirSlowVersion() {
        check(series(new Random(3), 14 * 288), "two weeks");
    }

    /// A wave of a day, noise, spikes and a level shift, rounded so that values repeat.
    private static float[] series(Random random, int steps) {
        float[] series = new float[steps];
        double grain = random.nextBoolean() ? 1 : 16;
        int shiftAt = random.nextInt(2 * steps);
        for (int step = 0; step < steps; step++) {
            double value =
                    40
                            + 10 * Math.sin(2 * Math.PI * step / 288)
                            + 2 * random.nextGaussian()
                            + (random.nextInt(50) == 0 ? 40 : 0)
                            - (step > shiftAt ? 30 : 0);
            series[step] = (float) (Math.round(value * grain) / grain);
        }
        return series;
    }

    private static void check(float[] series, String what) {
        double[] clean = new double[series.length];
        for (int step = 0; step < series.length; step++) {
            clean[step] = Float.isFinite(series[step]) ? series[step] : Double.NaN;
        }
        Map<String, Double> slow = SlowFeatures.of(clean, STEP_SECONDS, END_MS);
        float[] row = row(series);
        for (int k = 0; k < FeatureSet.COUNT; k++) {
            Feature feature = FeatureSet.features().get(k);
            if (!feature.group().equals("catch22")) {
                assertThat(slow).as(what).containsKey(feature.name());
                compare(row[k], Objects.requireNonNull(slow.get(feature.name())), feature, what);
            }
        }
        assertThat(slow).hasSize(FeatureSet.COUNT - Catch22.COUNT);
    }

    private static void compare(float actual, double expected, Feature feature, String what) {
        if (Double.isFinite(expected)) {
            double limit = TOLERANCE * Math.max(1, Math.abs(expected));
            assertThat((double) actual)
                    .as("%s of %s", feature.name(), what)
                    .isCloseTo(expected, org.assertj.core.api.Assertions.within(limit));
        } else {
            assertThat(actual).as("%s of %s", feature.name(), what).isNaN();
        }
    }

    private static float[] row(float[] series) {
        Window window = Window.of(series, 1, series.length, STEP_SECONDS, END_MS);
        float[] row = new float[FeatureSet.COUNT];
        new FeatureExtractor().compute(window, 0, 1, row);
        return row;
    }

    private static float feature(float[] row, String name) {
        int k = FeatureSet.names().indexOf(name);
        assertThat(k).as(name).isNotNegative();
        return row[k];
    }

    @Test
    void catch22IsOverTheNewest288Steps() {
        float[] series = series(new Random(5), 400);
        double[] newest = new double[288];
        for (int step = 0; step < 288; step++) {
            newest[step] = series[112 + step];
        }
        double[] expected = new Catch22().of(newest);
        float[] row = row(series);
        for (int k = 0; k < Catch22.COUNT; k++) {
            assertThat(row[FeatureSet.COUNT - Catch22.COUNT + k]).isEqualTo((float) expected[k]);
        }
    }

    @Test
    void vectorEqualsScalarAndNeighboursDoNotMatter() {
        int steps = 300;
        int series = 21;
        float[] values = new float[steps * series];
        float[][] alone = new float[series][];
        for (int i = 0; i < series; i++) {
            alone[i] = series(new Random(i), steps);
            alone[i][100] = i % 5 == 0 ? Float.NaN : alone[i][100];
            for (int step = 0; step < steps; step++) {
                values[step * series + i] = alone[i][step];
            }
        }
        Window window = Window.of(values, series, steps, STEP_SECONDS, END_MS);
        float[] vector = new float[series * FeatureSet.COUNT];
        float[] scalar = new float[series * FeatureSet.COUNT];
        new FeatureExtractor().compute(window, 0, series, vector);
        new FeatureExtractor(Kernels.scalar(), BlockKernels.scalar())
                .compute(window, 0, series, scalar);
        assertThat(vector).isEqualTo(scalar);
        for (int i = 0; i < series; i++) {
            assertThat(Arrays.copyOfRange(vector, i * FeatureSet.COUNT, (i + 1) * FeatureSet.COUNT))
                    .as("series %d", i)
                    .isEqualTo(row(alone[i]));
        }
    }

    private enum Bad {
        ALL_MISSING,
        CONSTANT,
        ZERO,
        ONE_SAMPLE,
        STEP,
        INFINITE,
        NEGATIVE,
        HUGE,
        MIXED_HUGE,
        GAP_OF_DAYS,
        TINY
    }

    private static float[] bad(Bad kind) {
        int steps = 600;
        float[] series = new float[steps];
        for (int step = 0; step < steps; step++) {
            series[step] =
                    switch (kind) {
                        case ALL_MISSING -> Float.NaN;
                        case CONSTANT -> 7.3f;
                        case ZERO -> 0;
                        case ONE_SAMPLE -> step == 590 ? 5 : Float.NaN;
                        case STEP -> step < 450 ? 1 : 9;
                        case INFINITE -> step % 3 == 0 ? Float.POSITIVE_INFINITY : step % 7;
                        case NEGATIVE -> -1 - step % 11;
                        case HUGE -> 1e30f + 1e29f * (step % 13);
                        case MIXED_HUGE -> step % 2 == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE;
                        case GAP_OF_DAYS -> step < 20 || step > 595 ? step : Float.NaN;
                        case TINY -> Float.MIN_VALUE * (step % 5);
                    };
        }
        return series;
    }

    @ParameterizedTest
    @EnumSource
    void badInputGivesNumbersOrNaNAndNeverInfinity(Bad kind) {
        for (float value : row(bad(kind))) {
            assertThat(Float.isInfinite(value)).as("%s", kind).isFalse();
        }
        double[] catch22 = new double[Catch22.COUNT];
        new Catch22().compute(bad(kind), 1, 0, 1, 0, 600, catch22);
        for (double value : catch22) {
            assertThat(Double.isInfinite(value)).as("%s", kind).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"HUGE", "MIXED_HUGE", "TINY"})
    void badInputEqualsTheSlowVersion(Bad kind) {
        check(bad(kind), kind.name());
    }

    @Test
    void aConstantSeriesHasNoShapeButALevel() {
        float[] row = row(bad(Bad.CONSTANT));
        assertThat(feature(row, "mean288"))
                .isCloseTo(7.3f, org.assertj.core.api.Assertions.within(1e-5f));
        assertThat(feature(row, "entropy288")).isZero();
        assertThat(feature(row, "spikes288")).isZero();
        assertThat(feature(row, "levelShifts288")).isZero();
        assertThat(feature(row, "longestEqual288")).isEqualTo(288);
        assertThat(feature(row, "skewness288")).isNaN();
        assertThat(feature(row, "firstZero288")).isNaN();
        assertThat(feature(row, "CO_f1ecac")).isNaN();
    }

    @Test
    void aStepIsOneLevelShift() {
        float[] row = row(bad(Bad.STEP));
        assertThat(feature(row, "levelShifts288")).isEqualTo(1);
        assertThat(feature(row, "largestShift288")).isEqualTo(8);
        assertThat(feature(row, "changeAge288")).isEqualTo(149);
    }

    @Test
    void refusesAnArrayThatIsTooShort() {
        Window window = Window.of(new float[60], 1, 60, STEP_SECONDS, END_MS);
        assertThatThrownBy(() -> new FeatureExtractor().compute(window, 0, 1, new float[3]))
                .hasMessageContaining("rows.length=3");
    }
}
