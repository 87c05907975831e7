package io.novacron.wire.column.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// One sample at a time: the specification, and what runs where there is no vector module.
public final class ScalarColumnKernel implements ColumnKernel {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);

    @Override
    public void floatBits(
            byte[] block,
            int offset,
            int width,
            int base,
            boolean missing,
            float[] out,
            int count) {
        int mask = mask(width);
        int bit = 0;
        for (int i = 0; i < count; i++, bit += width) {
            int code = code(block, offset, bit, mask);
            float value = Float.intBitsToFloat(base + code);
            out[i] = (missing && code == mask) || Float.isNaN(value) ? Float.NaN : value;
        }
    }

    @Override
    public void quotients(
            byte[] block,
            int offset,
            int width,
            int base,
            float divisor,
            boolean missing,
            float[] out,
            int count) {
        int mask = mask(width);
        int bit = 0;
        for (int i = 0; i < count; i++, bit += width) {
            int code = code(block, offset, bit, mask);
            out[i] = missing && code == mask ? Float.NaN : (base + code) / divisor;
        }
    }

    @Override
    public void products(
            byte[] block,
            int offset,
            int width,
            int base,
            float scale,
            boolean missing,
            float[] out,
            int count) {
        int mask = mask(width);
        int bit = 0;
        for (int i = 0; i < count; i++, bit += width) {
            int code = code(block, offset, bit, mask);
            out[i] = missing && code == mask ? Float.NaN : (base + code) * scale;
        }
    }

    @Override
    public String name() {
        return "scalar";
    }

    /// A code and the bits before it in its first byte are at most 39 bits: one word has them.
    private static int code(byte[] block, int offset, int bit, int mask) {
        return (int) ((long) LONG.get(block, offset + (bit >>> 3)) >>> (bit & 7)) & mask;
    }

    private static int mask(int width) {
        return -1 >>> Integer.SIZE - width;
    }
}
