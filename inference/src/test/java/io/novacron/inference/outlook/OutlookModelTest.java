package io.novacron.inference.outlook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.novacron.inference.Bounds;
import io.novacron.inference.Quantiles;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Random;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutlookModelTest {
    private static final int DAYS = 35;
    private static final int HOURS = DAYS * 24;
    private static final long END_MS =
            Instant.parse("2026-03-02T00:00:00Z").toEpochMilli(); // Monday

    private final OutlookModel model = new OutlookModel(BusinessCalendar.UTC);
    private final Random random = new Random(3);

    @Test
    void continuesTrendAndWaves() {
        IntToDoubleFunction truth =
                hour ->
                        40
                                + .25 * hour / 24
                                + 8 * Math.sin(2 * Math.PI * hour / 24)
                                + (isWeekend(hour) ? -10 : 0);
        Outlook outlook = look(hour -> truth.applyAsDouble(hour) + random.nextGaussian(), 30);

        assertThat(outlook.trend()).isNotEqualTo(Outlook.Trend.FLAT);
        assertThat(outlook.slopePerDay()).isCloseTo(.25f, within(.05f));
        assertThat(outlook.historyDays()).isEqualTo(DAYS);
        for (int day : new int[] {0, 4, 5, 6, 13, 29}) {
            double sum = 0;
            for (int hour = 0; hour < 24; hour++) {
                sum += truth.applyAsDouble(HOURS + day * 24 + hour) / 24;
            }
            assertThat((double) outlook.dayMean(day, Quantiles.MEDIAN))
                    .as("day %d", day)
                    .isCloseTo(sum, within(2.));
        }
    }

    @Test
    void aSlopeThatIsNotThereIsNotContinued() {
        int steep = 0;
        for (int series = 0; series < 40; series++) {
            Outlook outlook = look(_ -> 50 + 4 * random.nextGaussian(), 90);
            steep += Math.abs(outlook.dayMean(89, Quantiles.MEDIAN) - 50) > 8 ? 1 : 0;
        }
        assertThat(steep).isLessThanOrEqualTo(3);
    }

    @Test
    void followsTheLevelThatChangedLastWeek() {
        Outlook outlook = look(hour -> (hour > HOURS - 120 ? 60 : 30) + random.nextGaussian(), 7);
        assertThat(outlook.dayMean(0, Quantiles.MEDIAN)).isBetween(45f, 65f);
    }

    @Test
    void boundsOfTheDailyMeanCoverARandomWalk() {
        int inside = 0;
        int count = 0;
        for (int series = 0; series < 120; series++) {
            double[] walk = new double[(DAYS + 21) * 24];
            double level = 50;
            for (int hour = 0; hour < walk.length; hour++) {
                level += .35 * random.nextGaussian();
                walk[hour] = level + 2 * random.nextGaussian();
            }
            Outlook outlook = look(hour -> walk[hour], 21);
            for (int day : new int[] {2, 6, 13, 20}) {
                double mean = 0;
                for (int hour = 0; hour < 24; hour++) {
                    mean += walk[HOURS + day * 24 + hour] / 24;
                }
                count++;
                inside +=
                        mean >= outlook.dayMean(day, Quantiles.LOW)
                                        && mean <= outlook.dayMean(day, Quantiles.HIGH)
                                ? 1
                                : 0;
            }
        }
        assertThat(inside / (double) count).isBetween(.72, .93);
    }

    @Test
    void hourlyQuantilesAscendAndStayWithinTheBounds() {
        Outlook outlook = look(hour -> hour % 7 == 0 ? 98 : 2 * random.nextDouble(), 90);
        for (int hour = 0; hour < 90 * 24; hour += 5) {
            float before = 0;
            for (int level = 0; level < Quantiles.COUNT; level++) {
                float value = outlook.quantile(hour, level);
                assertThat(value).isBetween(before, 100f);
                before = value;
            }
        }
    }

    @Test
    void tellsWhenAGrowingLevelReachesItsLimit() {
        // a peak of 60 now that grows by .5 a day reaches 80 after 40 days
        Outlook outlook =
                look(
                        hour ->
                                50
                                        + .5 * (hour - HOURS) / 24
                                        + 10 * Math.sin(2 * Math.PI * hour / 24)
                                        + .5 * random.nextGaussian(),
                        90);
        RunOut runOut = outlook.runOut(80);
        assertThat(runOut.expected()).isBetween(34, 46);
        assertThat(runOut.earliest()).isBetween(20, runOut.expected());
        assertThat(runOut.latest() == RunOut.NEVER || runOut.latest() >= runOut.expected())
                .isTrue();
        assertThat(outlook.runOut(40).expected()).as("it is there").isZero();
        assertThat(runOut.isPossible()).isTrue();
    }

    @Test
    void aSteadyLevelNeverRunsOut() {
        RunOut runOut = look(hour -> 20 + random.nextGaussian(), 90).runOut(90);
        assertThat(runOut).isEqualTo(new RunOut(RunOut.NEVER, RunOut.NEVER, RunOut.NEVER));
        assertThat(runOut.isPossible()).isFalse();
    }

    @Test
    void aHolidayIsLikeASunday() {
        IntToDoubleFunction office = hour -> isWeekend(hour) ? 5 : 40;
        var calendar =
                new BusinessCalendar(ZoneId.of("UTC"), Set.of(LocalDate.parse("2026-03-04")));
        Outlook outlook =
                new OutlookModel(calendar)
                        .look(values(office, HOURS), END_MS, Bounds.PERCENT, 7)
                        .orElseThrow();
        assertThat(outlook.dayMean(1, Quantiles.MEDIAN)).as("Tuesday").isBetween(35f, 45f);
        assertThat(outlook.dayMean(2, Quantiles.MEDIAN)).as("the holiday").isBetween(0f, 12f);
        assertThat(outlook.dayMean(6, Quantiles.MEDIAN)).as("Sunday").isBetween(0f, 12f);
    }

    @Test
    void theDayBeginsWhereThePeopleAre() {
        var tokyo = new BusinessCalendar(ZoneId.of("Asia/Tokyo"), Set.of());
        assertThat(BusinessCalendar.UTC.hourOfWeek(END_MS)).isZero();
        assertThat(tokyo.hourOfWeek(END_MS)).isEqualTo(9);
        assertThat(tokyo.hourOfWeek(END_MS - 10 * 3_600_000L)).as("Sunday").isEqualTo(167);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void nothingIsSaidOfASeriesWithoutValues(double value) {
        assertThat(model.look(values(_ -> value, HOURS), END_MS, Bounds.PERCENT, 7)).isEmpty();
        assertThat(model.look(new float[0], END_MS, Bounds.PERCENT, 7)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 42, -5, 1e30})
    void aConstantStaysWhatItIs(double value) {
        Outlook outlook =
                model.look(values(_ -> value, HOURS), END_MS, Bounds.UNBOUNDED, 90).orElseThrow();
        double expected = Math.min(value, 1e15);
        assertThat((double) outlook.dayMean(89, Quantiles.MEDIAN))
                .isCloseTo(expected, within(1e-3 * Math.abs(expected) + 1e-3));
        assertThat(outlook.trend()).isEqualTo(Outlook.Trend.FLAT);
    }

    @Test
    void fewDaysAndGapsAreEnoughForALevel() {
        Outlook outlook =
                look(
                        hour ->
                                hour < HOURS - 90 || hour % 3 == 0
                                        ? Double.NaN
                                        : 30 + hour % 24 / 12.,
                        90);
        assertThat(outlook.dayMean(60, Quantiles.MEDIAN)).isBetween(25f, 36f);
        assertThat(outlook.slopePerDay()).isZero();
        assertThat(
                        model.look(
                                values(hour -> hour > HOURS - 20 ? 5 : Double.NaN, HOURS),
                                END_MS,
                                Bounds.PERCENT,
                                7))
                .as("less than two days")
                .isEmpty();
    }

    @Test
    void reachIsBounded() {
        assertThatThrownBy(() -> look(_ -> 1, 91)).hasMessageContaining("days=91");
        assertThatThrownBy(() -> look(_ -> 1, 0)).hasMessageContaining("[1, 90]");
    }

    private Outlook look(IntToDoubleFunction series, int days) {
        return model.look(values(series, HOURS), END_MS, Bounds.PERCENT, days).orElseThrow();
    }

    private static float[] values(IntToDoubleFunction series, int count) {
        float[] values = new float[count];
        for (int hour = 0; hour < count; hour++) {
            values[hour] = (float) series.applyAsDouble(hour);
        }
        return values;
    }

    /// Hour [#HOURS] is a Monday's first.
    private static boolean isWeekend(int hour) {
        return Math.floorMod(hour - HOURS, 168) >= 120;
    }
}
