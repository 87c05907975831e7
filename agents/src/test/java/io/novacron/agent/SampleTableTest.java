package io.novacron.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.agent.spool.EntityIds;
import io.novacron.agent.spool.MemorySpool;
import io.novacron.agent.spool.SpooledFrame;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.column.MetricBatchReader;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class SampleTableTest {
    private static final UUID VM = new UUID(1, 1);
    private final EntityIds ids = EntityIds.inMemory();
    private final MemorySpool spool = new MemorySpool(1 << 24);
    private final SampleTable table = new SampleTable(ids, spool);

    @Test
    void dropsAndCountsWhatCannotBe() {
        ids.idOf(VM);
        table.put(VM, Metrics.CPU_USAGE, -1);
        table.put(VM, Metrics.DISK_READ, Float.POSITIVE_INFINITY);
        table.put(VM, Metrics.CPU_STEAL, 250);
        table.put(VM, Metrics.LOAD_ONE, Float.NaN);
        table.put(new UUID(9, 9), Metrics.CPU_USAGE, 5);

        assertThat(table.spool(0, 1_000)).isZero();
        assertThat(table.samplesAbsurd()).isEqualTo(3);
        assertThat(table.samplesUnknown()).isEqualTo(1);
        assertThat(spool.lastSequence()).as("nothing to send").isZero();
    }

    @Test
    void takesWhatRoundingCarriedPastAHundredAsAHundred() {
        ids.idOf(VM);
        table.put(VM, Metrics.CPU_USAGE, 100.4f);

        assertThat(table.spool(0, 1_000)).isEqualTo(1);
        assertThat(value(1)).isEqualTo(100f);
    }

    @Test
    void forgetsAnIntervalOnceItIsSpooled() {
        ids.idOf(VM);
        table.put(VM, Metrics.CPU_USAGE, 5);
        table.spool(0, 1_000);

        assertThat(table.spool(1_000, 1_000)).isZero();
    }

    @Test
    void cutsManyEntitiesIntoSeveralFrames() {
        for (int i = 1_199; i >= 0; i--) {
            ids.idOf(new UUID(2, i));
            table.put(new UUID(2, i), Metrics.CPU_USAGE, 1);
        }

        assertThat(table.spool(0, 1_000)).isEqualTo(1_200);
        assertThat(spool.lastSequence()).isEqualTo(3);
        assertThat(table.samplesSpooled()).isEqualTo(1_200);
    }

    private float value(long sequence) {
        var frame = new SpooledFrame();
        assertThat(spool.read(sequence, frame)).isTrue();
        var reader = new MetricBatchReader(10, 10);
        int length = frame.bytes().remaining();
        reader.wrap(new UnsafeBuffer(frame.bytes().array(), 0, length), 0, length);
        var column = new float[reader.block().entityCount()];
        reader.block().column(0, column);
        return column[0];
    }
}
