package io.novacron.daemon.tick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.novacron.daemon.view.SeriesRow;
import io.novacron.daemon.view.WindowRow;
import io.novacron.solver.plan.QuietWindow;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HourlyUseTest {
    private static final double[] NO_HOURS = {};

    @Test
    void pastDaysGiveTheShape() {
        float[] past = days(7, 60);
        double[] use = HourlyUse.predict(past, NO_HOURS, NO_HOURS, 24);
        assertThat(use).hasSize(24);
        assertThat(use[3]).as("quiet at night").isCloseTo(10, within(1e-6));
        assertThat(use[12]).isCloseTo(60, within(1e-6));
        QuietWindow night = QuietWindow.quietest(use, 4, 1).getFirst();
        assertThat(night.from()).isBetween(0, 4);
    }

    @Test
    void theForecastGivesTheLevel() {
        float[] past = days(7, 60);
        double[] use = HourlyUse.predict(past, new double[] {1, 6}, new double[] {30, 30}, 24);
        assertThat(use[3]).as("20 above what is usual").isCloseTo(30, within(1e-6));
        assertThat(use[12]).isCloseTo(80, within(1e-6));
    }

    @Test
    void withoutAPastTheForecastIsAllThereIs() {
        double[] use =
                HourlyUse.predict(new float[0], new double[] {1, 3}, new double[] {10, 30}, 4);
        assertThat(use[1]).isCloseTo(15, within(1e-6));
        assertThat(use[3]).isCloseTo(30, within(1e-6));
        assertThat(HourlyUse.predict(new float[0], NO_HOURS, NO_HOURS, 2)).containsOnly(Double.NaN);
    }

    @Test
    void windowsBeginInTheFutureAndAreNamedByTheirTimes() {
        long hourMs = 3_600_000;
        long endMs = 24 * hourMs;
        var past = new SeriesRow(new UUID(1, 1), "host", 1, 3_600, endMs, days(1, 60));
        List<WindowRow> windows =
                Windows.quietest(past, Optional.empty(), endMs + hourMs / 2, 4, 24);
        WindowRow best = windows.getFirst();
        assertThat(best.fromMs()).as("the hour that has begun is over").isEqualTo(25 * hourMs);
        assertThat(best.toMs()).isEqualTo(29 * hourMs);
        assertThat(best.peakPercent()).isEqualTo(10);
        assertThat(windows).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void gapsAreNotZero() {
        float[] past = days(2, 60);
        past[3] = Float.NaN; // of the first day
        assertThat(HourlyUse.predict(past, NO_HOURS, NO_HOURS, 24)[3]).isCloseTo(10, within(1e-6));
    }

    /// Quiet for eight hours, busy for sixteen.
    private static float[] days(int count, float busy) {
        float[] hours = new float[count * 24];
        for (int hour = 0; hour < hours.length; hour++) {
            hours[hour] = hour % 24 < 8 ? 10 : busy;
        }
        return hours;
    }
}
