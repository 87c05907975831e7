package io.novacron.ingest.journal;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Layout of one journal record: 40 bytes before the payload, little-endian.
///
/// ```text
///  0        4      5       6         8        12        16        24       32         40
///  | crc32c | type | flags | version | source | length  | ordinal | timeMs | sequence | payload …
/// ```
///
/// The CRC-32C covers everything from byte 4 to the end of the payload. `ordinal` numbers the
/// records of the whole journal from 1 without gaps. `source` is the agent's index, -1 for the
/// daemon's own records; `timeMs` is the time of receipt.
public final class RecordLayout {
    public static final int HEADER_LENGTH = 40;
    public static final int NO_SOURCE = -1;

    static final int VERSION = 1;
    static final int CRC_OFFSET = 0;
    static final int COVERED_OFFSET = 4;
    private static final int TYPE_OFFSET = 4;
    private static final int FLAGS_OFFSET = 5;
    private static final int VERSION_OFFSET = 6;
    private static final int SOURCE_OFFSET = 8;
    private static final int LENGTH_OFFSET = 12;
    private static final int ORDINAL_OFFSET = 16;
    private static final int TIME_OFFSET = 24;
    private static final int SEQUENCE_OFFSET = 32;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private RecordLayout() {}

    /// Writes all but the CRC and the ordinal, which the journal fills in when it appends.
    public static void write(
            MutableDirectBuffer buffer,
            int offset,
            RecordType type,
            int source,
            int payloadLength,
            long timeMs,
            long sequence) {
        buffer.putInt(offset + CRC_OFFSET, 0, ORDER);
        buffer.putByte(offset + TYPE_OFFSET, (byte) type.code());
        buffer.putByte(offset + FLAGS_OFFSET, (byte) 0);
        buffer.putShort(offset + VERSION_OFFSET, (short) VERSION, ORDER);
        buffer.putInt(offset + SOURCE_OFFSET, source, ORDER);
        buffer.putInt(offset + LENGTH_OFFSET, payloadLength, ORDER);
        buffer.putLong(offset + ORDINAL_OFFSET, 0, ORDER);
        buffer.putLong(offset + TIME_OFFSET, timeMs, ORDER);
        buffer.putLong(offset + SEQUENCE_OFFSET, sequence, ORDER);
    }

    static void ordinal(MutableDirectBuffer buffer, int offset, long ordinal) {
        buffer.putLong(offset + ORDINAL_OFFSET, ordinal, ORDER);
    }

    static void crc(MutableDirectBuffer buffer, int offset, int crc) {
        buffer.putInt(offset + CRC_OFFSET, crc, ORDER);
    }

    public static int crc(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + CRC_OFFSET, ORDER);
    }

    public static int typeCode(DirectBuffer buffer, int offset) {
        return buffer.getByte(offset + TYPE_OFFSET) & 0xFF;
    }

    public static int version(DirectBuffer buffer, int offset) {
        return buffer.getShort(offset + VERSION_OFFSET, ORDER) & 0xFFFF;
    }

    public static int source(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + SOURCE_OFFSET, ORDER);
    }

    public static int payloadLength(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + LENGTH_OFFSET, ORDER);
    }

    public static long ordinal(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + ORDINAL_OFFSET, ORDER);
    }

    public static long timeMs(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + TIME_OFFSET, ORDER);
    }

    public static long sequence(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + SEQUENCE_OFFSET, ORDER);
    }
}
