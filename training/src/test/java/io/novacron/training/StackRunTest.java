package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.serving.RowModel;
import io.novacron.inference.serving.RowWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StackRunTest {
    private static final TrainingOptions TINY = new TrainingOptions(1, 4_000, 4, 3, .3f);

    /// Half of the tiny traces: every row is forecast as the daemon would, which takes its time.
    private static StackRun train(RowModel present) throws TrainingException {
        List<Trace> traces = TestTraces.tiny().traces();
        var folder = new TraceFolder(traces.subList(0, traces.size() / 2), "tiny", null);
        return StackRun.run(folder, TINY, 1, List.of("train"), present, _ -> {});
    }

    @Test
    void theSameTracesGiveTheSameModelWhateverIsInService() throws TrainingException {
        StackRun one = train(always(0));
        StackRun other = train(always(Float.NaN));
        assertThat(other.onnx()).isEqualTo(one.onnx());
        assertThat(one.card().rows()).isGreaterThan(1_000);
        assertThat(one.card().features()).isEqualTo(RowWriter.NAMES);
        assertThat(one.card().metrics().keySet()).anyMatch(name -> name.startsWith("relevance."));

        // the one in service is judged beside the new one
        assertThat(other.figures()).containsEntry("stackAccepted", other.isAccepted() ? 1. : 0.);
        assertThat(other.card().metrics().keySet())
                .anyMatch(name -> name.startsWith("present."))
                .anyMatch(name -> name.startsWith("members."))
                .anyMatch(name -> name.startsWith("stacked."));
        assertThat(other.verdict()).contains("of the model in service");
    }

    @Test
    void noRowLooksBeyondTheTrainingPart() {
        var store = new StackRun.RowStore(1);
        Trace trace = TestTraces.tiny().traces().getFirst();
        int end = 500;
        store.start(trace, end, 1);
        store.targets(List.of(1, 12, 288));
        float[] row = new float[RowWriter.WIDTH];
        for (int step = 300; step < 700; step++) {
            for (int target = 0; target < 3; target++) {
                store.take(0, step, target, row, 1, 1);
            }
        }
        assertThat(store.count()).isLessThanOrEqualTo(199 + 188).isGreaterThan(150);
    }

    @Test
    void whatTellsNothingIsDropped() {
        var store = new StackRun.RowStore(1);
        Trace trace = TestTraces.tiny().traces().getFirst();
        store.start(trace, 800, 1);
        store.targets(List.of(1));
        float[] row = new float[RowWriter.WIDTH];
        var random = new java.util.Random(2);
        for (int step = 100; step < 600; step++) {
            Arrays.fill(row, Float.NaN);
            row[0] = trace.at(step + 1, 0);
            row[1] = row[0];
            row[2] = 7;
            row[4] = random.nextFloat();
            store.take(0, step, 0, row, 0, 1);
        }
        var dropped = store.drop();
        assertThat(dropped).hasSize(RowWriter.WIDTH - 1);
        assertThat(dropped)
                .containsEntry(RowWriter.NAMES.get(1), "duplicate of " + RowWriter.NAMES.get(0))
                .containsEntry(RowWriter.NAMES.get(2), "constant 7.0")
                .containsKey(RowWriter.NAMES.get(3));
        assertThat(dropped.get(RowWriter.NAMES.get(4))).startsWith("unhelpful");
        assertThat(store.relevance()).containsOnlyKeys(RowWriter.NAMES.get(0));
        assertThat(store.features()[1]).isNaN();
        assertThat(store.features()[0]).isFinite();
    }

    @Test
    void tooFewRowsAreAMistake() {
        var tiny = new TrainingOptions(1, 1_000, 4, 3, .3f);
        List<Trace> traces = new SyntheticTraces(5, 1, 4).generate();
        var folder = new TraceFolder(traces.subList(0, 1), "tiny", null);
        assertThatThrownBy(() -> StackRun.run(folder, tiny, 1, List.of(), null, _ -> {}))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("rows for stacked trees");
    }

    private static RowModel always(float answer) {
        return new RowModel() {
            @Override
            public void run(float[] features, int rows, float[] answers) {
                Arrays.fill(answers, answer);
            }

            @Override
            public void close() {}
        };
    }
}
