package io.novacron.ingest.journal;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Payload of an ACKNOWLEDGED record: stream, spool epoch, and how many frames of it were
/// acknowledged; the highest sequence is the record's.
public final class AcknowledgedRecord {
    public static final int LENGTH = 24;

    private static final int EPOCH_OFFSET = 8;
    private static final int FRAMES_OFFSET = 16;

    private AcknowledgedRecord() {}

    public static void write(
            MutableDirectBuffer buffer, int offset, int stream, long epoch, long frames) {
        buffer.putLong(offset, stream, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + EPOCH_OFFSET, epoch, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + FRAMES_OFFSET, frames, ByteOrder.LITTLE_ENDIAN);
    }

    static int stream(DirectBuffer buffer, int offset) {
        return (int) buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
    }

    static long epoch(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + EPOCH_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    static long frames(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + FRAMES_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }
}
