package io.novacron.inference.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class WidthPoolTest {
    private static final float NORMAL = 1.2816f; // .9 of a normal distribution lie below

    private final WidthPool pool = new WidthPool(2, 10);
    private final Random random = new Random(4);

    @Test
    void findsTheWidthThatCovers() {
        for (int round = 0; round < 20; round++) {
            pool.begin(round);
            for (int i = 0; i < 500; i++) {
                // deviation 2 above, forecast as 1; forecast right below; nothing of the other
                // target
                double x = random.nextGaussian();
                tell(round, (float) (x > 0 ? 2 * x : x));
            }
            pool.endRound();
        }
        assertThat(pool.logWidth(0, 1)).isCloseTo((float) Math.log(2), within(.08f));
        assertThat(pool.logWidth(0, 0)).isCloseTo(0, within(.08f));
        assertThat(pool.logWidth(1, 0)).isZero();
    }

    @Test
    void lateOutcomesDoNotMakeItSwing() {
        // outcomes come ten rounds after the forecast, which was made with the width of its time
        float least = 9;
        float most = -9;
        for (int round = 0; round < 200; round++) {
            pool.begin(round);
            for (int i = 0; round >= 10 && i < 100; i++) {
                tell(round - 10, 3 * (float) random.nextGaussian());
            }
            pool.endRound();
            if (round > 20) {
                least = Math.min(least, pool.logWidth(0, 1));
                most = Math.max(most, pool.logWidth(0, 1));
            }
        }
        assertThat(least).isCloseTo((float) Math.log(3), within(.25f));
        assertThat(most).isCloseTo((float) Math.log(3), within(.25f));
    }

    /// An outcome of a forecast at `step`, whose interval was right for a deviation of 1.
    private void tell(int step, float outcome) {
        float below = pool.logWidthAt(step, 0, 0);
        float above = pool.logWidthAt(step, 0, 1);
        float low = (float) -Math.exp(below) * NORMAL;
        float high = (float) Math.exp(above) * NORMAL;
        pool.tell(0, low, 0, high, below, above, outcome);
    }

    @Test
    void aFewOutcomesSayLittle() {
        pool.begin(1);
        for (int i = 0; i < 5; i++) {
            pool.tell(0, -1, 0, 1, 0, 0, 40);
        }
        pool.endRound();
        assertThat(pool.logWidth(0, 1)).isBetween(0f, 1.4f);
        assertThat(pool.logWidth(0, 0)).as("below there was never one").isLessThan(.05f);
    }

    @Test
    void staysWithinFourTimes() {
        pool.begin(1);
        for (int i = 0; i < 10_000; i++) {
            pool.tell(0, -1, 0, 1, 0, 0, 1e6f);
            pool.tell(1, 5, 5, 5, 0, 0, 5);
        }
        pool.endRound();
        assertThat(pool.logWidth(0, 1)).isEqualTo(1.4f);
        assertThat(pool.logWidth(1, 1)).isEqualTo(-1.4f);
    }

    @Test
    void aForecastOfLongAgoIsNotKnownAnyMore() {
        pool.begin(5);
        pool.begin(16);
        assertThat(pool.logWidthAt(5, 0, 0)).isNaN();
        assertThat(pool.logWidthAt(16, 0, 0)).isZero();
        pool.tell(0, -1, 0, 1, Float.NaN, Float.NaN, 50);
        pool.endRound();
        assertThat(pool.logWidth(0, 1)).as("and tells nothing").isZero();
    }
}
