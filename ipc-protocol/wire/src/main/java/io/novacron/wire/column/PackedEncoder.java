package io.novacron.wire.column;

import java.util.Arrays;
import org.agrona.MutableDirectBuffer;

/// Writes blocks of codec 1, see [ColumnCodec]. Not thread-safe; allocates only to grow.
///
/// Headers and data grow in two arrays of its own, for the first data byte's place is known only
/// after the last header.
final class PackedEncoder {
    private static final int[] DECIMAL_KINDS = {
        ColumnCodec.KIND_INTEGER,
        ColumnCodec.KIND_TENTHS,
        ColumnCodec.KIND_HUNDREDTHS,
        ColumnCodec.KIND_THOUSANDTHS
    };

    /// Added to a double of magnitude below 2^31 it leaves the nearest integer in the low 32 bits.
    private static final double ROUND = 0x1.8p52;

    /// Saves less than its own header byte below this.
    private static final int MIN_BINARY_GAIN_BITS = 8;

    private byte[] headers = new byte[256];
    private byte[] data = new byte[4_096];
    private int[] numbers = new int[64];
    private int[] binaries = new int[64];
    private int headersLength;
    private int dataLength;

    private int kind;
    private int exponent;
    private int base;
    private int width;

    static int maxLength(int entityCount, int metricCount) {
        int ids = 2 * (2 * ColumnCodec.MAX_VARINT_LENGTH + 1);
        return 2 * ColumnCodec.MAX_VARINT_LENGTH
                + ids
                + Integer.BYTES * (entityCount + metricCount)
                + ColumnCodec.MAX_COLUMN_HEADER_LENGTH * metricCount
                + Float.BYTES * entityCount * metricCount;
    }

    /// Encodes the batch into this object.
    ///
    /// @return the length of the block
    int encode(ColumnBatch batch) {
        int entityCount = batch.entityCount();
        int metricCount = batch.metricCount();
        reserve(entityCount, metricCount);
        headersLength = 0;
        dataLength = 0;
        varint(entityCount);
        varint(metricCount);
        idList(batch.entityIds(), entityCount);
        idList(batch.metricIds(), metricCount);
        for (int metric = 0; metric < metricCount; metric++) {
            column(batch.values(), batch.columnOffset(metric), entityCount);
        }
        return headersLength + dataLength;
    }

    /// Copies the block that [#encode] made.
    void copyTo(MutableDirectBuffer out, int offset) {
        out.putBytes(offset, headers, 0, headersLength);
        out.putBytes(offset + headersLength, data, 0, dataLength);
    }

    private void idList(int[] ids, int count) {
        if (count == 0) {
            return;
        }
        varint(ids[0]);
        if (count == 1) {
            return;
        }
        int min = Integer.MAX_VALUE;
        int max = 0;
        for (int i = 1; i < count; i++) {
            int gap = ids[i] - ids[i - 1] - 1;
            numbers[i - 1] = gap;
            min = Math.min(min, gap);
            max = Math.max(max, gap);
        }
        for (int i = 0; i < count - 1; i++) {
            numbers[i] -= min;
        }
        varint(min);
        int gapWidth = Integer.SIZE - Integer.numberOfLeadingZeros(max - min);
        headers[headersLength++] = (byte) gapWidth;
        headersLength = BitPacking.pack(numbers, count - 1, gapWidth, headers, headersLength);
    }

    private void column(float[] values, int start, int count) {
        int missing = 0;
        int minBits = Integer.MAX_VALUE;
        int maxBits = Integer.MIN_VALUE;
        for (int i = start; i < start + count; i++) {
            float value = values[i];
            if (Float.isNaN(value)) {
                missing++;
            } else {
                int bits = Float.floatToRawIntBits(value);
                minBits = Math.min(minBits, bits);
                maxBits = Math.max(maxBits, bits);
            }
        }
        boolean anyMissing = missing > 0;
        if (missing == count) {
            kind = ColumnCodec.KIND_INTEGER;
            base = 0;
            width = 0;
            header(count > 0);
            return;
        }
        kind = ColumnCodec.KIND_FLOAT_BITS;
        base = minBits;
        width = width((long) maxBits - minBits, anyMissing);
        if (!decimal(values, start, count, anyMissing)) {
            binary(values, start, count, anyMissing);
            if (kind == ColumnCodec.KIND_FLOAT_BITS) {
                for (int i = 0; i < count; i++) {
                    numbers[i] = Float.floatToRawIntBits(values[start + i]);
                }
            }
        } else if (kind == ColumnCodec.KIND_INTEGER && width > 0) {
            binary(values, start, count, anyMissing);
        }
        header(anyMissing);
        if (width > 0) {
            codes(values, start, count, anyMissing);
            dataLength = BitPacking.pack(numbers, count, width, data, dataLength);
        }
    }

    /// Finds the first power of ten that gives every sample back, and its numbers.
    private boolean decimal(float[] values, int start, int count, boolean anyMissing) {
        for (int candidate : DECIMAL_KINDS) {
            float divisor = ColumnCodec.divisor(candidate);
            int min = Integer.MAX_VALUE;
            int max = Integer.MIN_VALUE;
            int i = 0;
            for (; i < count; i++) {
                float value = values[start + i];
                int number = (int) Double.doubleToRawLongBits((double) value * divisor + ROUND);
                if (Float.floatToRawIntBits(number / divisor) != Float.floatToRawIntBits(value)) {
                    if (!Float.isNaN(value)) {
                        break;
                    }
                    continue;
                }
                numbers[i] = number;
                min = Math.min(min, number);
                max = Math.max(max, number);
            }
            if (i == count) {
                int decimalWidth = width((long) max - min, anyMissing);
                if (decimalWidth > width) {
                    return false;
                }
                kind = candidate;
                base = min;
                width = decimalWidth;
                return true;
            }
        }
        return false;
    }

    /// Counts in the largest power of two that divides every sample, where that is shorter.
    private void binary(float[] values, int start, int count, boolean anyMissing) {
        int lowest = Integer.MAX_VALUE;
        int highest = Integer.MIN_VALUE;
        for (int i = start; i < start + count; i++) {
            int bits = Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE;
            int biased = bits >>> 23;
            if (bits == 0 || bits > 0x7F80_0000) {
                continue; // zero has any exponent, and a missing sample none
            }
            int mantissa = bits & 0x7F_FFFF | 0x80_0000;
            lowest = Math.min(lowest, biased - 150 + Integer.numberOfTrailingZeros(mantissa));
            highest = Math.max(highest, biased - 127);
            if (biased == 0 || biased == 0xFF || highest - lowest > 30) {
                return; // subnormal, infinite or too wide for an int32
            }
        }
        if (lowest < ColumnCodec.MIN_EXPONENT || lowest > highest) {
            return;
        }
        float scale = Math.scalb(1f, -lowest);
        float back = Math.scalb(1f, lowest);
        int min = Integer.MAX_VALUE;
        int max = Integer.MIN_VALUE;
        for (int i = 0; i < count; i++) {
            float value = values[start + i];
            if (Float.isNaN(value)) {
                continue;
            }
            int number = (int) (value * scale);
            if (Float.floatToRawIntBits(number * back) != Float.floatToRawIntBits(value)) {
                return;
            }
            binaries[i] = number;
            min = Math.min(min, number);
            max = Math.max(max, number);
        }
        int binaryWidth = width((long) max - min, anyMissing);
        if ((long) (width - binaryWidth) * count > MIN_BINARY_GAIN_BITS) {
            kind = ColumnCodec.KIND_BINARY;
            exponent = lowest;
            base = min;
            width = binaryWidth;
            int[] swap = numbers;
            numbers = binaries;
            binaries = swap;
        }
    }

    /// Turns numbers into codes.
    private void codes(float[] values, int start, int count, boolean anyMissing) {
        for (int i = 0; i < count; i++) {
            numbers[i] -= base;
        }
        if (anyMissing) {
            int mask = ColumnCodec.mask(width);
            for (int i = 0; i < count; i++) {
                if (Float.isNaN(values[start + i])) {
                    numbers[i] = mask;
                }
            }
        }
    }

    private void header(boolean anyMissing) {
        int baseLength = baseLength();
        headers[headersLength++] =
                (byte)
                        (kind
                                | (anyMissing ? ColumnCodec.TAG_MISSING : 0)
                                | (width > 0 ? ColumnCodec.TAG_WIDTH : 0)
                                | baseLength << ColumnCodec.TAG_BASE_SHIFT);
        if (kind == ColumnCodec.KIND_BINARY) {
            headers[headersLength++] = (byte) exponent;
        }
        if (width > 0) {
            headers[headersLength++] = (byte) width;
        }
        int rest =
                kind == ColumnCodec.KIND_FLOAT_BITS
                        ? base >>> Integer.SIZE - 8 * Math.max(1, baseLength)
                        : base;
        for (int i = 0; i < baseLength; i++) {
            headers[headersLength++] = (byte) rest;
            rest >>= 8;
        }
    }

    private int baseLength() {
        if (base == 0) {
            return 0;
        }
        return kind == ColumnCodec.KIND_FLOAT_BITS
                ? Integer.BYTES - Integer.numberOfTrailingZeros(base) / 8
                : Integer.SIZE / 8 - (Integer.numberOfLeadingZeros(base ^ base >> 31) - 1) / 8;
    }

    private static int width(long range, boolean anyMissing) {
        return Long.SIZE - Long.numberOfLeadingZeros(anyMissing ? range + 1 : range);
    }

    private void varint(int value) {
        int rest = value;
        while (rest >>> 7 != 0) {
            headers[headersLength++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        headers[headersLength++] = (byte) rest;
    }

    private void reserve(int entityCount, int metricCount) {
        int forHeaders =
                maxLength(entityCount, metricCount)
                        - Float.BYTES * entityCount * metricCount
                        + BitPacking.SLACK;
        int forData = Float.BYTES * entityCount * metricCount + BitPacking.SLACK;
        if (headers.length < forHeaders) {
            headers = new byte[forHeaders];
        }
        if (data.length < forData) {
            data = new byte[forData];
        }
        int longest = Math.max(entityCount, metricCount);
        if (numbers.length < longest) {
            numbers = Arrays.copyOf(numbers, longest);
            binaries = Arrays.copyOf(binaries, longest);
        }
    }
}
