package io.novacron.perf;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.column.ColumnBatch;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GaugeMixTest {
    private final ColumnBatch batch = GaugeMix.batch(new SplittableRandom(1), 50);

    @Test
    void holdsOnlyWhatAReceiverKeepsOfHosts() {
        assertThat(batch.metricCount()).isEqualTo(GaugeMix.METRICS);
        for (int i = 0; i < batch.metricCount(); i++) {
            Metric metric =
                    Objects.requireNonNull(MetricCatalogue.INSTANCE.byId(batch.metricId(i)));
            assertThat(metric.ofHosts()).as(metric.name()).isTrue();
            for (int entity = 0; entity < batch.entityCount(); entity++) {
                assertThat(metric.inRange(batch.get(i, entity))).as(metric.name()).isTrue();
            }
        }
    }

    @Test
    void hasThreeConstantColumns() {
        int constants = 0;
        for (int i = 0; i < batch.metricCount(); i++) {
            boolean constant = true;
            for (int entity = 1; entity < batch.entityCount(); entity++) {
                constant &= batch.get(i, entity) == batch.get(i, 0);
            }
            constants += constant ? 1 : 0;
        }
        assertThat(constants).isEqualTo(3);
    }
}
