package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.ForecastFeatures;
import io.novacron.inference.GbtForecaster;
import io.novacron.inference.ModelPackage;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingRunTest {
    @Test
    void trainingTwiceGivesTheSameBytes() throws Exception {
        TrainingRun one = TestTraces.train(TestTraces.tiny(), TestTraces.TINY);
        TrainingRun two = TestTraces.train(TestTraces.tiny(), TestTraces.TINY);
        assertThat(two.model()).isEqualTo(one.model());
        assertThat(two.card().toJson()).isEqualTo(one.card().toJson());
        TrainingRun other =
                TestTraces.train(TestTraces.tiny(), new TrainingOptions(2, 3000, 4, 3, .3f));
        assertThat(other.model()).as("the seed counts").isNotEqualTo(one.model());
    }

    @Test
    void theResultServesAndItsCardIsWhole() throws Exception {
        TrainingRun run = TestTraces.train(TestTraces.tiny(), TestTraces.TINY);
        ModelPackage verified = ModelPackage.of(run.card().toJson(), run.model(), "a test");
        GbtForecaster.open(verified).close();
        assertThat(run.card().features()).isEqualTo(ForecastFeatures.NAMES);
        assertThat(run.card().commands())
                .containsExactly("./novacron make-traces", "./novacron train");
        assertThat(run.card().parity().get("rows")).isGreaterThanOrEqualTo(10_000);
        assertThat(run.card().metrics())
                .containsKeys(
                        "cpu_usage_percent.gbt.60m.wape",
                        "mean.holt-winters.5m.wql",
                        "mean.seasonal-naive.60m.coverage80",
                        "mean.last-value.60m.wape");
    }

    /// The held-back fifth of traces made for this test, at the hour ahead.
    @Test
    void theModelBeatsTheLastValueAnHourAhead() throws Exception {
        var folder = new TraceFolder(new SyntheticTraces(11, 40, 10).generate(), "test", null);
        TrainingRun run = TestTraces.train(folder, new TrainingOptions(3, 20_000, 40, 4, .2f));
        var metrics = run.card().metrics();
        assertThat(metrics.get("mean.gbt.60m.wape"))
                .isLessThan(.95 * metrics.getOrDefault("mean.last-value.60m.wape", Double.NaN));
        assertThat(metrics.get("mean.gbt.60m.wql"))
                .isLessThan(.95 * metrics.getOrDefault("mean.last-value.60m.wql", Double.NaN));
        assertThat(metrics.get("mean.gbt.60m.coverage80")).isBetween(.68, .92);
    }

    @Test
    void tracesOfNothingAreRefused() {
        float[] missing = new float[2000];
        java.util.Arrays.fill(missing, Float.NaN);
        var trace = new Trace("cpu_percent", List.of("vm1"), missing, 2000, 300, 0);
        var folder = new TraceFolder(List.of(trace), "none", null);
        assertThatThrownBy(() -> TestTraces.train(folder, TestTraces.TINY))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("0 training rows");
    }

    @Test
    void aShortTraceIsRefused() {
        var trace = new Trace("cpu_percent", List.of("vm1"), new float[50], 50, 300, 0);
        var folder = new TraceFolder(List.of(trace), "short", null);
        assertThatThrownBy(() -> TestTraces.train(folder, TestTraces.TINY))
                .hasMessageContaining("50 steps");
    }

    @Test
    void optionsOutOfRangeAreNamed() {
        assertThatThrownBy(() -> new TrainingOptions(1, 10, 1, 1, .1f))
                .hasMessageContaining("rows=10");
        assertThatThrownBy(() -> new TrainingOptions(1, 5000, 1, 99, .1f))
                .hasMessageContaining("depth=99");
        assertThatThrownBy(() -> new TrainingOptions(1, 5000, 1, 3, 0))
                .hasMessageContaining("learning-rate=0.0");
    }
}
