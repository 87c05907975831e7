package io.novacron.inference;

import static io.novacron.inference.TestSeries.DAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimpleForecastersTest {
    private static final int[] HORIZONS = {1, 12, 300};

    static Stream<Forecaster> all() {
        return Stream.of(
                new LastValueForecaster(),
                new SeasonalNaiveForecaster(),
                new HoltWintersForecaster());
    }

    @Test
    void lastValueHoldsTheNewestValidValue() {
        float[] series = {10, 12, 11, 13, Float.NaN};
        Forecasts out =
                TestSeries.forecast(
                        new LastValueForecaster(), TestSeries.of(series), Bounds.PERCENT, 1, 5);
        assertThat(out.median(0, 0)).isEqualTo(13);
        assertThat(out.median(1, 0)).isEqualTo(13);
        assertThat(out.at(1, Quantiles.HIGH, 0)).isGreaterThan(out.at(0, Quantiles.HIGH, 0));
    }

    @Test
    void lastValueGivesASingleSampleAnIntervalAroundIt() {
        Window window = TestSeries.of(TestSeries.oneSample(50, 40));
        Forecasts out =
                TestSeries.forecast(new LastValueForecaster(), window, Bounds.PERCENT, 1, 12);
        assertThat(out.median(0, 0)).isEqualTo(40);
        assertThat(out.at(0, Quantiles.LOW, 0)).isLessThan(40);
        assertThat(out.at(0, Quantiles.HIGH, 0)).isGreaterThan(40);
    }

    @Test
    void seasonalNaiveRepeatsTheDayBefore() {
        Window window = TestSeries.of(TestSeries.daily(4 * DAY, 50, 30, 0, 1));
        Forecasts out =
                TestSeries.forecast(
                        new SeasonalNaiveForecaster(), window, Bounds.PERCENT, 72, 216, 360);
        assertThat(out.median(0, 0)).isCloseTo(80, within(1f)); // a quarter of a day: the top
        assertThat(out.median(1, 0)).isCloseTo(20, within(1f));
        assertThat(out.median(2, 0)).as("the next day again").isCloseTo(80, within(1f));
    }

    @Test
    void seasonalNaiveGoesBackAnotherDayWhereTheLastOneIsMissing() {
        float[] series = TestSeries.daily(4 * DAY, 50, 30, 0, 1);
        series[3 * DAY + 71] = Float.NaN;
        Forecasts out =
                TestSeries.forecast(
                        new SeasonalNaiveForecaster(), TestSeries.of(series), Bounds.PERCENT, 72);
        assertThat(out.median(0, 0)).isEqualTo(series[2 * DAY + 71]);
    }

    @Test
    void seasonalNaiveNeedsMoreThanADay() {
        Window window = TestSeries.of(TestSeries.daily(DAY, 50, 30, 0, 1));
        assertThat(TestSeries.outcomes(new SeasonalNaiveForecaster(), window, Bounds.PERCENT, 1))
                .containsExactly(FallbackReason.TOO_LITTLE_HISTORY.code());
    }

    @Test
    void holtWintersLearnsADailyShapeUnderNoise() {
        Window window = TestSeries.of(TestSeries.daily(6 * DAY, 50, 30, 3, 2));
        Forecasts out =
                TestSeries.forecast(
                        new HoltWintersForecaster(), window, Bounds.PERCENT, 72, 144, 216);
        assertThat(out.median(0, 0)).isCloseTo(80, within(4f));
        assertThat(out.median(1, 0)).isCloseTo(50, within(4f));
        assertThat(out.median(2, 0)).isCloseTo(20, within(4f));
        float width = out.at(0, Quantiles.HIGH, 0) - out.at(0, Quantiles.LOW, 0);
        assertThat(width).as("80 %% of a deviation of 3").isBetween(5f, 13f);
    }

    @Test
    void holtWintersFollowsARampAcrossMidnight() {
        Window window = TestSeries.of(TestSeries.series(8 * DAY, step -> 20 + .01 * step));
        Forecasts out =
                TestSeries.forecast(new HoltWintersForecaster(), window, Bounds.PERCENT, 1, 12);
        assertThat(out.median(0, 0)).isCloseTo(20 + .01f * 8 * DAY, within(.05f));
        assertThat(out.median(1, 0)).isCloseTo(20 + .01f * (8 * DAY + 11), within(.05f));
    }

    @Test
    void holtWintersCoversWhatComesNext() {
        int inside = 0;
        int vms = 200;
        for (int vm = 0; vm < vms; vm++) {
            float[] whole = TestSeries.daily(4 * DAY + 12, 40, 20, 4, vm);
            Window past = TestSeries.of(whole).until(4 * DAY);
            Forecasts out =
                    TestSeries.forecast(new HoltWintersForecaster(), past, Bounds.PERCENT, 12);
            float actual = whole[4 * DAY + 11];
            if (actual >= out.at(0, Quantiles.LOW, 0) && actual <= out.at(0, Quantiles.HIGH, 0)) {
                inside++;
            }
        }
        assertThat(inside / (double) vms).isBetween(.7, .9);
    }

    @ParameterizedTest
    @MethodSource("all")
    void quantilesAscendWithinTheBoundsOrThereIsAReason(Forecaster forecaster) {
        var random = new Random(5);
        float[][] hard = {
            TestSeries.missing(3 * DAY),
            TestSeries.constant(3 * DAY, 0),
            TestSeries.constant(3 * DAY, 100),
            TestSeries.oneSample(3 * DAY, 7),
            TestSeries.series(3 * DAY, step -> step < 2 * DAY ? 5 : 90),
            TestSeries.series(3 * DAY, step -> step % 7 == 0 ? Double.NaN : random.nextInt(100)),
            TestSeries.series(3 * DAY, step -> step % 5 == 0 ? 1e30 : -1e30),
            TestSeries.series(3 * DAY, step -> step % 3 == 0 ? Float.POSITIVE_INFINITY : 50),
            TestSeries.series(3 * DAY, step -> step > 400 && step < 800 ? Double.NaN : step % 50),
        };
        for (Bounds bounds : new Bounds[] {Bounds.PERCENT, Bounds.NON_NEGATIVE, Bounds.UNBOUNDED}) {
            Window window = TestSeries.of(hard);
            byte[] outcomes = TestSeries.outcomes(forecaster, window, bounds, HORIZONS);
            Forecasts out = TestSeries.forecast(forecaster, window, bounds, HORIZONS);
            assertThat(outcomes[0]).isEqualTo(FallbackReason.ALL_MISSING.code());
            for (int i = 0; i < hard.length; i++) {
                if (outcomes[i] != FallbackReason.NONE.code()) {
                    continue;
                }
                for (int h = 0; h < HORIZONS.length; h++) {
                    float before = bounds.min();
                    for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
                        float value = out.at(h, quantile, i);
                        assertThat(value).isBetween(before, bounds.max()).isFinite();
                        before = value;
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aConstantSeriesIsForecastAsThatConstant(Forecaster forecaster) {
        Window window = TestSeries.of(TestSeries.constant(3 * DAY, 42));
        Forecasts out = TestSeries.forecast(forecaster, window, Bounds.PERCENT, 1, 288);
        for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
            assertThat(out.at(0, quantile, 0)).isCloseTo(42, within(1e-3f));
            assertThat(out.at(1, quantile, 0)).isCloseTo(42, within(1e-3f));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void stopsBetweenBlocksWhenToldTo(Forecaster forecaster) {
        float[][] series = new float[40][];
        for (int i = 0; i < series.length; i++) {
            series[i] = TestSeries.daily(3 * DAY, 50, 20, 2, i);
        }
        byte[] outcomes = new byte[series.length];
        forecaster.forecast(
                new ForecastRequest(TestSeries.of(series), HORIZONS, Bounds.PERCENT),
                Selection.all(series.length),
                done -> done < 20,
                Forecasts.sized(series.length, HORIZONS.length),
                outcomes);
        assertThat(outcomes[31]).isEqualTo(FallbackReason.NONE.code());
        assertThat(outcomes[32]).isEqualTo(FallbackReason.MODEL_TOO_SLOW.code());
        assertThat(outcomes[39]).isEqualTo(FallbackReason.MODEL_TOO_SLOW.code());
    }
}
