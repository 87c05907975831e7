package io.novacron.wire.column;

/// The column block codecs of a metric batch, by their `codecId`. All numbers are little-endian.
///
/// A block holds the ids of n entities and m metrics, each ascending, and m columns of n samples.
/// It is stateless: nothing in it refers to another block. NaN is a missing sample, whatever its
/// payload; infinities and -0.0 are carried as they are.
///
/// ## Codec 0, raw
///
/// ```text
///  0              2              4                …                …
///  | entityCount  | metricCount  | entity ids     | metric ids     | columns
///  | uint16       | uint16       | int32 × n      | uint16 × m     | float32 × n, m times
/// ```
///
/// ## Codec 1, packed
///
/// ```text
///  | entityCount | metricCount | entity ids | metric ids | column headers | column data
///  | varint      | varint      | id list    | id list    | m times        | m times, those of
///  |             |             |            |            |                | width 0 are empty
///
///  id list, of c ids; nothing when c = 0, only the first id when c = 1
///  | first id | smallest gap | width | gaps
///  | varint   | varint       | uint8 | (c - 1) × width bits: id - id before - 1 - smallest gap
///
///  column header
///  | tag   | exponent, if kind 5 | width, if tag bit 4 | base
///  | uint8 | int8, at least -126 | uint8, 1 to 32      | 0 to 4 bytes
///
///  tag:  7 6 5          4           3         2 1 0
///       | base length | has width | missing | kind |
///
///  column data: n × width bits: codes
/// ```
///
/// A varint is LEB128, at most five bytes. Bits are packed from the least significant bit of the
/// first byte on, and padded with zeros to a whole byte. A code is added to the base (wrapping
/// int32), and the kind says what float32 that number stands for:
///
/// | kind | value | base |
/// |---|---|---|
/// | 0 | the float32 with these bits | the high bytes of an int32 |
/// | 1 | n | the low bytes of an int32, sign-extended |
/// | 2, 3, 4 | n / 10, n / 100, n / 1000 | as 1 |
/// | 5 | n × 2^exponent | as 1 |
///
/// Arithmetic is IEEE 754 single precision: n is rounded to a float32, then divided or multiplied
/// with one rounding. A sender uses a kind only where that gives every sample back bit by bit. With
/// the missing bit, the code of all ones is a missing sample; so width 0 is a column of one value,
/// or with the missing bit one without samples. A block has no bytes after its last column.
///
/// Samples are tenths of percents, counts, pages of memory and rates. The first three fall into
/// kinds 2, 1 and 5 with a few bits each; a rate that fits no kind keeps its mantissa but not the
/// exponent bits that the column's rates have in common. Sequential packing, not interleaved lanes,
/// because columns are as short as a host has vms: padding 50 samples to 64 costs a quarter.
public final class ColumnCodec {
    public static final int RAW = 0;
    public static final int PACKED = 1;

    static final int KIND_FLOAT_BITS = 0;
    static final int KIND_INTEGER = 1;
    static final int KIND_TENTHS = 2;
    static final int KIND_HUNDREDTHS = 3;
    static final int KIND_THOUSANDTHS = 4;
    static final int KIND_BINARY = 5;

    static final int TAG_KIND = 0b111;
    static final int TAG_MISSING = 0b1000;
    static final int TAG_WIDTH = 0b1_0000;
    static final int TAG_BASE_SHIFT = 5;

    static final int MIN_EXPONENT = -126;
    static final int MAX_VARINT_LENGTH = 5;
    static final int MAX_COLUMN_HEADER_LENGTH = 3 + Integer.BYTES;

    /// By kind; the other kinds divide by one.
    private static final float[] DIVISORS = {1, 1, 10, 100, 1_000, 1, 1, 1};

    private ColumnCodec() {}

    static float divisor(int kind) {
        return DIVISORS[kind];
    }

    /// The code of a missing sample.
    static int mask(int width) {
        return (int) ((1L << width) - 1);
    }

    static int packedLength(int count, int width) {
        return (int) (((long) count * width + 7) >>> 3);
    }
}
