package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.novacron.inference.serving.RowModel;
import io.novacron.inference.serving.StackCard;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrainingNeedTest {
    private static final double MAX_AGE = 7;
    private static final double MAX_DRIFT = 1.2;
    private static final TrainingOptions TINY = new TrainingOptions(1, 4_000, 4, 3, .3f);

    private static final TraceFolder FOLDER =
            new TraceFolder(new SyntheticTraces(5, 8, 4).generate().subList(0, 1), "tiny", null);

    private static StackRun run;

    @BeforeAll
    static void train() throws TrainingException {
        run = StackRun.run(FOLDER, TINY, 3, List.of("train"), null, _ -> {});
    }

    private static TrainingNeed need(TraceFolder newest, StackCard card) throws TrainingException {
        try (RowModel model = StackRun.open(run.onnx())) {
            return TrainingNeed.of(newest, card, model, MAX_AGE, MAX_DRIFT);
        }
    }

    private static StackCard with(
            StackCard card, Map<String, String> trainer, Map<String, Double> metrics) {
        return new StackCard(
                card.name(),
                card.version(),
                card.modelSha256(),
                card.stepSeconds(),
                card.features(),
                card.dropped(),
                card.rows(),
                card.dataSha256(),
                card.commands(),
                trainer,
                card.parity(),
                metrics,
                card.microsecondsPerRow());
    }

    private static TraceFolder laterBy(int days) {
        Trace trace = FOLDER.traces().getFirst();
        long startMs = trace.startTimeMs() + days * 86_400_000L;
        return new TraceFolder(
                List.of(
                        new Trace(
                                trace.metric(),
                                trace.entities(),
                                trace.values(),
                                trace.steps(),
                                trace.stepSeconds(),
                                startMs)),
                "later",
                null);
    }

    @Test
    void whereNothingServesTrainingIsDue() throws TrainingException {
        TrainingNeed need = TrainingNeed.of(FOLDER, null, null, MAX_AGE, MAX_DRIFT);
        assertThat(need.isDue()).isTrue();
        assertThat(need.reason()).isEqualTo("no model is in service");
    }

    @Test
    void aModelThatKeepsItsPromiseServesOnUntilItIsOld() throws TrainingException {
        TrainingNeed fresh = need(laterBy(2), run.card());
        assertThat(fresh.isDue()).as(fresh.reason()).isFalse();
        assertThat(fresh.ageDays()).isEqualTo(2);
        assertThat(fresh.drift()).isCloseTo(1, offset(.15));
        assertThat(fresh).as("no clock, no chance").isEqualTo(need(laterBy(2), run.card()));

        TrainingNeed old = need(laterBy(7), run.card());
        assertThat(old.isDue()).isTrue();
        assertThat(old.reason()).isEqualTo("version 3 is 7.0 days old");

        TrainingNeed unknown = need(FOLDER, with(run.card(), Map.of(), Map.of()));
        assertThat(unknown.isDue()).isTrue();
        assertThat(unknown.reason()).contains("does not say what it was trained on");
    }

    @Test
    void aModelThatBreaksItsPromiseIsDueAtOnce() throws TrainingException {
        var better = new HashMap<>(run.card().metrics());
        better.replaceAll((name, figure) ->
                name.startsWith("stacked.") && name.endsWith(".wape") ? figure / 2 : figure);
        StackCard card = run.card();
        TrainingNeed drifted = need(laterBy(1), with(card, card.trainer(), better));
        assertThat(drifted.isDue()).isTrue();
        assertThat(drifted.drift()).isCloseTo(2, offset(.3));
        assertThat(drifted.reason()).startsWith("version 3 has drifted");

        TrainingNeed other = need(laterBy(1), with(card, card.trainer(), Map.of()));
        assertThat(other.isDue()).isTrue();
        assertThat(other.reason()).isEqualTo("the card of version 3 knows none of these metrics");
    }

    @Test
    void driftIsTheGeometricMeanOverMetricsAndHorizons() {
        Map<String, Double> promised =
                Map.of(
                        "stacked.a.b.5m.wape",
                        .1,
                        "a.b.last-value.5m.wape",
                        .2, // .5
                        "stacked.c.24h.wape",
                        .3,
                        "c.last-value.24h.wape",
                        .3); // 1
        Map<String, Double> found =
                Map.of(
                        "stacked.a.b.5m.wape",
                        .4,
                        "a.b.last-value.5m.wape",
                        .2, // 2: four times
                        "stacked.c.24h.wape",
                        .1,
                        "c.last-value.24h.wape",
                        .1, // 1: once
                        "stacked.d.24h.wape",
                        .1,
                        "d.last-value.24h.wape",
                        .1, // not promised
                        "stacked.a.b.5m.wql",
                        9.0);
        assertThat(TrainingNeed.drift(promised, found)).isCloseTo(2, offset(1e-9));
        assertThat(TrainingNeed.drift(Map.of(), found)).isNaN();
    }
}
