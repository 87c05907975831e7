package io.novacron.inference.ensemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.Bounds;
import io.novacron.inference.member.Target;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FleetEnsembleTest {
    private static final int DAY = 24;
    private static final List<Target> TARGETS =
            List.of(Target.at(1), Target.at(6), new Target(1, 12));

    @Test
    void quantilesAscendAndCoverWhatTheyPromise() {
        int series = 20;
        var fleet = fleet(series, TARGETS);
        var random = new Random(5);
        int inside = 0;
        int count = 0;
        for (int step = 0; step < 900; step++) {
            float[] values = new float[series];
            for (int i = 0; i < series; i++) {
                values[i] = 40 + i + 8 * (float) random.nextGaussian();
            }
            for (int i = 0; i < series && step > 300; i++) {
                count++;
                inside +=
                        values[i] >= fleet.quantile(i, 0, 0) && values[i] <= fleet.quantile(i, 0, 8)
                                ? 1
                                : 0;
            }
            fleet.update(values, series, 0, 1);
            fleet.ask();
            fleet.mix(true);
            assertAscending(fleet);
        }
        assertThat(inside / (double) count).isBetween(.78, .82);
    }

    @Test
    void weightGoesToTheMemberThatKnows() {
        var fleet = fleet(1, TARGETS);
        for (int step = 0; step < 60 * DAY; step++) {
            feed(fleet, step % DAY < 6 ? 80 : 5); // only the season knows the jumps
        }
        for (int step = 0; step < DAY; step++) {
            float expected = (step + 5) % DAY < 6 ? 80 : 5;
            if (step > 0) { // six steps ahead of the newest, which is step - 1
                assertThat(fleet.quantile(0, 1, 4)).as("hour %s", step).isEqualTo(expected);
            }
            feed(fleet, step % DAY < 6 ? 80 : 5);
        }
    }

    @Test
    void aShiftOfLevelIsNoticedAndFollowed() {
        var fleet = fleet(1, TARGETS);
        var random = new Random(2);
        for (int step = 0; step < 400; step++) {
            feed(fleet, 10 + (float) random.nextGaussian());
        }
        assertThat(fleet.series(0).drifts()).isZero();
        for (int step = 0; step < 40; step++) {
            feed(fleet, 90 + (float) random.nextGaussian());
        }
        assertThat(fleet.series(0).drifts()).isPositive();
        assertThat(fleet.quantile(0, 0, 4)).isBetween(80f, 100f);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aSeriesWithoutAnyValueIsUnknownNotZero(float nothing) {
        var fleet = fleet(1, TARGETS);
        for (int step = 0; step < 100; step++) {
            feed(fleet, nothing);
        }
        assertThat(fleet.quantile(0, 0, 4)).isNaN();
        assertThat(fleet.quantile(0, 2, 0)).isNaN();
    }

    @Test
    void oneSampleIsEnoughForAnAnswerWithDoubt() {
        var fleet = fleet(1, TARGETS);
        feed(fleet, 12);

        assertThat(fleet.quantile(0, 1, 4)).isEqualTo(12);
        assertThat(fleet.quantile(0, 1, 0)).isLessThan(12);
        assertThat(fleet.quantile(0, 1, 8)).isGreaterThan(12);
    }

    @Test
    void answersStayWithinTheBoundsWhateverComes() {
        var fleet = fleet(1, TARGETS);
        var random = new Random(9);
        for (int step = 0; step < 300; step++) {
            feed(
                    fleet,
                    switch (random.nextInt(6)) {
                        case 0 -> 1e30f;
                        case 1 -> -1e30f;
                        case 2 -> Float.NaN;
                        default -> random.nextInt(100);
                    });
            for (int target = 0; target < TARGETS.size() && step > 6; target++) {
                assertThat(fleet.quantile(0, target, 0)).isBetween(0f, 100f);
                assertThat(fleet.quantile(0, target, 8)).isBetween(0f, 100f);
            }
            assertAscending(fleet);
        }
    }

    @Test
    void aYoungSeriesProfitsFromTheOthers() {
        assertThat(youngError(600)).isLessThan(youngError(0));
    }

    /// Mean error on noisy series in their first steps, beside as many that have had many steps.
    private static float youngError(float priorSteps) {
        int series = 60;
        var learning = new EnsembleConfig.Learning(4_000, 8, priorSteps, .02f, .1f);
        var fleet =
                new FleetEnsemble(
                        config(TARGETS, learning),
                        series,
                        FleetEnsemble.ExtraMembers.NONE,
                        FleetEnsemble.Rounds.SEQUENTIAL);
        var random = new Random(8);
        double error = 0;
        int count = 0;
        for (int step = 0; step < 90; step++) {
            float[] values = new float[series];
            for (int i = 0; i < series; i++) {
                float value = 50 + 10 * (float) random.nextGaussian();
                boolean young = i < series / 2;
                values[i] = !young || step >= 70 ? value : Float.NaN;
                if (young && step > 74) {
                    error += Math.abs(value - fleet.quantile(i, 0, 4));
                    count++;
                }
            }
            fleet.update(values, series, 0, 1);
            fleet.ask();
            fleet.mix(true);
        }
        return (float) (error / count);
    }

    @Test
    void threadsDoNotChangeTheAnswer() {
        FleetEnsemble.Rounds parallel =
                (count, body) ->
                        java.util.stream.IntStream.range(0, count).parallel().forEach(body);
        var one =
                new FleetEnsemble(
                        config(TARGETS),
                        8,
                        FleetEnsemble.ExtraMembers.NONE,
                        FleetEnsemble.Rounds.SEQUENTIAL);
        var many = new FleetEnsemble(config(TARGETS), 8, FleetEnsemble.ExtraMembers.NONE, parallel);
        var random = new Random(1);
        for (int step = 0; step < 120; step++) {
            float[] values = new float[8];
            for (int i = 0; i < 8; i++) {
                values[i] = random.nextInt(100);
            }
            for (FleetEnsemble fleet : List.of(one, many)) {
                fleet.update(values, 8, 0, 1);
                fleet.ask();
                fleet.mix(true);
            }
        }
        for (int i = 0; i < 8; i++) {
            for (int level = 0; level < 9; level++) {
                assertThat(many.quantile(i, 1, level)).isEqualTo(one.quantile(i, 1, level));
            }
        }
    }

    @Test
    void feedbackThatWaitsIsBounded() {
        var fleet = fleet(1, List.of(Target.at(200)));
        for (int step = 0; step < 100; step++) {
            feed(fleet, step);
        }
        assertThat(fleet.series(0).forgotten()).isEqualTo(100 - 32);
    }

    @Test
    void aWeightedMedianOfAscendingQuantilesAscends() {
        var random = new Random(4);
        var median = new WeightedMedian(5);
        for (int round = 0; round < 1_000; round++) {
            float[] weights = new float[5];
            float[] low = new float[5];
            float[] high = new float[5];
            for (int i = 0; i < 5; i++) {
                weights[i] = random.nextFloat();
                low[i] = random.nextInt(10);
                high[i] = low[i] + random.nextInt(3);
            }
            float below = of(median, low, weights);
            assertThat(of(median, high, weights)).isGreaterThanOrEqualTo(below);
        }
        median.clear();
        assertThat(median.value()).isNaN();
    }

    private static float of(WeightedMedian median, float[] values, float[] weights) {
        median.clear();
        for (int i = 0; i < values.length; i++) {
            median.add(values[i], weights[i]);
        }
        return median.value();
    }

    @Test
    void refusesAFleetThatMakesNoSense() {
        assertThatThrownBy(() -> config(List.of())).hasMessageContaining("targets.size()=0");
        assertThatThrownBy(() -> new EnsembleConfig.Learning(0, 8, 600, .02f, .1f))
                .hasMessageContaining("memorySteps=0");
    }

    private static void feed(FleetEnsemble fleet, float value) {
        fleet.update(new float[] {value}, 1, 0, 1);
        fleet.ask();
        fleet.mix(true);
    }

    private static void assertAscending(FleetEnsemble fleet) {
        for (int i = 0; i < fleet.size(); i++) {
            for (int target = 0; target < TARGETS.size(); target++) {
                for (int level = 1; level < 9; level++) {
                    float value = fleet.quantile(i, target, level);
                    assertThat(Float.isNaN(value) || value >= fleet.quantile(i, target, level - 1))
                            .as("series %s target %s level %s", i, target, level)
                            .isTrue();
                }
            }
        }
    }

    private static FleetEnsemble fleet(int series, List<Target> targets) {
        return new FleetEnsemble(
                config(targets),
                series,
                FleetEnsemble.ExtraMembers.NONE,
                FleetEnsemble.Rounds.SEQUENTIAL);
    }

    private static EnsembleConfig config(List<Target> targets) {
        return config(targets, EnsembleConfig.Learning.DEFAULT);
    }

    private static EnsembleConfig config(List<Target> targets, EnsembleConfig.Learning learning) {
        return new EnsembleConfig(
                targets,
                java.util.stream.IntStream.range(0, targets.size()).boxed().toList(),
                Bounds.PERCENT,
                1,
                DAY,
                1_000,
                32,
                learning);
    }
}
