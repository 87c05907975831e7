package io.novacron.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.MessageHeaderDecoder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Cuts a byte stream into frames and seals them: 12 bytes before each SBE message, little-endian.
///
/// ```text
///  0          4          6          7        8         12                 20
///  | length   | magic    | version  | flags  | crc32c  | SBE header       | body …
///  | int32    | 0x434E   | uint8: 1 | 0      | int32   | 8 bytes          |
/// ```
///
/// `length` counts the whole frame, these 12 bytes included. The CRC-32C covers bytes 0 to 7 and
/// everything from byte 12 on, so that a damaged length or version is found too.
///
/// A reader calls [#checkHeader] as bytes arrive, which needs no more than eight of them to refuse
/// a stranger, then [#checkCrc] once the frame is whole. An instance holds a checksum and a scratch
/// array: not thread-safe, each thread keeps its own.
public final class Framing {
    public static final int HEADER_LENGTH = 12;

    /// No frame is ever longer, whatever a configuration says.
    public static final int MAX_FRAME_LENGTH = 16 * 1024 * 1024;

    /// A frame without a body: this header and the SBE header.
    public static final int MIN_FRAME_LENGTH = HEADER_LENGTH + MessageHeaderDecoder.ENCODED_LENGTH;

    /// "NC" in the order of the bytes.
    public static final int MAGIC = 0x434E;

    public static final int PROTOCOL_VERSION = 1;

    private static final int MAGIC_OFFSET = 4;
    private static final int VERSION_OFFSET = 6;
    private static final int FLAGS_OFFSET = 7;
    private static final int CRC_OFFSET = 8;
    private static final int TEMPLATE_ID_OFFSET = HEADER_LENGTH + 2;

    private final CRC32C crc = new CRC32C();
    private final byte[] scratch = new byte[8192];

    /// Fills the header of a frame whose SBE message (its header included) already lies at
    /// `frameOffset + HEADER_LENGTH`.
    ///
    /// @return the length of the whole frame
    public int finish(MutableDirectBuffer buffer, int frameOffset, int messageLength) {
        int length = HEADER_LENGTH + messageLength;
        if (length < MIN_FRAME_LENGTH || length > MAX_FRAME_LENGTH) {
            throw WireException.of(
                    ErrorCode.FRAME_TOO_LARGE,
                    "frame length=%d must be in [%d, %d]. Maybe split the message?",
                    length,
                    MIN_FRAME_LENGTH,
                    MAX_FRAME_LENGTH);
        }
        buffer.putInt(frameOffset, length, LITTLE_ENDIAN);
        buffer.putShort(frameOffset + MAGIC_OFFSET, (short) MAGIC, LITTLE_ENDIAN);
        buffer.putByte(frameOffset + VERSION_OFFSET, (byte) PROTOCOL_VERSION);
        buffer.putByte(frameOffset + FLAGS_OFFSET, (byte) 0);
        buffer.putInt(
                frameOffset + CRC_OFFSET, checksum(buffer, frameOffset, length), LITTLE_ENDIAN);
        return length;
    }

    /// The length field, unchecked.
    public static int length(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset, LITTLE_ENDIAN);
    }

    /// The SBE template id of a frame of at least [#MIN_FRAME_LENGTH] bytes, unchecked.
    public static int templateId(DirectBuffer buffer, int offset) {
        return buffer.getShort(offset + TEMPLATE_ID_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
    }

    /// Checks what there is of a frame's header; the CRC is not looked at.
    ///
    /// @param available bytes readable from `offset` on
    /// @param maxFrameLength the receiver's limit, at most [#MAX_FRAME_LENGTH]
    /// @return the frame's length once all of it is available, or -1 when more bytes are needed
    public static int checkHeader(
            DirectBuffer buffer, int offset, int available, int maxFrameLength) {
        if (available < CRC_OFFSET) {
            return -1;
        }
        int magic = buffer.getShort(offset + MAGIC_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
        if (magic != MAGIC) {
            throw WireException.of(
                    ErrorCode.BAD_MAGIC,
                    "magic=0x%04x must be 0x%04x. Maybe the peer speaks TLS or HTTP to this port?",
                    magic,
                    MAGIC);
        }
        int version = buffer.getByte(offset + VERSION_OFFSET) & 0xFF;
        int flags = buffer.getByte(offset + FLAGS_OFFSET) & 0xFF;
        if (version != PROTOCOL_VERSION || flags != 0) {
            throw WireException.of(
                    ErrorCode.UNSUPPORTED_VERSION,
                    "protocol version=%d flags=%d must be version %d, flags 0. Maybe the peer is"
                            + " newer than this side; upgrade this side first?",
                    version,
                    flags,
                    PROTOCOL_VERSION);
        }
        int length = length(buffer, offset);
        int limit = Math.min(maxFrameLength, MAX_FRAME_LENGTH);
        if (length < MIN_FRAME_LENGTH) {
            throw WireException.of(
                    ErrorCode.FRAME_TRUNCATED,
                    "frame length=%d must be at least %d",
                    length,
                    MIN_FRAME_LENGTH);
        }
        if (length > limit) {
            throw WireException.of(
                    ErrorCode.FRAME_TOO_LARGE,
                    "frame length=%d must be at most %d. Maybe fewer entities a batch?",
                    length,
                    limit);
        }
        return available < length ? -1 : length;
    }

    /// Checks the CRC of a whole frame that passed [#checkHeader].
    public void checkCrc(DirectBuffer buffer, int offset, int length) {
        if (length < MIN_FRAME_LENGTH) {
            throw WireException.of(
                    ErrorCode.FRAME_TRUNCATED,
                    "frame length=%d must be at least %d",
                    length,
                    MIN_FRAME_LENGTH);
        }
        int expected = buffer.getInt(offset + CRC_OFFSET, LITTLE_ENDIAN);
        int actual = checksum(buffer, offset, length);
        if (expected != actual) {
            throw WireException.of(
                    ErrorCode.BAD_CRC,
                    "crc32c=0x%08x of %d bytes must be 0x%08x as the frame says. Maybe a proxy"
                            + " or a disk damaged it?",
                    actual,
                    length,
                    expected);
        }
    }

    private int checksum(DirectBuffer buffer, int offset, int length) {
        crc.reset();
        update(buffer, offset, CRC_OFFSET);
        update(buffer, offset + HEADER_LENGTH, length - HEADER_LENGTH);
        return (int) crc.getValue();
    }

    /// Off-heap bytes go through a scratch array: `CRC32C` takes a `ByteBuffer` only by moving its
    /// position, which another thread may be using, and a view for each frame would be garbage.
    private void update(DirectBuffer buffer, int offset, int length) {
        byte[] array = buffer.byteArray();
        if (array != null) {
            buffer.boundsCheck(offset, length);
            crc.update(array, buffer.wrapAdjustment() + offset, length);
            return;
        }
        for (int done = 0; done < length; done += scratch.length) {
            int chunk = Math.min(scratch.length, length - done);
            buffer.getBytes(offset + done, scratch, 0, chunk);
            crc.update(scratch, 0, chunk);
        }
    }
}
