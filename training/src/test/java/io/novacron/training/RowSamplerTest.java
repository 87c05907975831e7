package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RowSamplerTest {
    private final List<Trace> traces = new SyntheticTraces(5, 12, 4).generate();

    private static Trace withFuture(Trace trace, int from, float value) {
        float[] values = trace.values().clone();
        for (int cell = from * trace.series(); cell < values.length; cell++) {
            values[cell] = value;
        }
        return new Trace(
                trace.metric(),
                trace.entities(),
                values,
                trace.steps(),
                trace.stepSeconds(),
                trace.startTimeMs());
    }

    @Test
    void nothingAfterThePartLeaksIntoItsRows() {
        int end = 800;
        Rows rows = new RowSampler(1).sample(traces, 0, end, 3000);
        List<Trace> changed = traces.stream().map(trace -> withFuture(trace, end, 77)).toList();
        Rows same = new RowSampler(1).sample(changed, 0, end, 3000);
        assertThat(same.features()).isEqualTo(rows.features());
        assertThat(same.targets()).isEqualTo(rows.targets());

        List<Trace> earlier =
                traces.stream().map(trace -> withFuture(trace, end - 40, 77)).toList();
        Rows seen = new RowSampler(1).sample(earlier, 0, end, 3000);
        assertThat(seen.targets()).as("the test can see a leak").isNotEqualTo(rows.targets());
    }

    @Test
    void rowsHaveFiniteTargetsAndBoundedWeights() {
        Rows rows = new RowSampler(1).sample(traces, 0, 800, 3000);
        assertThat(rows.count()).isGreaterThanOrEqualTo(3000);
        for (float target : rows.targets()) {
            assertThat(target).isFinite();
        }
        for (float weight : rows.weights()) {
            assertThat(weight).isBetween(.2f, 5f);
        }
        assertThat(
                        Stream.of(rows)
                                .flatMapToInt(r ->
                                        java.util.stream.IntStream.range(0, r.count())
                                                .map(r::horizon))
                                .distinct()
                                .count())
                .as("many horizons are drawn")
                .isGreaterThan(8);
    }
}
