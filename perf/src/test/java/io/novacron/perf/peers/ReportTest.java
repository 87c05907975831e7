package io.novacron.perf.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final long MILLION = 1_000_000;

    private final Outcome ours = new Outcome("novacron");
    private final Outcome dear = new Outcome("dear");
    private final Outcome absent = new Outcome("absent");
    private final Comparison.Report report = new Comparison.Report(ours, List.of(dear, absent));

    ReportTest() {
        absent.problem("not installed: apt-get install absent");
        pair(100, 400);
        pair(200, 400); // ours was slow: the ratio is that of the pair, not of the medians
        pair(100, 500);
        ours.bytesPerSample(2);
        dear.bytesPerSample(5);
    }

    private void pair(long oursMs, long dearMs) {
        ours.add(cost(oursMs));
        dear.add(cost(dearMs), cost(oursMs));
    }

    private static Cost cost(long cpuMs) {
        return new Cost(MILLION, cpuMs * MILLION, 50 * MILLION);
    }

    @Test
    void ratiosAreOfPairsWithLeastMedianAndMost() {
        assertThat(report.figures())
                .containsEntry("ratio.dear.cpu", 4.0)
                .containsEntry("ratio.dear.cpu.min", 2.0)
                .containsEntry("ratio.dear.cpu.max", 5.0)
                .containsEntry("ratio.dear.bytes", 2.5)
                .containsEntry("ratio.dear.bytes.min", 2.5)
                .containsEntry("ratio.dear.bytes.max", 2.5);
    }

    @Test
    void oursHaveNoPrefix() {
        assertThat(report.figures())
                .containsEntry("cpuSecondsPerMillionSamples", 0.1)
                .containsEntry("cpuSecondsPerMillionSamples.max", 0.2)
                .containsEntry("bytesPerSample", 2.0)
                .containsEntry("rssMb", 50.0)
                .containsEntry("dear.cpuSecondsPerMillionSamples", 0.4)
                .containsEntry("dear.bytesPerSample", 5.0)
                .containsEntry("dear.rssMb", 50.0)
                .containsEntry("dear.status", "measured");
    }

    @Test
    void whatIsAbsentSaysSoAndHasNoFigures() {
        assertThat(report.figures().keySet())
                .filteredOn(name -> name.contains("absent"))
                .containsExactly("absent.status");
        assertThat(report.table().getLast())
                .startsWith("absent ")
                .endsWith("not installed: apt-get install absent");
    }

    @Test
    void medianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(new Spread(1, 3, 9));
    }
}
