package io.novacron.wire.message;

import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.sbe.ErrorCode;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Turns cold messages into whole frames and back. Not thread-safe: each thread keeps one.
///
/// Strings have bounds in UTF-8 bytes, given in [Bounds]. Text for people is cut at its bound, on a
/// character's edge; names and other things that programs compare are refused when longer.
public final class Messages {
    private final Framing framing = new Framing();
    private final MessageEncoder encoder = new MessageEncoder();
    private final MessageDecoder decoder = new MessageDecoder();

    /// Writes a whole frame at `offset`: framing header, SBE header and body.
    ///
    /// @return the frame's length
    /// @throws WireException when the message breaks a bound or does not fit into the buffer; what
    ///   lies at `offset` is then undefined
    public int encode(Message message, MutableDirectBuffer buffer, int offset) {
        int length;
        try {
            length = encoder.encode(message, buffer, offset + Framing.HEADER_LENGTH);
        } catch (IndexOutOfBoundsException e) {
            throw WireException.of(
                    ErrorCode.FRAME_TOO_LARGE,
                    "%s does not fit into the %d bytes from offset=%d. Maybe a larger buffer?",
                    message.getClass().getSimpleName(),
                    buffer.capacity() - offset,
                    offset);
        }
        return framing.finish(buffer, offset, length);
    }

    /// Reads the message of a frame that passed [Framing#checkHeader] and [Framing#checkCrc].
    ///
    /// @throws WireException when the bytes are not exactly one known message
    public Message decode(DirectBuffer buffer, int offset, int length) {
        return decoder.decode(buffer, offset, length);
    }
}
