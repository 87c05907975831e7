package io.novacron.ingest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/// One buffer that all connections of an event loop are read into, one after the other. The handler
/// takes whole frames out of it at once and copies what is left, so that a crowd of connections
/// neither allocates nor spreads over the cache. Where somebody keeps it, as TLS may, the next read
/// gets a buffer of its own.
final class ReceiveBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int LENGTH = 64 * 1024;

    private final ByteBuf shared = Unpooled.directBuffer(LENGTH, LENGTH);

    @Override
    @SuppressWarnings("deprecation") // Netty names no other way to say how to allocate
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return LENGTH;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return shared.refCnt() == 1 ? shared.clear().retain() : allocator.ioBuffer(LENGTH);
            }
        };
    }
}
