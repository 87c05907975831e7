package io.novacron.agent.spool;

import java.nio.ByteBuffer;

/// A frame copied out of a spool. The reader keeps one and uses it again.
public final class SpooledFrame {
    private long sequence;
    private ByteBuffer bytes = ByteBuffer.allocate(1024);

    public long sequence() {
        return sequence;
    }

    /// The frame, from position 0 to the limit, backed by an array.
    public ByteBuffer bytes() {
        return bytes;
    }

    /// Makes room for a frame; the caller then fills [#bytes] from 0 to its limit.
    ByteBuffer prepare(long sequence, int length) {
        this.sequence = sequence;
        if (bytes.capacity() < length) {
            bytes = ByteBuffer.allocate(Math.max(length, bytes.capacity() * 2));
        }
        return bytes.clear().limit(length);
    }
}
