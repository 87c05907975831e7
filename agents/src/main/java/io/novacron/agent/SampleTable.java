package io.novacron.agent;

import io.novacron.agent.spool.EntityIds;
import io.novacron.agent.spool.Spool;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// Collects the samples of one moment and spools them as metric batches, at most
/// [#ENTITIES_PER_BATCH] entities a frame.
///
/// A sample that is not finite counts as missing, and one that is absurd by the catalogue is
/// dropped and counted. A percentage that rounding or two clocks carried a little past 100 is 100.
/// One thread owns it; rows of entities that send nothing more are forgotten.
public final class SampleTable implements SampleSink {
    static final int ENTITIES_PER_BATCH = 512;
    private static final float ROUNDING_PERCENT = 105f;

    private final EntityIds ids;
    private final Spool spool;
    private final MetricCatalogue catalogue = MetricCatalogue.INSTANCE;
    private final Map<UUID, Row> rows = new HashMap<>();
    private final List<Row> filled = new ArrayList<>();
    private final ColumnBatch batch;
    private final MetricBatchWriter writer = new MetricBatchWriter();
    private final AtomicLong samplesSpooled = new AtomicLong();
    private final AtomicLong samplesAbsurd = new AtomicLong();
    private final AtomicLong samplesUnknown = new AtomicLong();

    private static final class Row {
        final int entityId;
        final float[] values;
        boolean filled;

        Row(int entityId, int metrics) {
            this.entityId = entityId;
            values = new float[metrics];
            Arrays.fill(values, Float.NaN);
        }
    }

    public SampleTable(EntityIds ids, Spool spool) {
        this.ids = ids;
        this.spool = spool;
        batch = new ColumnBatch(ENTITIES_PER_BATCH, catalogue.all().size());
    }

    /// Takes one sample of a host or vm. An entity without an id is in no inventory: its sample is
    /// counted and dropped.
    @Override
    public void put(UUID entity, int metricId, float value) {
        Metric metric = catalogue.byId(metricId);
        Row row = rows.get(entity);
        if (row == null) {
            int id = ids.knownIdOf(entity);
            if (id == EntityIds.NONE) {
                samplesUnknown.incrementAndGet();
                return;
            }
            row = new Row(id, catalogue.idLimit());
            rows.put(entity, row);
        }
        if (metric == null || Float.isNaN(value)) {
            return;
        }
        float kept = value;
        if (metric.max() == 100 && value > 100 && value <= ROUNDING_PERCENT) {
            kept = 100;
        }
        if (!metric.inRange(kept)) {
            samplesAbsurd.incrementAndGet();
            return;
        }
        row.values[metricId] = kept;
        row.filled = true;
    }

    /// Spools what was put since the last call, and forgets it.
    ///
    /// @return the number of samples
    public int spool(long timestampMs, int intervalMs) {
        filled.clear();
        rows.values().removeIf(row -> !row.filled);
        filled.addAll(rows.values());
        filled.sort(Comparator.comparingInt(row -> row.entityId));
        int samples = 0;
        for (int from = 0; from < filled.size(); from += ENTITIES_PER_BATCH) {
            int to = Math.min(filled.size(), from + ENTITIES_PER_BATCH);
            samples += spoolRows(from, to, timestampMs, intervalMs);
        }
        for (Row row : filled) {
            Arrays.fill(row.values, Float.NaN);
            row.filled = false;
        }
        samplesSpooled.addAndGet(samples);
        return samples;
    }

    private int spoolRows(int from, int to, long timestampMs, int intervalMs) {
        batch.clear();
        for (int i = from; i < to; i++) {
            batch.addEntity(filled.get(i).entityId);
        }
        int samples = 0;
        for (int id = 0; id < catalogue.idLimit(); id++) {
            int column = -1;
            for (int i = from; i < to; i++) {
                float value = filled.get(i).values[id];
                if (!Float.isNaN(value)) {
                    column = column < 0 ? batch.addMetric(id) : column;
                    batch.set(column, i - from, value);
                    samples++;
                }
            }
        }
        long kept =
                spool.append(
                        timestampMs,
                        (sequence, buffer) ->
                                writer.encode(sequence, timestampMs, intervalMs, batch, buffer, 0));
        return kept == 0 ? 0 : samples;
    }

    /// Samples that went into the spool.
    public long samplesSpooled() {
        return samplesSpooled.get();
    }

    /// Samples dropped because no such value can be.
    public long samplesAbsurd() {
        return samplesAbsurd.get();
    }

    /// Samples dropped because their entity is in no inventory.
    public long samplesUnknown() {
        return samplesUnknown.get();
    }
}
