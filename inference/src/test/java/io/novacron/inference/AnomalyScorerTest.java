package io.novacron.inference;

import static io.novacron.inference.TestSeries.DAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AnomalyScorerTest {
    private final AnomalyScorer scorer = new AnomalyScorer(AnomalyConfig.DEFAULT);
    private final Anomalies anomalies = new Anomalies();

    private void score(float[]... series) {
        scorer.score(TestSeries.of(series), Bounds.PERCENT, anomalies);
    }

    @Test
    void aJumpOutOfACalmPastIsAnAnomaly() {
        float[] series = noisy(2 * DAY, 20, 1);
        series[series.length - 1] = 80;
        score(series);
        assertThat(anomalies.isAnomaly(0)).isTrue();
        assertThat(anomalies.score(0)).isGreaterThan(20);
        assertThat(anomalies.expected(0)).isCloseTo(20, within(2f));
        assertThat(anomalies.tailShare(0)).isZero();
    }

    @Test
    void aDropIsOneTooWithItsSign() {
        float[] series = noisy(2 * DAY, 60, 1);
        series[series.length - 1] = 0;
        score(series);
        assertThat(anomalies.isAnomaly(0)).isTrue();
        assertThat(anomalies.score(0)).isNegative();
    }

    @Test
    void aDailyJobIsAHabit() {
        float[] series = noisy(3 * DAY, 20, 1);
        for (int day = 1; day <= 3; day++) {
            series[day * DAY - 1] = 80;
        }
        score(series);
        assertThat(anomalies.score(0)).isGreaterThan(20);
        assertThat(anomalies.isAnomaly(0)).isFalse();
    }

    @Test
    void frequentBurstsAreNoAnomaly() {
        float[] series = noisy(2 * DAY, 5, .2f);
        var random = new Random(4);
        for (int burst = 0; burst < 20; burst++) {
            series[random.nextInt(series.length)] = 90;
        }
        series[series.length - 1] = 90;
        score(series);
        assertThat(anomalies.isAnomaly(0)).isFalse();
    }

    @Test
    void ordinaryNoiseRaisesAlmostNoAlarm() {
        float[][] many = new float[500][];
        for (int i = 0; i < many.length; i++) {
            many[i] = noisy(2 * DAY, 30, i);
        }
        score(many);
        int alarms = 0;
        for (int i = 0; i < many.length; i++) {
            alarms += anomalies.isAnomaly(i) ? 1 : 0;
        }
        assertThat(alarms).isLessThanOrEqualTo(1);
    }

    @Test
    void saysNothingWithoutAValueOrAPast() {
        score(
                TestSeries.missing(DAY),
                TestSeries.oneSample(DAY, 90),
                TestSeries.series(DAY, step -> step == DAY - 1 ? Double.NaN : 50));
        for (int i = 0; i < 3; i++) {
            assertThat(anomalies.score(i)).isNaN();
            assertThat(anomalies.isAnomaly(i)).isFalse();
        }
    }

    @Test
    void aConstantSeriesThatMovesALittleIsNotInfinitelyStrange() {
        float[] series = TestSeries.constant(2 * DAY, 50);
        series[series.length - 1] = 50.5f;
        score(series);
        assertThat(anomalies.score(0)).isCloseTo(.5f, within(.01f));
        assertThat(anomalies.isAnomaly(0)).isFalse();
    }

    private static float[] noisy(int steps, double level, double seed) {
        var random = new Random(Double.hashCode(seed));
        return TestSeries.series(steps, _ -> level + random.nextGaussian());
    }
}
