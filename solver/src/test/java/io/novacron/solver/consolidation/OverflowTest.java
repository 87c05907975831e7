package io.novacron.solver.consolidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OverflowTest {
    @Test
    void atCapacityHalfTheMeanDeviationOverflows() {
        assertThat(Overflow.expected(100, 100, 25)).isCloseTo(5 * .398942, within(1e-5));
    }

    @Test
    void farBelowCapacityNothingIsExpected() {
        assertThat(Overflow.expected(100, 50, 25)).isZero();
    }

    @Test
    void farAboveCapacityTheWholeExcessIsExpected() {
        assertThat(Overflow.expected(100, 200, 25)).isCloseTo(100, within(1e-5));
    }

    @Test
    void itIsTheMeanOfWhatSticksOut() {
        var random = new java.util.Random(7);
        double sum = 0;
        int draws = 400_000;
        for (int i = 0; i < draws; i++) {
            sum += Math.max(0, 90 + 8 * random.nextGaussian() - 100);
        }

        assertThat(Overflow.expected(100, 90, 64)).isCloseTo(sum / draws, within(.01));
    }

    @Test
    void itGrowsWithMeanAndVariance() {
        var random = new SplittableRandom(3);
        for (int i = 0; i < 1_000; i++) {
            double mean = 50 + 100 * random.nextDouble();
            double variance = 2 + 500 * random.nextDouble();
            double here = Overflow.expected(100, mean, variance);

            assertThat(Overflow.expected(100, mean + 1, variance)).isGreaterThanOrEqualTo(here);
            assertThat(Overflow.expected(100, mean, variance + 5))
                    .isGreaterThanOrEqualTo(here - 1e-5);
        }
    }
}
