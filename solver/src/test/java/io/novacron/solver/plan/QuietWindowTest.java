package io.novacron.solver.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class QuietWindowTest {
    @Test
    void theLowestPeakWinsThenTheMeanThenTheEarliest() {
        double[] use = {50, 20, 30, 60, 10, 30, 70, 20, 30};
        assertThat(QuietWindow.quietest(use, 2, 3))
                .containsExactly(
                        new QuietWindow(4, 2, 30, 20),
                        new QuietWindow(1, 2, 30, 25),
                        new QuietWindow(7, 2, 30, 25));
    }

    @Test
    void whatIsNotPredictedIsNoWindow() {
        double[] use = {1, Double.NaN, 1, 9, 9};
        assertThat(QuietWindow.quietest(use, 2, 9))
                .extracting(QuietWindow::from)
                .containsExactly(2);
        assertThat(QuietWindow.quietest(new double[3], 4, 1)).isEmpty();
    }

    @Property(tries = 300, seed = "20261121")
    void noOtherWindowIsQuieterThanTheFirst(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        double[] use = random.doubles(1 + random.nextInt(50), 0, 100).toArray();
        int length = 1 + random.nextInt(use.length);
        QuietWindow first = QuietWindow.quietest(use, length, 1).getFirst();
        for (int from = 0; from + length <= use.length; from++) {
            double peak = 0;
            for (int step = from; step < from + length; step++) {
                peak = Math.max(peak, use[step]);
            }
            assertThat(peak).isGreaterThanOrEqualTo(first.peak());
        }
    }
}
