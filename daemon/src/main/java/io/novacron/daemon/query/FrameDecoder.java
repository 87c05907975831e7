package io.novacron.daemon.query;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.message.Messages;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/// Cuts the byte stream of one connection into frames and decodes their messages. A frame longer
/// than the limit, or of another protocol, is refused from its first eight bytes.
final class FrameDecoder extends ByteToMessageDecoder {
    private final int maxFrameLength;
    private final Framing framing = new Framing();
    private final Messages messages = new Messages();
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private boolean refused;

    FrameDecoder(int maxFrameLength) {
        this.maxFrameLength = maxFrameLength;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (refused) {
            in.skipBytes(in.readableBytes()); // after a framing error nothing more can be read
            return;
        }
        try {
            decodeFrame(in, out);
        } catch (WireException e) {
            refused = true;
            throw e;
        }
    }

    private void decodeFrame(ByteBuf in, List<Object> out) {
        int available = in.readableBytes();
        if (in.hasArray()) {
            view.wrap(in.array(), in.arrayOffset() + in.readerIndex(), available);
        } else {
            view.wrap(in.nioBuffer());
        }
        int length = Framing.checkHeader(view, 0, available, maxFrameLength);
        if (length < 0) {
            return; // more bytes are needed
        }
        framing.checkCrc(view, 0, length);
        out.add(messages.decode(view, 0, length));
        in.skipBytes(length);
    }
}
