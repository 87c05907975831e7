package io.novacron.wire.column;

import io.novacron.wire.WireException;
import io.novacron.wire.sbe.ErrorCode;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/// Reader of one column block. Everything is checked by [#wrap], so that [#column] never throws.
/// Not thread-safe: each thread keeps one and re-wraps it.
///
/// The block is copied, a small part of the cost of decoding it: so the caller may reuse the buffer
/// at once, nothing can change between check and use, and words can be read past the end.
public final class ColumnBlockDecoder {
    private byte[] block = new byte[4_096];
    private int[] entityIds = new int[64];
    private int[] metricIds = new int[64];
    private byte[] tags = new byte[64];
    private byte[] widths = new byte[64];
    private byte[] exponents = new byte[64];
    private int[] bases = new int[64];
    private int[] dataOffsets = new int[64];
    private int[] codes = new int[64];
    private int entityCount;
    private int metricCount;
    private int position;
    private int end;

    /// Copies and checks a whole block.
    ///
    /// @param maxEntities the receiver's limit of entities in a batch
    /// @param maxMetrics the receiver's limit of metrics in a batch
    /// @throws WireException when the block breaks a rule; the decoder is then empty
    public ColumnBlockDecoder wrap(
            int codecId,
            DirectBuffer buffer,
            int offset,
            int length,
            int maxEntities,
            int maxMetrics) {
        entityCount = 0;
        metricCount = 0;
        if (length < 0 || offset < 0 || offset > buffer.capacity() - length) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "column block at offset=%d length=%d must be within capacity=%d",
                    offset,
                    length,
                    buffer.capacity());
        }
        if (block.length < length + BitPacking.SLACK) {
            block = new byte[Math.max(length + BitPacking.SLACK, 2 * block.length)];
        }
        buffer.getBytes(offset, block, 0, length);
        position = 0;
        end = length;
        switch (codecId) {
            case ColumnCodec.RAW -> raw(maxEntities, maxMetrics);
            case ColumnCodec.PACKED -> packed(maxEntities, maxMetrics);
            default ->
                    throw WireException.of(
                            ErrorCode.UNKNOWN_CODEC,
                            "codecId=%d must be %d or %d. Maybe the peer is newer than this side?",
                            codecId,
                            ColumnCodec.RAW,
                            ColumnCodec.PACKED);
        }
        return this;
    }

    public int entityCount() {
        return entityCount;
    }

    public int metricCount() {
        return metricCount;
    }

    /// The ids ascend with the index.
    public int entityId(int entityIndex) {
        return entityIds[entityIndex];
    }

    /// The ids ascend with the index.
    public int metricId(int metricIndex) {
        return metricIds[metricIndex];
    }

    /// Reads one column into `out[0 .. entityCount)`. A missing sample is `Float.NaN`; infinities
    /// are carried, and the receiver's to judge.
    public void column(int metricIndex, float[] out) {
        int count = entityCount;
        int tag = tags[metricIndex];
        int width = widths[metricIndex];
        int base = bases[metricIndex];
        int kind = tag & ColumnCodec.TAG_KIND;
        boolean missing = (tag & ColumnCodec.TAG_MISSING) != 0;
        if (width == 0) {
            float value = missing ? Float.NaN : value(kind, exponents[metricIndex], base);
            Arrays.fill(out, 0, count, value);
            return;
        }
        int[] codes = this.codes;
        BitPacking.unpack(block, dataOffsets[metricIndex], width, codes, count);
        if (kind == ColumnCodec.KIND_FLOAT_BITS) {
            for (int i = 0; i < count; i++) {
                out[i] = floatOf(base + codes[i]);
            }
        } else if (kind == ColumnCodec.KIND_BINARY) {
            float scale = Math.scalb(1f, exponents[metricIndex]);
            for (int i = 0; i < count; i++) {
                out[i] = (base + codes[i]) * scale;
            }
        } else {
            float divisor = ColumnCodec.divisor(kind);
            for (int i = 0; i < count; i++) {
                out[i] = (base + codes[i]) / divisor;
            }
        }
        if (missing) {
            int mask = ColumnCodec.mask(width);
            for (int i = 0; i < count; i++) {
                if (codes[i] == mask) {
                    out[i] = Float.NaN;
                }
            }
        }
    }

    private static float value(int kind, int exponent, int number) {
        return switch (kind) {
            case ColumnCodec.KIND_FLOAT_BITS -> floatOf(number);
            case ColumnCodec.KIND_BINARY -> number * Math.scalb(1f, exponent);
            default -> number / ColumnCodec.divisor(kind);
        };
    }

    /// There are many NaNs, and only one of them means missing.
    private static float floatOf(int bits) {
        float value = Float.intBitsToFloat(bits);
        return Float.isNaN(value) ? Float.NaN : value;
    }

    private void raw(int maxEntities, int maxMetrics) {
        need("header", ColumnBlockEncoder.RAW_HEADER_LENGTH);
        int entities = littleEndian(2);
        int metrics = littleEndian(2);
        checkCounts(entities, metrics, maxEntities, maxMetrics);
        need("ids and columns", ColumnBlockEncoder.rawLength(entities, metrics) - position);
        int previous = -1;
        for (int i = 0; i < entities; i++) {
            previous = ascending("entityId", previous, littleEndian(Integer.BYTES));
            entityIds[i] = previous;
        }
        previous = -1;
        for (int i = 0; i < metrics; i++) {
            previous = ascending("metricId", previous, littleEndian(Short.BYTES));
            metricIds[i] = previous;
        }
        for (int i = 0; i < metrics; i++) {
            tags[i] = ColumnCodec.KIND_FLOAT_BITS;
            widths[i] = Float.SIZE;
            bases[i] = 0;
            dataOffsets[i] = position;
            position += Float.BYTES * entities;
        }
        finish(entities, metrics);
    }

    private void packed(int maxEntities, int maxMetrics) {
        int entities = varint("entityCount");
        int metrics = varint("metricCount");
        checkCounts(entities, metrics, maxEntities, maxMetrics);
        idList("entityId", entityIds, entities, Integer.MAX_VALUE);
        idList("metricId", metricIds, metrics, 0xFFFF);
        for (int i = 0; i < metrics; i++) {
            columnHeader(i);
        }
        for (int i = 0; i < metrics; i++) {
            dataOffsets[i] = position;
            int length = ColumnCodec.packedLength(entities, widths[i]);
            need("column", length);
            position += length;
        }
        finish(entities, metrics);
    }

    private void columnHeader(int metricIndex) {
        need("column header", 1);
        int tag = block[position++];
        int kind = tag & ColumnCodec.TAG_KIND;
        int baseLength = (tag & 0xFF) >>> ColumnCodec.TAG_BASE_SHIFT;
        boolean hasWidth = (tag & ColumnCodec.TAG_WIDTH) != 0;
        boolean hasExponent = kind == ColumnCodec.KIND_BINARY;
        need("column header", baseLength + (hasWidth ? 1 : 0) + (hasExponent ? 1 : 0));
        int exponent = hasExponent ? block[position++] : 0;
        int width = hasWidth ? block[position++] : 0;
        if (kind > ColumnCodec.KIND_BINARY
                || baseLength > Integer.BYTES
                || exponent < ColumnCodec.MIN_EXPONENT
                || width < (hasWidth ? 1 : 0)
                || width > Integer.SIZE) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "column %d: kind=%d must be at most %d, base length=%d at most 4, exponent=%d"
                            + " at least %d, width=%d in [1, 32] where it is given",
                    metricIndex,
                    kind,
                    ColumnCodec.KIND_BINARY,
                    baseLength,
                    exponent,
                    ColumnCodec.MIN_EXPONENT,
                    width);
        }
        int base = 0;
        if (baseLength > 0) {
            int unused = Integer.SIZE - 8 * baseLength;
            int high = littleEndian(baseLength) << unused;
            base = kind == ColumnCodec.KIND_FLOAT_BITS ? high : high >> unused;
        }
        tags[metricIndex] = (byte) tag;
        widths[metricIndex] = (byte) width;
        exponents[metricIndex] = (byte) exponent;
        bases[metricIndex] = base;
    }

    private void idList(String name, int[] ids, int count, int maxId) {
        if (count == 0) {
            return;
        }
        long id = varint(name);
        if (count > 1) {
            int smallestGap = varint("smallest gap");
            need("gap width", 1);
            int width = block[position++];
            if (width < 0 || width > Integer.SIZE) {
                throw WireException.of(
                        ErrorCode.BAD_MESSAGE, "gap width=%d must be in [0, 32]", width);
            }
            int length = ColumnCodec.packedLength(count - 1, width);
            need("gaps", length);
            BitPacking.unpack(block, position, width, codes, count - 1);
            position += length;
            ids[0] = (int) id;
            long step = smallestGap + 1L;
            for (int i = 1; i < count; i++) {
                id += step + (codes[i - 1] & 0xFFFF_FFFFL);
                ids[i] = (int) id;
            }
        } else {
            ids[0] = (int) id;
        }
        // The sum of 65,535 gaps fits into a long, so that the last id tells of any overflow.
        if (id > maxId) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE, "last %s=%d must be at most %d", name, id, maxId);
        }
    }

    private void finish(int entities, int metrics) {
        if (position != end) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "column block of %d bytes must end at byte %d",
                    end,
                    position);
        }
        entityCount = entities;
        metricCount = metrics;
    }

    private void checkCounts(int entities, int metrics, int maxEntities, int maxMetrics) {
        if (entities > Math.min(maxEntities, ColumnBatch.MAX_ENTITIES)) {
            throw WireException.of(
                    ErrorCode.TOO_MANY_ENTITIES,
                    "entityCount=%d must be at most %d. Maybe send several batches?",
                    entities,
                    maxEntities);
        }
        if (metrics > Math.min(maxMetrics, ColumnBatch.MAX_METRICS)
                || (long) entities * metrics > ColumnBatch.MAX_CELLS) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "metricCount=%d must be at most %d, and entityCount=%d × metricCount at most"
                            + " %d",
                    metrics,
                    maxMetrics,
                    entities,
                    ColumnBatch.MAX_CELLS);
        }
        if (entityIds.length < entities) {
            entityIds = new int[entities];
        }
        if (codes.length < Math.max(entities, metrics)) {
            codes = new int[Math.max(entities, metrics)];
        }
        if (metricIds.length < metrics) {
            metricIds = new int[metrics];
            tags = new byte[metrics];
            widths = new byte[metrics];
            exponents = new byte[metrics];
            bases = new int[metrics];
            dataOffsets = new int[metrics];
        }
    }

    private void need(String what, int length) {
        if (length > end - position) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "column block of %d bytes ends inside %s, which needs %d at byte %d",
                    end,
                    what,
                    length,
                    position);
        }
    }

    /// Reads 1 to 4 bytes that [#need] has checked.
    private int littleEndian(int length) {
        int value = 0;
        for (int i = 0; i < length; i++) {
            value |= (block[position++] & 0xFF) << 8 * i;
        }
        return value;
    }

    private int varint(String what) {
        long value = 0;
        for (int i = 0; i < ColumnCodec.MAX_VARINT_LENGTH; i++) {
            need(what, 1);
            byte next = block[position++];
            value |= (long) (next & 0x7F) << 7 * i;
            if (next >= 0) {
                if (value > Integer.MAX_VALUE || (next == 0 && i > 0)) {
                    break;
                }
                return (int) value;
            }
        }
        throw WireException.of(
                ErrorCode.BAD_MESSAGE,
                "%s must be a varint of at most 31 bits in as few bytes as it needs",
                what);
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
