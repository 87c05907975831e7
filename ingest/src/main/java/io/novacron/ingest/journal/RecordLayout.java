package io.novacron.ingest.journal;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/// A record on its way to the journal, as it lies in the ring: 40 bytes before the payload,
/// little-endian, for whoever looks at the memory. On disk its header is another: see
/// [BlockLayout].
///
/// ```text
///  0     4      5       8        12        16    24       32         40
///  | 0   | type | 0     | source | length  | 0   | timeMs | sequence | payload …
/// ```
///
/// `source` is the agent's index, -1 for the daemon's own records; `timeMs` is the time of receipt.
public final class RecordLayout {
    public static final int HEADER_LENGTH = 40;
    public static final int NO_SOURCE = -1;

    private static final int TYPE_OFFSET = 4;
    private static final int SOURCE_OFFSET = 8;
    private static final int LENGTH_OFFSET = 12;
    private static final int TIME_OFFSET = 24;
    private static final int SEQUENCE_OFFSET = 32;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private RecordLayout() {}

    public static void write(
            MutableDirectBuffer buffer,
            int offset,
            RecordType type,
            int source,
            int payloadLength,
            long timeMs,
            long sequence) {
        buffer.putInt(offset, 0, ORDER);
        buffer.putInt(offset + TYPE_OFFSET, type.code(), ORDER);
        buffer.putInt(offset + SOURCE_OFFSET, source, ORDER);
        buffer.putInt(offset + LENGTH_OFFSET, payloadLength, ORDER);
        buffer.putLong(offset + LENGTH_OFFSET + Integer.BYTES, 0, ORDER);
        buffer.putLong(offset + TIME_OFFSET, timeMs, ORDER);
        buffer.putLong(offset + SEQUENCE_OFFSET, sequence, ORDER);
    }
}
