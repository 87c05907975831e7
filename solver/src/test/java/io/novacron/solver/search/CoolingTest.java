package io.novacron.solver.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoolingTest {
    private static final double HOTTEST = 1e6;
    private static final double COLDEST = 1;
    private static final int OBSERVATIONS = 4_000;

    @Test
    void coolsEvenlyFromHotToCold() {
        var cooling = Cooling.even(HOTTEST, COLDEST);
        assertThat(cooling.temperature(0)).isEqualTo(HOTTEST);
        assertThat(cooling.temperature(0.5)).isBetween(0.99e3, 1.01e3);
        assertThat(cooling.temperature(1)).isBetween(0.99, 1.01);
    }

    /// The cost falls between the shares of a quarter and a half, that is from 31,600 to 1,000; six
    /// tenths of it are left at 7,900.
    @ParameterizedTest
    @ValueSource(doubles = {0, 500}) // what is added to it in the second half, evenly
    void spendsItsTimeWhereTheCostFellForGood(double rise) {
        var cooling = Cooling.even(HOTTEST, COLDEST);
        for (int index = 0; index < OBSERVATIONS; index++) {
            double share = (double) index / OBSERVATIONS;
            double cost = 10_000 - 4 * 9_000 * Math.clamp(share - 0.25, 0, 0.25);
            cooling.observe(share, cost + rise * 2 * Math.max(0, share - 0.5));
        }
        var refined = cooling.refined(10_000, 5e-3, 40);
        assertThat(refined.temperature(0.25)).isBetween(1e3, 16e3);
        assertThat(refined.temperature(0.7)).isBetween(0.5e3, 2e3);
        assertThat(refined.temperature(0)).isBetween(10e3, 23e3);
        assertThat(refined.temperature(1)).isBetween(0.99, 1.01);
    }

    @Test
    void startsWhereItIsNoDearerThanThePlanBefore() {
        var cooling = Cooling.even(HOTTEST, COLDEST);
        for (int index = 0; index < OBSERVATIONS; index++) {
            double share = (double) index / OBSERVATIONS;
            cooling.observe(share, 100_000 * (1 - share));
        }
        assertThat(cooling.refined(20_000, 5e-3, 40).temperature(0)).isLessThan(15);
    }

    @Test
    void addsWhatAnotherOneObserved() {
        var cooling = Cooling.even(HOTTEST, COLDEST);
        var other = cooling.again();
        var both = cooling.again();
        for (int index = 0; index < OBSERVATIONS; index++) {
            double share = (double) index / OBSERVATIONS;
            (index % 2 == 0 ? cooling : other).observe(share, 1_000 * (1 - share));
            both.observe(share, 1_000 * (1 - share));
        }
        cooling.add(other);
        assertThat(cooling.refined(1_000, 5e-3, 40).temperature(0.3))
                .isEqualTo(both.refined(1_000, 5e-3, 40).temperature(0.3));
    }

    @Test
    void takesWhatFellTooFastForFrozen() {
        var cooling = Cooling.even(HOTTEST, COLDEST);
        for (int index = 0; index < OBSERVATIONS; index++) {
            double share = (double) index / OBSERVATIONS;
            cooling.observe(share, 1_000 * (1 - share)); // to the end
        }
        assertThat(cooling.refined(1_000, 5e-3, 40).temperature(0.8)).isLessThan(100);
        assertThat(cooling.refined(1_000, 5e-3, 4).temperature(0.5)).isGreaterThan(200);
    }

    @Test
    void keepsItsTimesWhenNothingFell() {
        var cooling = Cooling.even(HOTTEST, COLDEST);
        cooling.observe(0.1, 7);
        cooling.observe(0.9, 7);
        assertThat(cooling.refined(7, 5e-3, 40).temperature(0.5)).isBetween(0.99e3, 1.01e3);
    }

    @Test
    void forgetsWhatItObservedWhenItIsUsedAgain() {
        var cooling = Cooling.even(HOTTEST, COLDEST);
        cooling.observe(0.1, 9);
        cooling.observe(0.9, 1);
        var again = cooling.again();
        assertThat(again.refined(9, 5e-3, 40).temperature(0.5)).isEqualTo(cooling.temperature(0.5));
    }
}
