package io.novacron.ingest.remotewrite;

import io.novacron.ingest.VirtualAgent;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import java.util.Arrays;
import org.agrona.ExpandableArrayBuffer;

/// Makes metric batches of a round: a matrix of metrics × entities, cut into frames that fit. Keeps
/// sizes of entities where they belong. Reused.
final class BatchBuilder {
    /// Takes a frame whose array is its own.
    interface FrameConsumer {
        void accept(long sequence, byte[] frame);
    }

    private static final int MAX_INTERVAL_MS = 60_000; // of live samples
    private static final int USUAL_INTERVAL_MS = 15_000;
    private static final int ENTITIES_OF_A_FRAME = 512;

    private final int metricLimit = MetricCatalogue.INSTANCE.idLimit();
    private final int entitiesOfAFrame;
    private final ColumnBatch batch;
    private final MetricBatchWriter writer = new MetricBatchWriter();
    private final ExpandableArrayBuffer out = new ExpandableArrayBuffer();
    private float[] values = {};
    private final boolean[] hasMetric = new boolean[metricLimit];
    private boolean[] hasEntity = {};
    private int entityLimit;

    BatchBuilder(int maxFrameLength) {
        int entities = ENTITIES_OF_A_FRAME;
        while (entities > 1
                && MetricBatchWriter.maxFrameLength(entities, metricLimit) > maxFrameLength) {
            entities /= 2;
        }
        entitiesOfAFrame = entities;
        batch = new ColumnBatch(entities, metricLimit);
    }

    /// Reads a round's cells; sizes go to their entities at once.
    void fill(ScrapeTarget target, ScrapeRound round) {
        entityLimit = target.host.entityCount();
        if (values.length < entityLimit * metricLimit) {
            values = new float[2 * entityLimit * metricLimit];
            hasEntity = new boolean[2 * entityLimit];
        }
        Arrays.fill(values, 0, entityLimit * metricLimit, Float.NaN);
        Arrays.fill(hasEntity, 0, entityLimit, false);
        Arrays.fill(hasMetric, false);
        for (int cell = 0; cell < target.cellCount(); cell++) {
            double value = target.value(round, cell);
            if (Double.isNaN(value)) {
                continue;
            }
            SourceEntity entity = target.cellEntity(cell);
            int wanted = target.cellTarget(cell);
            Metric metric = wanted > 0 ? MetricCatalogue.INSTANCE.byId(wanted) : null;
            if (metric == null) {
                resize(target.host, entity, wanted, value);
            } else {
                values[entity.id * metricLimit + wanted] = bounded(metric, value);
                hasEntity[entity.id] = true;
                hasMetric[wanted] = true;
            }
        }
    }

    /// Two clocks are read one after the other, so that a share may come out a little over 100 %.
    private static float bounded(Metric metric, double value) {
        float low = Math.max(metric.min(), (float) value);
        return metric.unit().equals("percent") ? Math.min(metric.max(), low) : low;
    }

    private static void resize(SourceHost host, SourceEntity entity, int size, double value) {
        boolean changed;
        switch (size) {
            case MappingTable.VCPUS -> {
                int vcpus = (int) Math.clamp(Math.round(value), 0, 1 << 16);
                changed = entity.vcpus != vcpus;
                entity.vcpus = vcpus;
            }
            case MappingTable.MEMORY -> {
                long bytes = Math.max(0, (long) value);
                changed = entity.memoryBytes != bytes;
                entity.memoryBytes = bytes;
            }
            default -> {
                long bytes = Math.max(0, (long) value);
                changed = entity.diskBytes != bytes;
                entity.diskBytes = bytes;
            }
        }
        host.inventoryDue |= changed;
    }

    /// Writes what [#fill] read.
    ///
    /// @param sinceMs since the round before
    /// @return how many values
    int write(VirtualAgent agent, long timestampMs, long sinceMs, FrameConsumer frames) {
        int intervalMs =
                sinceMs == Long.MAX_VALUE
                        ? USUAL_INTERVAL_MS
                        : (int) Math.clamp(sinceMs, 1, MAX_INTERVAL_MS);
        int written = 0;
        int next = 0;
        while (next < entityLimit) {
            batch.clear();
            int first = next;
            for (; next < entityLimit && batch.entityCount() < entitiesOfAFrame; next++) {
                if (hasEntity[next]) {
                    batch.addEntity(next);
                }
            }
            if (batch.entityCount() == 0) {
                continue;
            }
            written += addMetrics(first);
            long sequence = agent.nextSequence();
            int length = writer.encode(sequence, timestampMs, intervalMs, batch, out, 0);
            frames.accept(sequence, Arrays.copyOf(out.byteArray(), length));
        }
        return written;
    }

    private int addMetrics(int first) {
        int written = 0;
        for (int metric = 1; metric < metricLimit; metric++) {
            if (!hasMetric[metric]) {
                continue;
            }
            int column = batch.addMetric(metric);
            for (int i = 0; i < batch.entityCount(); i++) {
                float value = values[batch.entityId(i) * metricLimit + metric];
                batch.set(column, i, value);
                written += Float.isNaN(value) ? 0 : 1;
            }
        }
        return written;
    }
}
