package io.novacron.wire.column;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.MutableDirectBuffer;

/// Writes a [ColumnBatch] as a column block of one codec. Not thread-safe.
final class ColumnBlockEncoder {
    static final int RAW_HEADER_LENGTH = 4;

    private final int codecId;
    private final PackedEncoder packed = new PackedEncoder();

    ColumnBlockEncoder(int codecId) {
        if (codecId != ColumnCodec.RAW && codecId != ColumnCodec.PACKED) {
            throw new IllegalArgumentException(
                    "codecId=%d must be %d, raw, or %d, packed"
                            .formatted(codecId, ColumnCodec.RAW, ColumnCodec.PACKED));
        }
        this.codecId = codecId;
    }

    int codecId() {
        return codecId;
    }

    /// The most bytes that any codec writes for a batch.
    static int maxLength(int entityCount, int metricCount) {
        return PackedEncoder.maxLength(entityCount, metricCount);
    }

    /// Prepares the block.
    ///
    /// @return the block's length
    int prepare(ColumnBatch batch) {
        return codecId == ColumnCodec.PACKED
                ? packed.encode(batch)
                : rawLength(batch.entityCount(), batch.metricCount());
    }

    /// Writes the block that [#prepare] was called for.
    void write(ColumnBatch batch, MutableDirectBuffer out, int offset) {
        if (codecId == ColumnCodec.PACKED) {
            packed.copyTo(out, offset);
        } else {
            writeRaw(batch, out, offset);
        }
    }

    static int rawLength(int entityCount, int metricCount) {
        return RAW_HEADER_LENGTH
                + Integer.BYTES * entityCount
                + Short.BYTES * metricCount
                + Float.BYTES * entityCount * metricCount;
    }

    private static void writeRaw(ColumnBatch batch, MutableDirectBuffer out, int offset) {
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
    }
}
