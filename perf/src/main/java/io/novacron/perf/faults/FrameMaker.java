package io.novacron.perf.faults;

import io.novacron.wire.Framing;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/// Makes frames that say who they are: the memory in use of every entity is the frame's sequence,
/// so that a frame in the journal, and the last one in the fleet store, can be told by its content.
/// One thread owns it.
final class FrameMaker {
    static final int[] METRICS = {Metrics.CPU_USAGE, Metrics.MEMORY_USED, Metrics.DISK_READ};
    static final int SEQUENCE_METRIC = 1; // index of the one that tells the sequence
    static final int INTERVAL_MS = 10_000;

    private static final int PERCENTS = 100;
    private static final int SPREAD = 31;
    private static final int VCPUS = 4;
    private static final long MEMORY_BYTES = 1L << 33;

    private final int entities;
    private final ColumnBatch batch;
    private final MetricBatchWriter writer = new MetricBatchWriter();
    private final Messages messages = new Messages();
    private final Framing framing = new Framing();
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();

    /// @param entities of each frame: one host, the others vms
    FrameMaker(int entities) {
        this(entities, METRICS);
    }

    /// @param metrics three in ascending order, the second that of [#METRICS]
    FrameMaker(int entities, int... metrics) {
        this.entities = entities;
        this.batch = new ColumnBatch(entities, metrics.length);
        for (int entity = 0; entity < entities; entity++) {
            batch.addEntity(entity);
        }
        for (int metricId : metrics) {
            batch.addMetric(metricId);
        }
    }

    byte[] batch(long sequence, long epoch) {
        return batch(sequence, epoch, System.currentTimeMillis());
    }

    byte[] batch(long sequence, long epoch, long timestampMs) {
        for (int entity = 0; entity < entities; entity++) {
            batch.set(0, entity, (sequence * SPREAD + entity) % PERCENTS);
            batch.set(SEQUENCE_METRIC, entity, sequence);
            batch.set(2, entity, epoch);
        }
        int length = writer.encode(sequence, timestampMs, INTERVAL_MS, batch, buffer, 0);
        return Arrays.copyOf(buffer.byteArray(), length);
    }

    /// The first frame of a spool.
    byte[] inventory(UUID agentId, long epoch) {
        var described = new ArrayList<EntityDescription>();
        for (int id = 0; id < entities; id++) {
            described.add(
                    new EntityDescription(
                            id,
                            id == 0 ? EntityKind.HOST : EntityKind.VM,
                            EntityState.RUNNING,
                            uuid(agentId, id),
                            VCPUS,
                            VCPUS,
                            MEMORY_BYTES,
                            MEMORY_BYTES,
                            0,
                            Map.of(),
                            "entity-" + id));
        }
        return message(new Inventory(1, epoch, 0, described));
    }

    /// Identity of an agent's entity; number 0 is its host.
    static UUID uuid(UUID agentId, int entity) {
        return new UUID(agentId.hashCode() + 1L, entity);
    }

    byte[] message(Message message) {
        int length = messages.encode(message, buffer, 0);
        return Arrays.copyOf(buffer.byteArray(), length);
    }

    Message decode(DirectBuffer frame, int offset, int length) {
        return messages.decode(frame, offset, length);
    }

    Framing framing() {
        return framing;
    }
}
