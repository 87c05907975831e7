package io.novacron.wire.column.kernel;

/// Unpacks one column and turns its codes into samples. Stateless; any thread may use it.
///
/// The caller has checked everything: `width` is in \[1, 32], the packed bytes and [#SLACK] more
/// are inside `block`, and `out` has room for `count`.
public interface ColumnKernel {
    /// Bytes that may be read past a column's last.
    int SLACK = 72;

    /// Samples are the float32 with the number's bits; every NaN becomes the one that is missing.
    void floatBits(
            byte[] block, int offset, int width, int base, boolean missing, float[] out, int count);

    /// Samples are number ÷ divisor.
    ///
    /// @param divisor 1, 10, 100 or 1,000
    void quotients(
            byte[] block,
            int offset,
            int width,
            int base,
            float divisor,
            boolean missing,
            float[] out,
            int count);

    /// Samples are number × scale.
    ///
    /// @param scale a power of two
    void products(
            byte[] block,
            int offset,
            int width,
            int base,
            float scale,
            boolean missing,
            float[] out,
            int count);

    /// What to call it in logs and benchmarks.
    String name();

    /// @return the fastest kernel that this JVM and processor can run
    static ColumnKernel best() {
        return Holder.BEST;
    }
}
