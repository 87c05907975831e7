package io.novacron.wire.column;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.MutableDirectBuffer;

/// Writes a [ColumnBatch] as a column block. Not thread-safe.
///
/// Codec 0, raw, little-endian:
///
/// ```text
///  0              2              4                    …                  …
///  | entityCount  | metricCount  | entityIds          | metricIds        | columns
///  | uint16       | uint16       | int32 × entities   | uint16 × metrics | float32 × entities, each
/// ```
final class ColumnBlockEncoder {
    static final int RAW = 0;
    static final int RAW_HEADER_LENGTH = 4;

    /// The most bytes that [#encode] can write for this batch.
    static int maxLength(ColumnBatch batch) {
        return RAW_HEADER_LENGTH
                + Integer.BYTES * batch.entityCount()
                + Short.BYTES * batch.metricCount()
                + Float.BYTES * batch.entityCount() * batch.metricCount();
    }

    /// @return the length of the block
    int encode(ColumnBatch batch, MutableDirectBuffer out, int offset) {
        int entityCount = batch.entityCount();
        int metricCount = batch.metricCount();
        out.putShort(offset, (short) entityCount, LITTLE_ENDIAN);
        out.putShort(offset + 2, (short) metricCount, LITTLE_ENDIAN);
        int position = offset + RAW_HEADER_LENGTH;
        for (int i = 0; i < entityCount; i++, position += Integer.BYTES) {
            out.putInt(position, batch.entityIds()[i], LITTLE_ENDIAN);
        }
        for (int i = 0; i < metricCount; i++, position += Short.BYTES) {
            out.putShort(position, (short) batch.metricIds()[i], LITTLE_ENDIAN);
        }
        for (int metric = 0; metric < metricCount; metric++) {
            int start = batch.columnOffset(metric);
            for (int i = 0; i < entityCount; i++, position += Float.BYTES) {
                out.putFloat(position, batch.values()[start + i], LITTLE_ENDIAN);
            }
        }
        return position - offset;
    }

    int codecId() {
        return RAW;
    }
}
