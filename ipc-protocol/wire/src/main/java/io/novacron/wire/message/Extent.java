package io.novacron.wire.message;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.MessageHeaderDecoder;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// Where one message begins and ends, and the checks that keep a generated decoder inside it.
///
/// Messages of our schema version or an earlier one must have exactly our layout, for no block has
/// grown so far; what an earlier version has not, the decoders leave out. Those of a later version
/// may have longer blocks and more at the end, which is skipped.
final class Extent {
    /// The SBE body in [#buffer], which begins at the SBE header.
    static final int BODY_OFFSET = MessageHeaderDecoder.ENCODED_LENGTH;

    private static final int GROUP_HEADER_LENGTH = 4;
    private static final int STRING_HEADER_LENGTH = 2;
    private static final int DATA_HEADER_LENGTH = 4;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private int blockLength;
    private int version;

    /// @return the template id
    int wrap(DirectBuffer frame, int offset, int length) {
        if (length < Framing.MIN_FRAME_LENGTH || offset < 0 || offset > frame.capacity() - length) {
            throw WireException.of(
                    ErrorCode.FRAME_TRUNCATED,
                    "frame at offset=%d length=%d must be at least %d bytes within capacity=%d",
                    offset,
                    length,
                    Framing.MIN_FRAME_LENGTH,
                    frame.capacity());
        }
        buffer.wrap(frame, offset + Framing.HEADER_LENGTH, length - Framing.HEADER_LENGTH);
        header.wrap(buffer, 0);
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "schemaId=%d must be %d",
                    header.schemaId(),
                    MessageHeaderDecoder.SCHEMA_ID);
        }
        version = header.version();
        if (version < 1) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE, "schema version=%d must be at least 1", version);
        }
        blockLength = header.blockLength();
        return header.templateId();
    }

    DirectBuffer buffer() {
        return buffer;
    }

    int version() {
        return version;
    }

    /// Checks the message's fixed block.
    ///
    /// @return its length as sent
    int block(int expected) {
        layout("message", blockLength, expected);
        need("message", BODY_OFFSET, blockLength);
        return blockLength;
    }

    /// Checks a group's dimensions at `limit`.
    void group(String name, int limit, int expected) {
        need(name, limit, GROUP_HEADER_LENGTH);
        int length = buffer.getShort(limit, LITTLE_ENDIAN) & 0xFFFF;
        int count = buffer.getShort(limit + 2, LITTLE_ENDIAN) & 0xFFFF;
        layout(name, length, expected);
        if ((long) length * count > buffer.capacity() - limit - GROUP_HEADER_LENGTH) {
            throw truncated(name, limit, (long) length * count);
        }
    }

    /// Checks that `length` bytes are left at `limit`.
    void need(String name, int limit, int length) {
        if (length < 0 || limit > buffer.capacity() - length) {
            throw truncated(name, limit, length);
        }
    }

    /// Reads a string that begins at `limit`, checked first.
    String string(String name, int limit, Supplier<String> reader) {
        need(name, limit, STRING_HEADER_LENGTH);
        int length = buffer.getShort(limit, LITTLE_ENDIAN) & 0xFFFF;
        need(name, limit + STRING_HEADER_LENGTH, length);
        return reader.get();
    }

    /// @return the length of the checked data that begins at `limit`
    int data(String name, int limit) {
        need(name, limit, DATA_HEADER_LENGTH);
        int length = buffer.getInt(limit, LITTLE_ENDIAN);
        need(name, limit + DATA_HEADER_LENGTH, length);
        return length;
    }

    /// Checks that nothing is left over, unless a later version may have added it.
    void end(int limit) {
        if (limit != buffer.capacity() && version <= MessageHeaderDecoder.SCHEMA_VERSION) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "message ends at byte %d of %d; schema version %d has nothing after it",
                    limit,
                    buffer.capacity(),
                    version);
        }
    }

    /// Refuses what the generated enums make of a value that they do not know.
    static <E extends Enum<E>> E known(String field, E value) {
        if (value.name().equals("NULL_VAL") || value.name().equals("SBE_UNKNOWN")) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "%s has a value that schema version %d does not. Maybe the peer is newer?",
                    field,
                    MessageHeaderDecoder.SCHEMA_VERSION);
        }
        return value;
    }

    static int entityId(long value) {
        if (value > Integer.MAX_VALUE) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "entityId=%d must be at most %d",
                    value,
                    Integer.MAX_VALUE);
        }
        return (int) value;
    }

    private void layout(String name, int length, int expected) {
        boolean later = version > MessageHeaderDecoder.SCHEMA_VERSION;
        if (length < expected || (length > expected && !later)) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "%s block length=%d must be %s%d in schema version %d",
                    name,
                    length,
                    later ? "at least " : "",
                    expected,
                    version);
        }
    }

    private WireException truncated(String name, int limit, long length) {
        return WireException.of(
                ErrorCode.BAD_MESSAGE,
                "%s of %d bytes at byte %d must end within the message's %d bytes",
                name,
                length,
                limit,
                buffer.capacity());
    }
}
