package io.novacron.ingest.journal;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Payload of a SESSION record: 16 bytes, then the hello as it came when the session begins.
///
/// ```text
///  0           8      9       10      16
///  | sessionId | kind | event | 0 … 0 | hello frame …
/// ```
public final class SessionRecord {
    public static final int HEADER_LENGTH = 16;
    public static final int BEGIN = 1;
    public static final int END = 2;

    private static final int KIND_OFFSET = 8;
    private static final int EVENT_OFFSET = 9;

    private SessionRecord() {}

    public static void write(
            MutableDirectBuffer buffer, int offset, long sessionId, int kind, int event) {
        buffer.putLong(offset, sessionId, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + KIND_OFFSET, 0, ByteOrder.LITTLE_ENDIAN);
        buffer.putByte(offset + KIND_OFFSET, (byte) kind);
        buffer.putByte(offset + EVENT_OFFSET, (byte) event);
    }

    public static long sessionId(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
    }

    public static int kind(DirectBuffer buffer, int offset) {
        return buffer.getByte(offset + KIND_OFFSET);
    }

    public static int event(DirectBuffer buffer, int offset) {
        return buffer.getByte(offset + EVENT_OFFSET);
    }
}
