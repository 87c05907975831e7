package io.novacron.wire.column;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Packs codes of 0 to 32 bits one after the other, from the least significant bit on.
///
/// Both ways touch whole words, up to [#SLACK] bytes past the last code; the arrays must have them.
final class BitPacking {
    /// Bytes that must exist after the packed ones.
    static final int SLACK = Long.BYTES;

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);

    private BitPacking() {}

    /// @return the offset after the last byte
    static int pack(int[] codes, int count, int width, byte[] out, int offset) {
        long word = 0;
        int filled = 0;
        int position = offset;
        for (int i = 0; i < count; i++) {
            word |= (codes[i] & 0xFFFF_FFFFL) << filled;
            filled += width;
            LONG.set(out, position, word);
            int bytes = filled >>> 3;
            position += bytes;
            word >>>= bytes << 3;
            filled &= 7;
        }
        return offset + ColumnCodec.packedLength(count, width);
    }

    static void unpack(byte[] in, int offset, int width, int[] codes, int count) {
        long mask = (1L << width) - 1;
        long bit = (long) offset << 3;
        for (int i = 0; i < count; i++, bit += width) {
            codes[i] = (int) ((long) LONG.get(in, (int) (bit >>> 3)) >>> (bit & 7) & mask);
        }
    }
}
