package io.novacron.wire.column;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.novacron.wire.WireException;
import io.novacron.wire.sbe.ErrorCode;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// View over one column block. Everything is checked by [#wrap], so that [#column] reads inside the
/// block and never throws. Not thread-safe: each thread keeps one and re-wraps it.
///
/// The block's bytes must stay as they are until the last column is read.
public final class ColumnBlockDecoder {
    private final UnsafeBuffer block = new UnsafeBuffer(0, 0);
    private int[] entityIds = new int[64];
    private int[] metricIds = new int[64];
    private int entityCount;
    private int metricCount;
    private int columnsOffset;

    /// Checks a whole block and reads its ids.
    ///
    /// @param maxEntities the receiver's limit of entities in a batch
    /// @param maxMetrics the receiver's limit of metrics in a batch
    /// @throws WireException when the block breaks a rule
    public ColumnBlockDecoder wrap(
            int codecId,
            DirectBuffer buffer,
            int offset,
            int length,
            int maxEntities,
            int maxMetrics) {
        if (codecId != ColumnBlockEncoder.RAW) {
            throw WireException.of(
                    ErrorCode.UNKNOWN_CODEC,
                    "codecId=%d must be 0. Maybe the peer is newer than this side?",
                    codecId);
        }
        entityCount = 0;
        metricCount = 0;
        block.wrap(buffer, offset, length);
        need(ColumnBlockEncoder.RAW_HEADER_LENGTH);
        int entities = block.getShort(0, LITTLE_ENDIAN) & 0xFFFF;
        int metrics = block.getShort(2, LITTLE_ENDIAN) & 0xFFFF;
        checkCounts(entities, metrics, maxEntities, maxMetrics);
        int end =
                ColumnBlockEncoder.RAW_HEADER_LENGTH
                        + Integer.BYTES * entities
                        + Short.BYTES * metrics
                        + Float.BYTES * entities * metrics;
        need(end);
        int position = ColumnBlockEncoder.RAW_HEADER_LENGTH;
        int previous = -1;
        for (int i = 0; i < entities; i++, position += Integer.BYTES) {
            entityIds[i] = ascending("entityId", previous, block.getInt(position, LITTLE_ENDIAN));
            previous = entityIds[i];
        }
        previous = -1;
        for (int i = 0; i < metrics; i++, position += Short.BYTES) {
            int id = block.getShort(position, LITTLE_ENDIAN) & 0xFFFF;
            metricIds[i] = ascending("metricId", previous, id);
            previous = id;
        }
        columnsOffset = position;
        entityCount = entities;
        metricCount = metrics;
        return this;
    }

    public int entityCount() {
        return entityCount;
    }

    public int metricCount() {
        return metricCount;
    }

    public int entityId(int entityIndex) {
        return entityIds[entityIndex];
    }

    public int metricId(int metricIndex) {
        return metricIds[metricIndex];
    }

    /// Reads one column into `out[0 .. entityCount)`; a missing sample is NaN.
    public void column(int metricIndex, float[] out) {
        int position = columnsOffset + metricIndex * entityCount * Float.BYTES;
        for (int i = 0; i < entityCount; i++, position += Float.BYTES) {
            out[i] = block.getFloat(position, LITTLE_ENDIAN);
        }
    }

    private void checkCounts(int entities, int metrics, int maxEntities, int maxMetrics) {
        if (entities > maxEntities) {
            throw WireException.of(
                    ErrorCode.TOO_MANY_ENTITIES,
                    "entityCount=%d must be at most %d. Maybe send several batches?",
                    entities,
                    maxEntities);
        }
        if (metrics > maxMetrics || (long) entities * metrics > ColumnBatch.MAX_CELLS) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "metricCount=%d must be at most %d, and entities × metrics at most %d",
                    metrics,
                    maxMetrics,
                    ColumnBatch.MAX_CELLS);
        }
        if (entityIds.length < entities) {
            entityIds = new int[entities];
        }
        if (metricIds.length < metrics) {
            metricIds = new int[metrics];
        }
    }

    private void need(int length) {
        if (length > block.capacity()) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "column block of %d bytes must have at least %d",
                    block.capacity(),
                    length);
        }
    }

    private static int ascending(String name, int previous, int id) {
        if (id <= previous) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "%s=%d must be at least 0 and above the one before, %d",
                    name,
                    id,
                    previous);
        }
        return id;
    }
}
