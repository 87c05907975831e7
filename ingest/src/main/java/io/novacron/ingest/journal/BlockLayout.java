package io.novacron.ingest.journal;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Layout of one block, which is one excerpt of the queue: 32 bytes, little-endian, then its
/// records.
///
/// ```text
///  0        4       5   6         8              12        16             24       32
///  | crc32c | codec | 0 | version | storedLength | records | firstOrdinal | timeMs | records …
/// ```
///
/// The CRC-32C covers everything from byte 4 to the last stored byte; this rule, the version's
/// place and the stored length's stay the same in all versions to come, so that another version is
/// told from damage. Behind the stored bytes are up to 3 of the queue's padding.
///
/// A record is a header of few bytes and its payload as it came:
///
/// ```text
///  | control | [type] | [source + 1] | [time] | [sequence] | length | payload … |
///   bits 0-4   type code, 31 when the type follows
///   bit 5      the source is that of the record before
///   bit 6      the time is that of the record before, of the block for the first
///   bit 7      the sequence is 0
/// ```
///
/// Numbers are varints (7 bits a byte, low ones first); time and sequence are zig-zag differences
/// to the record before, where a sequence of 0 is passed over. Ordinals are counted, not written.
///
/// With codec 0 payloads are as they came. With codec 1 the first 64 bytes of each payload that has
/// as many are stored as what differs from the payload before that had as many (from zeros, for the
/// first): frames begin alike, and most of what is said there is said by every agent.
///
/// ```text
///  | 8 masks | bytes that differ … | payload from byte 64 on |
///    mask i, bit j: byte 8 i + j differs; then its exclusive or with the byte before is there
/// ```
final class BlockLayout {
    static final int VERSION = 2;
    static final int HEADER_LENGTH = 32;
    static final int COVERED_OFFSET = 4;

    static final int TYPE_MASK = 0x1F;
    static final int SAME_SOURCE = 0x20;
    static final int SAME_TIME = 0x40;
    static final int NO_SEQUENCE = 0x80;

    static final int PLAIN = 0;
    static final int DIFFERENCES = 1;

    /// Words of 8 bytes at the beginning of a payload that codec 1 takes differences of.
    static final int WORDS = 8;

    static final int PREFIX_LENGTH = WORDS * Long.BYTES;

    /// The lowest bit of each byte.
    static final long LOW_BITS = 0x0101010101010101L;

    /// Longest header of a record: control, type, source, time, sequence, length.
    static final int LONGEST_RECORD_HEADER = 1 + 2 + 5 + 10 + 10 + 5;

    private static final int CODEC_OFFSET = 4;
    private static final int VERSION_OFFSET = 6;
    private static final int STORED_LENGTH_OFFSET = 8;
    private static final int RECORDS_OFFSET = 12;
    private static final int FIRST_ORDINAL_OFFSET = 16;
    private static final int TIME_OFFSET = 24;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private BlockLayout() {}

    static void write(
            MutableDirectBuffer buffer,
            int codec,
            int storedLength,
            int records,
            long firstOrdinal,
            long timeMs) {
        buffer.putInt(0, 0, ORDER);
        buffer.putByte(CODEC_OFFSET, (byte) codec);
        buffer.putByte(CODEC_OFFSET + 1, (byte) 0);
        buffer.putShort(VERSION_OFFSET, (short) VERSION, ORDER);
        buffer.putInt(STORED_LENGTH_OFFSET, storedLength, ORDER);
        buffer.putInt(RECORDS_OFFSET, records, ORDER);
        buffer.putLong(FIRST_ORDINAL_OFFSET, firstOrdinal, ORDER);
        buffer.putLong(TIME_OFFSET, timeMs, ORDER);
    }

    static void crc(MutableDirectBuffer buffer, int crc) {
        buffer.putInt(0, crc, ORDER);
    }

    static int crc(DirectBuffer buffer) {
        return buffer.getInt(0, ORDER);
    }

    static int codec(DirectBuffer buffer) {
        return buffer.getByte(CODEC_OFFSET) & 0xFF;
    }

    static int version(DirectBuffer buffer) {
        return buffer.getShort(VERSION_OFFSET, ORDER) & 0xFFFF;
    }

    static int storedLength(DirectBuffer buffer) {
        return buffer.getInt(STORED_LENGTH_OFFSET, ORDER);
    }

    static long firstOrdinal(DirectBuffer buffer) {
        return buffer.getLong(FIRST_ORDINAL_OFFSET, ORDER);
    }

    static long timeMs(DirectBuffer buffer) {
        return buffer.getLong(TIME_OFFSET, ORDER);
    }

    static int records(DirectBuffer buffer) {
        return buffer.getInt(RECORDS_OFFSET, ORDER);
    }
}
