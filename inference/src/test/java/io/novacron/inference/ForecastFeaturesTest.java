package io.novacron.inference;

import static io.novacron.inference.TestSeries.DAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.novacron.inference.kernel.Kernels;
import java.util.HashSet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class ForecastFeaturesTest {
    private static final int[] HORIZONS = {1, 12, 288};
    private final ForecastFeatures features = new ForecastFeatures();

    private float[] compute(ForecastFeatures with, Window window, Bounds bounds) {
        float[] rows = new float[window.series() * HORIZONS.length * ForecastFeatures.COUNT];
        with.compute(window, 0, window.series(), HORIZONS, bounds, rows);
        return rows;
    }

    private static float get(float[] rows, int series, int h, String name) {
        int column = ForecastFeatures.NAMES.indexOf(name);
        assertThat(column).as(name).isNotNegative();
        return rows[(series * HORIZONS.length + h) * ForecastFeatures.COUNT + column];
    }

    @Test
    void everyNameIsThereOnce() {
        assertThat(new HashSet<>(ForecastFeatures.NAMES)).hasSize(ForecastFeatures.COUNT);
    }

    @Test
    void theFutureNeverLeaksIn() {
        float[] series = TestSeries.daily(9 * DAY, 40, 20, 3, 1);
        float[] other = series.clone();
        for (int step = 8 * DAY; step < other.length; step++) {
            other[step] = 99;
        }
        float[] one = compute(features, TestSeries.of(series).until(8 * DAY), Bounds.PERCENT);
        float[] two = compute(features, TestSeries.of(other).until(8 * DAY), Bounds.PERCENT);
        assertThat(two).isEqualTo(one);
        float[] shown = compute(features, TestSeries.of(other).until(8 * DAY + 1), Bounds.PERCENT);
        assertThat(shown).as("the test can see a leak").isNotEqualTo(one);
    }

    @Test
    void thePastIsFoundAtItsPlace() {
        float[] series = TestSeries.series(8 * DAY, step -> step % DAY);
        Window window = TestSeries.of(series);
        float[] rows = compute(features, window, Bounds.NON_NEGATIVE);
        float base = features.base(0);
        float scale = features.scale(0);
        assertThat(base).isEqualTo(DAY - 1);
        assertThat(get(rows, 0, 0, "lag2") * scale + base).isCloseTo(DAY - 2, within(.01f));
        assertThat(get(rows, 0, 0, "dayAgoTarget") * scale + base).isCloseTo(0, within(.01f));
        assertThat(get(rows, 0, 1, "dayAgoTarget") * scale + base).isCloseTo(11, within(.01f));
        assertThat(get(rows, 0, 1, "dayMeanTarget") * scale + base).isCloseTo(11, within(.01f));
        assertThat(get(rows, 0, 1, "weekAgoTarget") * scale + base).isCloseTo(11, within(.01f));
        assertThat(get(rows, 0, 1, "daySpreadTarget")).isCloseTo(0, within(1e-3f));
        assertThat(get(rows, 0, 2, "horizon")).isEqualTo(288);
        assertThat(get(rows, 0, 2, "targetCos")).as("midnight").isCloseTo(1, within(1e-6f));
    }

    @Property(tries = 30)
    void theUnitDoesNotMatter(@ForAll @FloatRange(min = .01f, max = 1000) float unit) {
        float[] series = TestSeries.daily(3 * DAY, 40, 20, 3, 1);
        float[] scaled = new float[series.length];
        for (int step = 0; step < series.length; step++) {
            scaled[step] = series[step] * unit;
        }
        float[] rows = compute(features, TestSeries.of(series), Bounds.NON_NEGATIVE);
        float[] other = compute(features, TestSeries.of(scaled), Bounds.NON_NEGATIVE);
        for (int column = 0; column < rows.length; column++) {
            if (!Float.isNaN(rows[column])) {
                assertThat(other[column])
                        .as(ForecastFeatures.NAMES.get(column % ForecastFeatures.COUNT))
                        .isCloseTo(rows[column], within(1e-2f * (1 + Math.abs(rows[column]))));
            }
        }
    }

    @Property(tries = 100)
    void theTargetIsUndone(@ForAll @FloatRange(min = 0, max = 100) float value) {
        float target = ForecastFeatures.toTarget(value, 30, 2);
        assertThat(ForecastFeatures.fromTarget(target, 30, 2)).isCloseTo(value, within(1e-3f));
    }

    @Test
    void scalarAndVectorKernelsGiveTheSameRows() {
        var random = new Random(3);
        float[][] many = new float[37][];
        for (int i = 0; i < many.length; i++) {
            many[i] =
                    TestSeries.series(
                            300, _ -> random.nextInt(9) == 0 ? Double.NaN : random.nextInt(100));
        }
        Window window = TestSeries.of(many);
        assertThat(compute(new ForecastFeatures(Kernels.scalar()), window, Bounds.PERCENT))
                .isEqualTo(compute(new ForecastFeatures(Kernels.best()), window, Bounds.PERCENT));
    }

    @Test
    void nothingRecentGivesNoBase() {
        compute(
                features,
                TestSeries.of(
                        TestSeries.missing(DAY),
                        TestSeries.series(DAY, step -> step < DAY - 30 ? 5 : Double.NaN)),
                Bounds.PERCENT);
        assertThat(features.base(0)).isNaN();
        assertThat(features.base(1)).isNaN();
    }
}
