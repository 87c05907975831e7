package io.novacron.wire.column;

import java.util.Arrays;

/// The samples of one moment on their way out: a reusable table of metrics × entities.
///
/// Entity and metric ids are added in ascending order, which makes each of them unique and cheap to
/// encode. A cell is missing (NaN) until it is set. Not thread-safe; allocates only when made.
public final class ColumnBatch {
    /// The most entities of any batch.
    public static final int MAX_ENTITIES = 65_535;

    /// The most metrics of any batch.
    public static final int MAX_METRICS = 1_023;

    /// The most cells of any batch: bounds what a small frame can make a receiver do.
    public static final int MAX_CELLS = 1 << 21;

    private final int maxEntities;
    private final int maxMetrics;
    private final int[] entityIds;
    private final int[] metricIds;
    private final float[] values;
    private int entityCount;
    private int metricCount;

    /// Makes an empty batch that holds up to `maxEntities` × `maxMetrics` cells.
    public ColumnBatch(int maxEntities, int maxMetrics) {
        if (maxEntities < 0
                || maxEntities > MAX_ENTITIES
                || maxMetrics < 0
                || maxMetrics > MAX_METRICS
                || (long) maxEntities * maxMetrics > MAX_CELLS) {
            throw new IllegalArgumentException(
                    ("maxEntities=%d must be in [0, %d], maxMetrics=%d in [0, %d], their product at"
                                    + " most %d. Maybe send several batches?")
                            .formatted(
                                    maxEntities, MAX_ENTITIES, maxMetrics, MAX_METRICS, MAX_CELLS));
        }
        this.maxEntities = maxEntities;
        this.maxMetrics = maxMetrics;
        entityIds = new int[maxEntities];
        metricIds = new int[maxMetrics];
        values = new float[maxEntities * maxMetrics];
    }

    /// Forgets entities, metrics and cells.
    public void clear() {
        entityCount = 0;
        metricCount = 0;
    }

    /// Adds an entity whose cells are all missing.
    ///
    /// @return its index
    public int addEntity(int entityId) {
        checkAdd("entityId", entityId, entityIds, entityCount, Integer.MAX_VALUE);
        for (int metric = 0; metric < metricCount; metric++) {
            values[metric * maxEntities + entityCount] = Float.NaN;
        }
        entityIds[entityCount] = entityId;
        return entityCount++;
    }

    /// Adds a metric whose cells are all missing.
    ///
    /// @return its index
    public int addMetric(int metricId) {
        checkAdd("metricId", metricId, metricIds, metricCount, 65_535);
        int start = metricCount * maxEntities;
        Arrays.fill(values, start, start + entityCount, Float.NaN);
        metricIds[metricCount] = metricId;
        return metricCount++;
    }

    /// Sets one cell; NaN makes it missing again.
    public void set(int metricIndex, int entityIndex, float value) {
        if (metricIndex >= metricCount || entityIndex >= entityCount) {
            throw new IndexOutOfBoundsException(
                    "metricIndex=%d must be below %d, entityIndex=%d below %d"
                            .formatted(metricIndex, metricCount, entityIndex, entityCount));
        }
        values[metricIndex * maxEntities + entityIndex] = value;
    }

    public float get(int metricIndex, int entityIndex) {
        return values[metricIndex * maxEntities + entityIndex];
    }

    public int entityCount() {
        return entityCount;
    }

    public int metricCount() {
        return metricCount;
    }

    public int maxEntities() {
        return maxEntities;
    }

    public int maxMetrics() {
        return maxMetrics;
    }

    public int entityId(int entityIndex) {
        return entityIds[entityIndex];
    }

    public int metricId(int metricIndex) {
        return metricIds[metricIndex];
    }

    int[] entityIds() {
        return entityIds;
    }

    int[] metricIds() {
        return metricIds;
    }

    /// All cells; the column of a metric begins at [#columnOffset].
    float[] values() {
        return values;
    }

    int columnOffset(int metricIndex) {
        return metricIndex * maxEntities;
    }

    private static void checkAdd(String name, int id, int[] ids, int count, int maxId) {
        if (id < 0 || id > maxId || (count > 0 && id <= ids[count - 1])) {
            throw new IllegalArgumentException(
                    "%s=%d must be in [0, %d] and above the one before, %s. Maybe sort them?"
                            .formatted(name, id, maxId, count > 0 ? ids[count - 1] : "none"));
        }
        if (count == ids.length) {
            throw new IllegalArgumentException(
                    "%s=%d is one more than the %d that this batch was made for. Maybe send it"
                                    .formatted(name, id, ids.length)
                            + " first?");
        }
    }
}
