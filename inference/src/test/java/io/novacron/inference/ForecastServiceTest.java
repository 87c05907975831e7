package io.novacron.inference;

import static io.novacron.inference.TestSeries.DAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ForecastServiceTest {
    private static final int[] HORIZONS = {1, 12, 288};
    private static final long LIMIT_NS = 1_000_000;
    private static final ForecastConfig CONFIG =
            new ForecastConfig(Duration.ofNanos(LIMIT_NS), 3, 4, 12);

    private final FakeModel model = new FakeModel();
    private final Forecasts out = new Forecasts();
    private long nowNs = Long.MAX_VALUE - 5; // the clock may wrap

    private ForecastService service() {
        return new ForecastService(
                CONFIG, ModelSlot.serving(new GbtForecaster(model), "a test"), () -> nowNs);
    }

    private static ForecastRequest request(float[]... series) {
        return new ForecastRequest(TestSeries.of(series), HORIZONS, Bounds.PERCENT);
    }

    private static float[][] fleet(int vms) {
        float[][] series = new float[vms][];
        for (int vm = 0; vm < vms; vm++) {
            series[vm] = TestSeries.daily(3 * DAY, 40, 20, 3, vm);
        }
        return series;
    }

    @Test
    void theModelAnswersWhereItCan() {
        var service = service();
        float[] series = TestSeries.daily(3 * DAY, 40, 20, 3, 1);
        service.forecast(request(series), out);
        assertThat(out.model(0)).isEqualTo(ModelKind.GBT);
        assertThat(out.reason(0)).isEqualTo(FallbackReason.NONE);
        assertThat(out.median(0, 0)).isCloseTo(series[series.length - 1], within(1e-3f));
    }

    @Test
    void theCardsCalibrationWidensUpToItsHorizon() {
        var service = service();
        service.forecast(request(TestSeries.daily(3 * DAY, 50, 10, 1, 1)), out);
        float base = out.median(0, 0);
        float low = base - out.at(1, Quantiles.LOW, 0);
        float lowFar = base - out.at(2, Quantiles.LOW, 0); // 288 steps: no calibration
        assertThat(low / lowFar).isCloseTo((float) (Math.sinh(1.5) / Math.sinh(1)), within(.01f));
    }

    @Test
    void hardSeriesGetDefinedAnswersAndReasons() {
        var service = service();
        service.forecast(
                request(
                        TestSeries.missing(3 * DAY),
                        TestSeries.constant(3 * DAY, 42),
                        TestSeries.oneSample(3 * DAY, 7),
                        TestSeries.series(3 * DAY, step -> step < DAY ? 9 : Double.NaN)),
                out);
        assertThat(out.model(0)).isEqualTo(ModelKind.NONE);
        assertThat(out.reason(0)).isEqualTo(FallbackReason.ALL_MISSING);
        assertThat(out.median(0, 0)).as("never a silent zero").isNaN();
        assertThat(out.median(1, 1)).isCloseTo(42, within(.5f));
        assertThat(out.median(0, 2)).isCloseTo(7, within(.5f));
        assertThat(out.reason(3)).isEqualTo(FallbackReason.STALE);
        assertThat(out.model(3)).isNotEqualTo(ModelKind.GBT);
        assertThat(out.median(0, 3)).isCloseTo(9, within(.5f));
    }

    @Test
    void aMissingModelLeavesTheNextOneAndSaysSo() {
        var service = new ForecastService(CONFIG, ModelSlot.none(), () -> nowNs);
        service.forecast(request(TestSeries.daily(3 * DAY, 40, 20, 3, 1)), out);
        assertThat(out.model(0)).isEqualTo(ModelKind.HOLT_WINTERS);
        assertThat(out.reason(0)).isEqualTo(FallbackReason.MODEL_MISSING);
        assertThat(service.status().getFirst().state()).isEqualTo(TierStatus.State.UNAVAILABLE);
        assertThat(service.status().getFirst().detail()).contains("no model");
    }

    @Test
    void shortHistoriesGoDownToTheLastValue() {
        var service = new ForecastService(CONFIG, ModelSlot.none(), () -> nowNs);
        service.forecast(request(TestSeries.series(10, step -> step)), out);
        assertThat(out.model(0)).isEqualTo(ModelKind.LAST_VALUE);
        assertThat(out.median(0, 0)).isEqualTo(9);
    }

    @Test
    void aNaNFromTheModelIsNeverServed() {
        int[] rows = {0};
        model.behaviour = values -> ++rows[0] > 3 ? values : new float[] {-1, Float.NaN, 1};
        var service = service();
        service.forecast(request(fleet(2)), out);
        assertThat(out.reason(0)).isEqualTo(FallbackReason.MODEL_NAN);
        assertThat(out.model(0)).isEqualTo(ModelKind.HOLT_WINTERS);
        assertThat(out.median(0, 0)).isFinite();
        assertThat(out.model(1)).as("its neighbour is not disturbed").isEqualTo(ModelKind.GBT);
        assertThat(service.status().getFirst().nonFinite()).isEqualTo(1);
    }

    @Test
    void aFailingRunFallsBackAndIsCounted() {
        model.behaviour = _ -> new float[0];
        var service = service();
        service.forecast(request(fleet(2)), out);
        assertThat(out.reason(1)).isEqualTo(FallbackReason.MODEL_FAILED);
        assertThat(out.model(1)).isEqualTo(ModelKind.HOLT_WINTERS);
        assertThat(service.status().getFirst().failures()).isEqualTo(1);
    }

    @Test
    void aSlowModelHandsOverPausesAndComesBack() {
        model.behaviour =
                values -> {
                    nowNs += LIMIT_NS / 600; // a block has 1,023 rows: two blocks are too many
                    return values;
                };
        var service = service();
        ForecastRequest request = request(fleet(1000));
        service.forecast(request, out);
        assertThat(out.model(0)).isEqualTo(ModelKind.GBT);
        assertThat(out.reason(999)).isEqualTo(FallbackReason.MODEL_TOO_SLOW);
        assertThat(out.model(999)).isEqualTo(ModelKind.HOLT_WINTERS);
        TierStatus status = service.status().getFirst();
        assertThat(status.state()).isEqualTo(TierStatus.State.PAUSED);
        assertThat(status.overruns()).isEqualTo(1);
        assertThat(status.pausedCalls()).isEqualTo(3);

        ForecastRequest small = request(fleet(2));
        int runs = model.runs;
        for (int call = 0; call < 3; call++) {
            service.forecast(small, out);
            assertThat(out.reason(0)).isEqualTo(FallbackReason.MODEL_PAUSED);
        }
        assertThat(model.runs).as("not asked while paused").isEqualTo(runs);
        service.forecast(small, out);
        assertThat(out.model(0)).isEqualTo(ModelKind.GBT);
    }

    @Test
    void aReplayOfThePlanGivesTheSameBytesWithoutAClock() {
        model.behaviour =
                values -> {
                    nowNs += LIMIT_NS / 600;
                    return values;
                };
        ForecastRequest request =
                new ForecastRequest(TestSeries.of(fleet(1000)), HORIZONS, Bounds.PERCENT, true);
        service().forecast(request, out);
        assertThat(out.plan().seriesLimit(ModelKind.GBT)).isBetween(1, 999);

        var again = new Forecasts();
        var plan = WorkPlan.of(out.plan().seriesLimits(), out.plan().backtestOrigins());
        assertThat(plan).isEqualTo(out.plan());
        new ForecastService(
                        CONFIG,
                        ModelSlot.serving(new GbtForecaster(new FakeModel()), "a test"),
                        () -> {
                            throw new AssertionError("a replay reads no clock");
                        })
                .replay(request, plan, again);
        assertThat(Arrays.equals(again.values(), out.values())).isTrue();
        assertThat(again.models()).isEqualTo(out.models());
        assertThat(again.reasons()).isEqualTo(out.reasons());
        for (int vm = 0; vm < 1000; vm++) {
            assertThat(Float.compare(again.confidence(vm), out.confidence(vm))).isZero();
        }
    }

    @Test
    void anotherStepOrHorizonThanTrainedIsPassedOn() {
        var service = service();
        float[] values = TestSeries.daily(500, 40, 20, 3, 1);
        Window minutes = Window.of(values, 1, 500, 60, 0);
        service.forecast(new ForecastRequest(minutes, new int[] {1}, Bounds.PERCENT), out);
        assertThat(out.reason(0)).isEqualTo(FallbackReason.WRONG_STEP);
        service.forecast(
                new ForecastRequest(TestSeries.of(values), new int[] {289}, Bounds.PERCENT), out);
        assertThat(out.reason(0)).isEqualTo(FallbackReason.HORIZON_TOO_LONG);
        assertThat(out.model(0)).isNotEqualTo(ModelKind.NONE);
    }

    @Test
    void confidenceIsHighForTheSteadyAndLowForTheErratic() {
        var service = service();
        float[] erratic = TestSeries.series(3 * DAY, step -> step * 7919L % 97);
        float[] gappy = TestSeries.series(3 * DAY, step -> step % 2 == 0 ? 30 : Double.NaN);
        ForecastRequest request =
                new ForecastRequest(
                        TestSeries.of(TestSeries.constant(3 * DAY, 30), erratic, gappy),
                        HORIZONS,
                        Bounds.PERCENT,
                        true);
        service.forecast(request, out);
        assertThat(out.plan().backtestOrigins()).isEqualTo(4);
        assertThat(out.confidence(0))
                .isEqualTo(9 / 10f); // 4 origins × 2 horizons all hit: (8+1)/(8+2)
        assertThat(out.confidence(1)).isLessThan(.5f);
        assertThat(out.confidence(2)).as("half of it is missing").isLessThan(.46f);
        assertThat(out.skill(0)).as("the last value made no error").isNaN();
    }

    @Test
    void confidenceStaysUntilTheNextBacktestAndIsUnknownBeforeTheFirst() {
        var service = service();
        float[] series = TestSeries.constant(3 * DAY, 30);
        service.forecast(request(series), out);
        assertThat(out.confidence(0)).isNaN();
        service.forecast(
                new ForecastRequest(TestSeries.of(series), HORIZONS, Bounds.PERCENT, true), out);
        float judged = out.confidence(0);
        service.forecast(request(series), out);
        assertThat(out.confidence(0)).isEqualTo(judged);
    }

    @Test
    void anotherModelIsInstalledAndTheOldOneClosed() {
        var service = service();
        service.install(ModelSlot.none());
        assertThat(model.closed).isTrue();
        service.forecast(request(fleet(1)), out);
        assertThat(out.reason(0)).isEqualTo(FallbackReason.MODEL_MISSING);
    }

    @Test
    void anEmptyFleetIsNoProblem() {
        var service = service();
        service.forecast(
                new ForecastRequest(
                        Window.of(new float[0], 0, 0, 300, 0), HORIZONS, Bounds.PERCENT, true),
                out);
        assertThat(out.series()).isZero();
    }
}
