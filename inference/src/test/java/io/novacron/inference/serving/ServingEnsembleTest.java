package io.novacron.inference.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.Bounds;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.Quantiles;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Series in, forecasts out, one step after another.
class ServingEnsembleTest {
    private static final int DAY = 48;
    private static final int WINDOW = 7 * DAY;
    private static final int START = 1_000_000;
    private static final List<Integer> TARGETS = List.of(1, 3, 6, 12, DAY);
    private static final ServingConfig CONFIG =
            new ServingConfig(Bounds.PERCENT, 1, TARGETS, DAY, WINDOW);

    private final MemoryBudget budget = new MemoryBudget(1 << 24);
    private final ServingEnsemble ensemble = new ServingEnsemble(CONFIG, budget);
    private final ServingAnswers answers = new ServingAnswers(TARGETS.size());

    @Test
    void everyAnswerIsFiniteAscendingAndWithinBounds() {
        Random random = new Random(5);
        float[][] series = new float[6][];
        for (int i = 0; i < series.length; i++) {
            series[i] = new float[WINDOW + 60];
            for (int step = 0; step < series[i].length; step++) {
                double value = 50 + 60 * random.nextGaussian();
                series[i][step] =
                        switch (random.nextInt(20)) {
                            case 0 -> Float.NaN;
                            case 1 -> Float.POSITIVE_INFINITY;
                            case 2 -> -1e30f;
                            case 3 -> 1e30f;
                            default -> (float) value;
                        };
            }
        }
        for (int step = 0; step < 60; step++) {
            serve(START + step, series, WINDOW + step, null);
            for (int i = 0; i < series.length; i++) {
                if (answers.isAnswered(i)) {
                    assertSound(i);
                }
            }
        }
        assertThat(ensemble.counters().outcomes()).isPositive();
    }

    @Test
    void aConstantSeriesStaysWhatItIs() {
        serveOne(step -> 42, 1);
        assertSound(0);
        for (int target = 0; target < TARGETS.size(); target++) {
            assertThat(answers.quantile(0, target, Quantiles.MEDIAN)).isEqualTo(42);
            assertThat(answers.quantile(0, target, Quantiles.LOW)).isGreaterThan(40);
            assertThat(answers.quantile(0, target, Quantiles.HIGH)).isLessThan(44);
        }
    }

    @Test
    void nothingIsSaidOfASeriesWithoutValues() {
        serveOne(step -> Double.NaN, 1);
        assertThat(answers.reason(0)).isEqualTo(FallbackReason.ALL_MISSING);
        assertThat(answers.quantile(0, 0, Quantiles.MEDIAN)).isNaN();
        assertThat(budget.usedBytes()).as("it costs nothing either").isZero();
    }

    @Test
    void oneSampleIsTooLittle() {
        serveOne(step -> step == WINDOW ? 7 : Double.NaN, 1);
        assertThat(answers.reason(0)).isEqualTo(FallbackReason.TOO_LITTLE_HISTORY);
    }

    @Test
    void aSeriesThatFellSilentIsStaleAndComesBack() {
        IntToDoubleFunction silentForAWhile = step -> step > 300 && step < 340 ? Double.NaN : 30;
        float[][] series = {values(silentForAWhile, 600)};
        serve(START, series, 300, null);
        assertThat(answers.isAnswered(0)).isTrue();
        serve(START + 39, series, 339, null);
        assertThat(answers.reason(0)).isEqualTo(FallbackReason.STALE);
        serve(START + 60, series, 360, null);
        assertThat(answers.isAnswered(0)).isTrue();
        assertThat(answers.quantile(0, 0, Quantiles.MEDIAN)).isEqualTo(30);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, -400, 2_000_000})
    void timeMayJump(int by) {
        float[][] series = {values(step -> 20 + step % 5, 700)};
        serve(START, series, 400, null);
        serve(START + by, series, 500, null);
        assertSound(0);
        for (int step = 1; step < 40; step++) {
            serve(START + by + step, series, 500 + step, null);
        }
        assertThat(ensemble.counters().outcomes()).as("it goes on learning").isPositive();
    }

    @Test
    void aMetricThatChangesItsUnitIsFollowed() {
        serveOne(step -> step < WINDOW + 100 ? 80 + step % 3 : .8 + step % 3 / 100., 200);
        assertSound(0);
        assertThat(answers.quantile(0, 0, Quantiles.MEDIAN)).isBetween(.7f, .9f);
        assertThat(ensemble.counters().drifts()).isPositive();
    }

    @Test
    void aDailyShapeIsLearned() {
        Random random = new Random(3);
        serveOne(step -> 50 + 30 * Math.sin(2 * Math.PI * step / DAY) + random.nextGaussian(), 400);
        AccuracyRow hour = row(12, AccuracyRow.ENSEMBLE);
        AccuracyRow naive = row(12, "last-value");
        assertThat(hour.wape()).isLessThan(naive.wape() / 3);
        assertThat(hour.skill()).isGreaterThan(.5);
        assertThat(naive.skill()).isZero();
        AccuracyRow own = Objects.requireNonNull(ensemble.accuracyOf(0, 3));
        assertThat(own.skill()).isGreaterThan(.5);
        assertThat(answers.confidence(0)).isGreaterThan(.9f);
    }

    @Test
    void intervalsCoverWhatTheySay() {
        Random random = new Random(8);
        int count = 40;
        int steps = 500;
        float[][] series = new float[count][WINDOW + steps];
        for (float[] one : series) {
            double level = 0;
            for (int step = 0; step < one.length; step++) {
                level = .9 * level + 3 * random.nextGaussian();
                one[step] = (float) Math.clamp(50 + level, 0, 100);
            }
        }
        for (int step = 0; step < steps; step++) {
            serve(START + step, series, WINDOW + step, null);
            ensemble.endRound();
        }
        for (int target : List.of(1, 3, 6, 12)) {
            AccuracyRow row = row(target, AccuracyRow.ENSEMBLE);
            assertThat(row.coverage()).as("%d steps ahead", target).isBetween(.74, .86);
            assertThat(row.wape()).isLessThan(1.03 * row(target, "last-value").wape());
        }
    }

    @Test
    void aDayAheadIsCoveredSoonAfterARestart() {
        Random random = new Random(11);
        float[][] series = new float[150][WINDOW + 3 * DAY];
        for (float[] one : series) {
            double level = 0;
            for (int step = 0; step < one.length; step++) {
                level = .97 * level + 2 * random.nextGaussian();
                one[step] = (float) Math.clamp(50 + level, 0, 100);
            }
        }
        int covered = 0;
        int count = 0;
        for (int step = 0; step < 2 * DAY; step++) {
            serve(ensemble, answers, START + step, series, WINDOW + step, 1_000, null);
            for (int i = 0; step > 0 && i < series.length; i++) {
                if (answers.hasFar(i)) {
                    float outcome = series[i][WINDOW + step + DAY];
                    count++;
                    covered +=
                            outcome >= answers.quantile(i, 4, Quantiles.LOW)
                                            && outcome <= answers.quantile(i, 4, Quantiles.HIGH)
                                    ? 1
                                    : 0;
                }
            }
            ensemble.endRound();
        }
        assertThat(covered / (double) count).isBetween(.75, .88);
    }

    @Test
    void aReplayThatLeavesStepsOutStillLearns() {
        float[][] series = {values(step -> 20 + step % 7, 2_000)};
        var sparse = new ServingEnsemble(CONFIG, new MemoryBudget(1 << 24));
        sparse.leaveOutSteps(13);
        for (int step = 0; step < 1_300; step += 13) {
            serve(sparse, answers, START + step, series, 500 + step, 0, null);
            sparse.endRound();
        }
        assertThat(answers.hasFar(0)).isTrue();
        assertThat(sparse.counters().outcomes())
                .as("of 100 rounds and 5 targets")
                .isGreaterThan(440);
        assertThat(sparse.counters().forgotten()).isZero();
    }

    @Test
    void theSameCallsGiveTheSameBits() {
        Random random = new Random(9);
        float[][] series = {values(step -> 100 * random.nextDouble(), WINDOW + 50)};
        var other = new ServingEnsemble(CONFIG, new MemoryBudget(1 << 24));
        var otherAnswers = new ServingAnswers(TARGETS.size());
        for (int step = 0; step < 50; step++) {
            serve(START + step, series, WINDOW + step, null);
            serve(other, otherAnswers, START + step, series, WINDOW + step, 10, null);
            assertThat(otherAnswers.quantiles).isEqualTo(answers.quantiles);
        }
    }

    @Test
    void aNewSlotLearnsFromItsPastAsSoonAsItMay() {
        float[][] series = {values(step -> 10 + step % 4, 600)};
        serve(ensemble, answers, START, series, 500, 0, null);
        assertThat(answers.isAnswered(0)).isTrue();
        assertThat(answers.confidence(0)).as("not judged yet").isNaN();
        int warmed = serve(ensemble, answers, START + 1, series, 501, 1, null);
        assertThat(warmed).isEqualTo(1);
        assertThat(answers.confidence(0)).isGreaterThan(.5f);
        assertThat(serve(ensemble, answers, START + 2, series, 502, 1, null)).isZero();
    }

    @Test
    void aSlotWithAnotherEntityBeginsAnew() {
        float[][] series = {values(step -> 10 + step % 4, 600)};
        serve(START, series, 500, null);
        assertThat(ensemble.accuracyOf(0, 0)).isNotNull();
        ensemble.forget(0);
        assertThat(ensemble.accuracyOf(0, 0)).isNull();
        assertThat(budget.usedBytes()).as("the last one of a block gives it back").isZero();
        assertThat(ensemble.counters().series()).isZero();
    }

    @Test
    void beyondTheBoundTheReasonIsMemory() {
        long block = SlotBlock.bytes(new Layout(TARGETS.size(), 4));
        var small = new ServingEnsemble(CONFIG, new MemoryBudget(block));
        float[][] series = new float[65][];
        Arrays.setAll(series, i -> values(step -> 5 + step % 7, 500));
        serve(small, answers, START, series, 400, 10, null);
        assertThat(answers.reason(63)).isEqualTo(FallbackReason.NONE);
        assertThat(answers.reason(64)).isEqualTo(FallbackReason.OVER_MEMORY);
        assertThat(answers.quantile(64, 0, Quantiles.MEDIAN)).isNaN();
        assertThat(small.counters().bytes()).isEqualTo(block);
    }

    @Test
    void aStackedModelMovesTheMedian() {
        var model = new StackedModel("up", constant(.5f), Long.MAX_VALUE, () -> 0);
        float[][] series = {values(step -> 30 + step % 4, 600)};
        serve(START, series, 500, null);
        float before = answers.quantile(0, 0, Quantiles.MEDIAN);
        var again = new ServingEnsemble(CONFIG, new MemoryBudget(1 << 24));
        serve(again, answers, START, series, 500, 10, model);
        assertThat(answers.quantile(0, 0, Quantiles.MEDIAN)).isGreaterThan(before);
        assertSound(0);
        assertThat(model.reason()).isEqualTo(FallbackReason.NONE);
        assertThat(model.rows()).isEqualTo(TARGETS.size());
    }

    @Test
    void aModelThatGivesNanIsOutAndTheMembersAnswer() {
        var model = new StackedModel("nan", constant(Float.NaN), Long.MAX_VALUE, () -> 0);
        float[][] series = {values(step -> 30 + step % 4, 600)};
        serve(START, series, 500, model);
        assertThat(model.reason()).isEqualTo(FallbackReason.MODEL_NAN);
        assertThat(answers.stackReason(0)).isEqualTo(FallbackReason.MODEL_NAN);
        assertThat(answers.isAnswered(0)).isTrue();
        assertSound(0);
    }

    @Test
    void aModelThatTakesTenSecondsIsOut() {
        var nowNs = new AtomicLong();
        RowModel slow =
                new FakeModel(0) {
                    @Override
                    public void run(float[] features, int rows, float[] out) {
                        super.run(features, rows, out);
                        nowNs.addAndGet(10_000_000_000L);
                    }
                };
        var model = new StackedModel("slow", slow, 2_000_000_000L, nowNs::get);
        float[][] series = {values(step -> 30 + step % 4, 600)};
        serve(START, series, 500, model);
        assertThat(answers.stackReason(0)).isEqualTo(FallbackReason.MODEL_TOO_SLOW);
        assertThat(model.detail()).contains("10000 ms").contains("2000 ms");
        serve(START + 1, series, 501, model);
        assertThat(nowNs.get()).as("it is not asked again").isEqualTo(10_000_000_000L);
        assertSound(0);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> new ServingConfig(Bounds.PERCENT, 0, TARGETS, DAY, WINDOW))
                .hasMessageContaining("unit=0.0");
        assertThatThrownBy(() -> new ServingConfig(Bounds.PERCENT, 1, List.of(3, 1), DAY, WINDOW))
                .hasMessageContaining("[3, 1]");
        assertThatThrownBy(() -> new ServingConfig(Bounds.PERCENT, 1, TARGETS, DAY, 100))
                .hasMessageContaining("window=100");
        assertThatThrownBy(() -> new MemoryBudget(-1)).hasMessageContaining("-1");
    }

    // ---- help -------------------------------------------------------------------------------

    private static class FakeModel implements RowModel {
        private final float answer;

        FakeModel(float answer) {
            this.answer = answer;
        }

        @Override
        public void run(float[] features, int rows, float[] answers) {
            Arrays.fill(answers, answer);
        }

        @Override
        public void close() {}
    }

    private static RowModel constant(float answer) {
        return new FakeModel(answer);
    }

    private AccuracyRow row(int steps, String model) {
        return ensemble.accuracy().stream()
                .filter(row -> row.steps() == steps && row.model().equals(model))
                .findFirst()
                .orElseThrow();
    }

    private static float[] values(IntToDoubleFunction function, int steps) {
        float[] values = new float[steps];
        for (int step = 0; step < steps; step++) {
            values[step] = (float) function.applyAsDouble(step);
        }
        return values;
    }

    private void serveOne(IntToDoubleFunction function, int steps) {
        float[][] series = {values(function, WINDOW + steps)};
        for (int step = 0; step < steps; step++) {
            serve(START + step, series, WINDOW + step, null);
        }
    }

    private void serve(
            int step,
            float[][] series,
            int newest,
            @org.jspecify.annotations.Nullable StackedModel model) {
        serve(ensemble, answers, step, series, newest, 10, model);
    }

    private static int serve(
            ServingEnsemble one,
            ServingAnswers out,
            int step,
            float[][] series,
            int newest,
            int warmLimit,
            @org.jspecify.annotations.Nullable StackedModel model) {
        int count = series.length;
        float[] cells = new float[WINDOW * count];
        for (int i = 0; i < count; i++) {
            for (int s = 0; s < WINDOW; s++) {
                int from = newest - WINDOW + 1 + s;
                cells[s * count + i] = from < 0 ? Float.NaN : series[i][from];
            }
        }
        return one.serve(step, cells, 0, count, new int[count], warmLimit, model, out);
    }

    private void assertSound(int i) {
        for (int target = 0; target < TARGETS.size(); target++) {
            if (target == TARGETS.size() - 1 && !answers.hasFar(i)) {
                continue;
            }
            float before = 0;
            for (int level = 0; level < Quantiles.COUNT; level++) {
                float value = answers.quantile(i, target, level);
                assertThat(value).as("target %d level %d", target, level).isBetween(before, 100f);
                before = value;
            }
        }
    }
}
