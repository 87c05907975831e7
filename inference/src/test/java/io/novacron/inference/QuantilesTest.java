package io.novacron.inference;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class QuantilesTest {
    private final float[] grid = new float[Quantiles.COUNT];

    @Test
    void residualQuantilesInterpolateOrderStatistics() {
        float[] residuals = new float[41];
        for (int n = 0; n < 41; n++) {
            residuals[n] = 40 - n;
        }
        Quantiles.ofResiduals(residuals, 41, 99, grid);
        assertThat(grid).containsExactly(4, 8, 12, 16, 20, 24, 28, 32, 36);
    }

    @Test
    void noResidualsGiveThePrior() {
        Quantiles.ofResiduals(new float[Quantiles.COUNT], 0, 10, grid);
        assertThat(grid[Quantiles.MEDIAN]).isZero();
        assertThat(grid[Quantiles.LOW]).isLessThan(-9);
        assertThat(grid[Quantiles.HIGH]).isGreaterThan(9);
    }

    @Test
    void fiveModelQuantilesSpreadOverTheGrid() {
        float[] levels = {.1f, .3f, .5f, .7f, .9f};
        Quantiles.toGrid(levels, new float[] {5, 1, 3, 9, 7}, grid); // crossed on purpose
        assertThat(grid)
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void endsAreHeldWhereTheModelHasFewerLevels() {
        Quantiles.toGrid(new float[] {.5f}, new float[] {2}, grid);
        assertThat(grid).containsOnly(2);
    }

    @Property(tries = 200)
    void pinballIsLeastAtTheTrueQuantile(@ForAll @FloatRange(min = -5, max = 5) float off) {
        double atTruth = 0;
        double away = 0;
        for (int actual = 1; actual <= 99; actual++) { // uniform on 1..99: its .8 quantile is 80
            atTruth += Quantiles.pinball(.8f, 80, actual);
            away += Quantiles.pinball(.8f, 80 + off, actual);
        }
        assertThat(atTruth).isLessThanOrEqualTo(away + 1e-3);
    }

    @Property(tries = 200)
    void theGridAscends(@ForAll @Size(5) float[] values) {
        for (int n = 0; n < values.length; n++) {
            values[n] = Float.isFinite(values[n]) ? values[n] % 1e6f : 0;
        }
        Quantiles.toGrid(new float[] {.1f, .3f, .5f, .7f, .9f}, values, grid);
        assertThat(grid).isSorted();
    }
}
