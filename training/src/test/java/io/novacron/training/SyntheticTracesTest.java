package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.training.SyntheticTraces.Pattern;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyntheticTracesTest {
    private static final int DAYS = 14;
    private static final int VMS = 60;
    private final List<Trace> traces = new SyntheticTraces(9, VMS, DAYS).generate();

    @Test
    void theSameSeedGivesTheSameTracesAndMoreVmsChangeNone() {
        List<Trace> again = new SyntheticTraces(9, VMS, DAYS).generate();
        List<Trace> more = new SyntheticTraces(9, VMS + 10, DAYS).generate();
        for (int metric = 0; metric < traces.size(); metric++) {
            assertThat(again.get(metric).values()).isEqualTo(traces.get(metric).values());
            assertThat(more.get(metric).at(777, 5)).isEqualTo(traces.get(metric).at(777, 5));
        }
    }

    @Test
    void valuesArePercentsWithSomeMissing() {
        for (Trace trace : traces) {
            int missing = 0;
            for (float value : trace.values()) {
                missing += Float.isNaN(value) ? 1 : 0;
                assertThat(Float.isNaN(value) || (value >= 0 && value <= 100)).isTrue();
            }
            assertThat(missing / (double) trace.values().length).isBetween(.003, .08);
        }
    }

    @Test
    void patternsShowWhatTheirNamesSay() {
        assertThat(weekendShare(Pattern.WEEKLY)).isLessThan(.8);
        assertThat(weekendShare(Pattern.DIURNAL)).isBetween(.85, 1.15);
        assertThat(dailyRise(Pattern.LEAKING)).isGreaterThan(.3);
        assertThat(Math.abs(dailyRise(Pattern.IDLE))).isLessThan(.05);
    }

    private double weekendShare(Pattern pattern) {
        double[] sums = new double[2];
        int[] counts = new int[2];
        Trace cpu = traces.getFirst();
        for (int vm = 0; vm < VMS; vm++) {
            for (int step = 0;
                    SyntheticTraces.patternOf(vm) == pattern && step < cpu.steps();
                    step++) {
                int weekend = step / SyntheticTraces.DAY % 7 >= 5 ? 1 : 0;
                if (!Float.isNaN(cpu.at(step, vm))) {
                    sums[weekend] += cpu.at(step, vm);
                    counts[weekend]++;
                }
            }
        }
        return sums[1] / counts[1] / (sums[0] / counts[0]);
    }

    /// Median over the days of how much memory rises from one day to the same time on the next.
    private double dailyRise(Pattern pattern) {
        Trace memory = traces.get(1);
        double[] rises =
                java.util.stream.IntStream.range(0, VMS)
                        .filter(vm -> SyntheticTraces.patternOf(vm) == pattern)
                        .boxed()
                        .flatMapToDouble(vm ->
                                java.util.stream.IntStream.range(0, DAYS - 1)
                                        .map(day -> day * SyntheticTraces.DAY)
                                        .mapToDouble(step ->
                                                memory.at(step + SyntheticTraces.DAY, vm)
                                                        - memory.at(step, vm)))
                        .filter(rise -> !Double.isNaN(rise))
                        .sorted()
                        .toArray();
        return rises[rises.length / 2];
    }
}
