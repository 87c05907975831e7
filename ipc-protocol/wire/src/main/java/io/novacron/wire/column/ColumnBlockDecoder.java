package io.novacron.wire.column;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.novacron.wire.WireException;
import io.novacron.wire.column.kernel.ColumnKernel;
import io.novacron.wire.column.kernel.ScalarColumnKernel;
import io.novacron.wire.sbe.ErrorCode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/// Reader of one column block. Everything is checked by [#wrap], so that [#column] never throws.
/// Not thread-safe: each thread keeps one and re-wraps it.
///
/// The block is copied, a small part of the cost of decoding it: so the caller may reuse the buffer
/// at once, nothing can change between check and use, and words can be read past the end.
public final class ColumnBlockDecoder {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, LITTLE_ENDIAN);

    /// Columns that are decoded one sample at a time before vectors begin: until they are compiled,
    /// vectors take a hundred times as long, and a restart would wait for that.
    private static final int WARM_UP_COLUMNS = 100_000;

    private final Unpacker floatBits =
            (by, block, at, width, base, _, missing, out, count) ->
                    by.floatBits(block, at, width, base, missing, out, count);
    private final Unpacker quotients =
            (by, block, at, width, base, divisor, missing, out, count) ->
                    by.quotients(block, at, width, base, divisor, missing, out, count);
    private final Unpacker products =
            (by, block, at, width, base, scale, missing, out, count) ->
                    by.products(block, at, width, base, scale, missing, out, count);
    private final ColumnKernel best;
    private ColumnKernel kernel;
    private int columnsDecoded;
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

    public ColumnBlockDecoder() {
        this(ColumnKernel.best(), new ScalarColumnKernel());
    }

    ColumnBlockDecoder(ColumnKernel kernel) {
        this(kernel, kernel);
    }

    private ColumnBlockDecoder(ColumnKernel best, ColumnKernel first) {
        this.best = best;
        this.kernel = first;
    }

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
        if (block.length < length + ColumnKernel.SLACK) {
            block = new byte[Math.max(length + ColumnKernel.SLACK, 2 * block.length)];
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
        if (kernel != best && ++columnsDecoded > WARM_UP_COLUMNS) {
            kernel = best;
        }
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
        float factor;
        Unpacker unpacker;
        switch (kind) {
            case ColumnCodec.KIND_FLOAT_BITS -> {
                factor = 1;
                unpacker = floatBits;
            }
            case ColumnCodec.KIND_BINARY -> {
                factor = Math.scalb(1f, exponents[metricIndex]);
                unpacker = products;
            }
            default -> {
                factor = ColumnCodec.divisor(kind);
                unpacker = quotients;
            }
        }
        int offset = dataOffsets[metricIndex];
        unpacker.unpack(kernel, block, offset, width, base, factor, missing, out, count);
    }

    /// One of a kernel's operations. The three stand at one call, so that each is compiled by
    /// itself: all of them in one method are more than the compiler takes, and vectors that it
    /// leaves out are allocated.
    @FunctionalInterface
    private interface Unpacker {
        void unpack(
                ColumnKernel kernel,
                byte[] block,
                int offset,
                int width,
                int base,
                float factor,
                boolean missing,
                float[] out,
                int count);
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
        columnHeaders(metrics);
        long dataOffset = position;
        for (int i = 0; i < metrics; i++) {
            dataOffsets[i] = (int) dataOffset;
            dataOffset += ColumnCodec.packedLength(entities, widths[i]);
        }
        need("column data", dataOffset - position);
        position = (int) dataOffset;
        finish(entities, metrics);
    }

    /// Reads all headers with few branches: a bad one is noted, and thrown for after the last. The
    /// slack after the block makes it safe to look past its end for one header.
    private void columnHeaders(int metrics) {
        byte[] block = this.block;
        int at = position;
        boolean bad = false;
        int last = 0;
        for (int i = 0; i < metrics && at < end; i++) {
            int tag = block[at++];
            int kind = tag & ColumnCodec.TAG_KIND;
            int exponent = 0;
            if (kind == ColumnCodec.KIND_BINARY) {
                exponent = block[at++];
            }
            int width = 0;
            if ((tag & ColumnCodec.TAG_WIDTH) != 0) {
                width = block[at++];
                bad |= width == 0;
            }
            int baseLength = (tag & 0xFF) >>> ColumnCodec.TAG_BASE_SHIFT;
            // the base's bytes at the top of the long; in two steps, for a shift by 64 is one by 0
            long high = (long) (int) INT.get(block, at) << 32 << Integer.SIZE - 8 * baseLength;
            at += baseLength;
            tags[i] = (byte) tag;
            exponents[i] = (byte) exponent;
            widths[i] = (byte) width;
            bases[i] =
                    kind == ColumnCodec.KIND_FLOAT_BITS
                            ? (int) (high >>> 32)
                            : (int) (high >> 32 >> Integer.SIZE - 8 * baseLength);
            bad |=
                    kind > ColumnCodec.KIND_BINARY
                            || baseLength > Integer.BYTES
                            || exponent < ColumnCodec.MIN_EXPONENT
                            || width < 0
                            || width > Integer.SIZE;
            last = i + 1;
        }
        need("column headers", last < metrics ? end + 1L : at - position);
        position = at;
        if (bad) {
            throw badColumnHeader(metrics);
        }
    }

    private WireException badColumnHeader(int metrics) {
        for (int i = 0; i < metrics; i++) {
            int kind = tags[i] & ColumnCodec.TAG_KIND;
            int baseLength = (tags[i] & 0xFF) >>> ColumnCodec.TAG_BASE_SHIFT;
            boolean hasWidth = (tags[i] & ColumnCodec.TAG_WIDTH) != 0;
            if (kind > ColumnCodec.KIND_BINARY
                    || baseLength > Integer.BYTES
                    || exponents[i] < ColumnCodec.MIN_EXPONENT
                    || widths[i] < (hasWidth ? 1 : 0)
                    || widths[i] > Integer.SIZE) {
                return WireException.of(
                        ErrorCode.BAD_MESSAGE,
                        "column %d: kind=%d must be at most %d, base length=%d at most 4,"
                                + " exponent=%d at least %d, width=%d in [1, 32] where it is given",
                        i,
                        kind,
                        ColumnCodec.KIND_BINARY,
                        baseLength,
                        exponents[i],
                        ColumnCodec.MIN_EXPONENT,
                        widths[i]);
            }
        }
        throw new AssertionError("one column header must be bad");
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
            ids[0] = (int) id;
            long step = smallestGap + 1L;
            if (width == 0) {
                int first = (int) id;
                for (int i = 1; i < count; i++) {
                    ids[i] = first + i * (int) step;
                }
                id += step * (count - 1);
            } else {
                BitPacking.unpack(block, position, width, codes, count - 1);
                position += length;
                for (int i = 1; i < count; i++) {
                    id += step + (codes[i - 1] & 0xFFFF_FFFFL);
                    ids[i] = (int) id;
                }
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

    private void need(String what, long length) {
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
