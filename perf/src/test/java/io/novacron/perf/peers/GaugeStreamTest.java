package io.novacron.perf.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.wire.column.ColumnBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GaugeStreamTest {
    private final GaugeStream stream = new GaugeStream(7, 3);

    @Test
    void givesTheSameRoundToEveryServer() {
        assertThat(cells(stream.round(5))).isEqualTo(cells(new GaugeStream(7, 3).round(5)));
        assertThat(stream.round(5).timestampMs() - stream.round(4).timestampMs()).isEqualTo(60_000);
    }

    @Test
    void repeatsNothingOfAnEarlierRound() {
        Set<Float> rates = ratesOf(stream.round(0));
        Set<Float> common = new HashSet<>(rates);
        common.retainAll(ratesOf(stream.round(1)));

        assertThat(rates.size()).isGreaterThan(100);
        assertThat(common.size()).as("of %s rates", rates.size()).isLessThan(rates.size() / 20);
    }

    @Test
    void numbersVmsThroughAgentByAgent() throws IOException, InterruptedException {
        FleetRound round = stream.round(0);
        var vms = new ArrayList<Integer>();
        round.forEachVm((vm, batch, entity) -> {
            assertThat(batch).isSameAs(round.batches().get(vm / 50));
            assertThat(entity).isEqualTo(vm % 50);
            vms.add(vm);
        });

        assertThat(vms).hasSize(150).hasSize(round.vms()).isSorted().doesNotHaveDuplicates();
        assertThat(round.samples()).isEqualTo(stream.samplesPerRound()).isEqualTo(3_000);
    }

    /// Values with a fraction beyond tenths and of some size: hardly any twice by chance.
    private static Set<Float> ratesOf(FleetRound round) {
        var rates = new HashSet<Float>();
        for (float cell : cells(round)) {
            if (cell != Math.rint(cell) && cell > 1_000) {
                rates.add(cell);
            }
        }
        return rates;
    }

    private static List<Float> cells(FleetRound round) {
        var cells = new ArrayList<Float>();
        for (ColumnBatch batch : round.batches()) {
            for (int metric = 0; metric < batch.metricCount(); metric++) {
                for (int entity = 0; entity < batch.entityCount(); entity++) {
                    cells.add(batch.get(metric, entity));
                }
            }
        }
        return cells;
    }
}
