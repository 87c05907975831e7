package io.novacron.ingest.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/// CRC-32C of a piece of a buffer, without garbage. One instance per thread.
final class Checksum {
    private final CRC32C crc = new CRC32C();
    private final byte[] scratch = new byte[8192];

    /// @param view a view of the same memory that this thread alone uses, from offset 0
    int of(ByteBuffer view, int offset, int length) {
        crc.reset();
        return and(view, offset, length);
    }

    /// The checksum of what the call before covered and of this behind it.
    int and(ByteBuffer view, int offset, int length) {
        view.limit(offset + length).position(offset);
        crc.update(view);
        return (int) crc.getValue();
    }

    int of(DirectBuffer buffer, int offset, int length) {
        crc.reset();
        for (int done = 0; done < length; done += scratch.length) {
            int chunk = Math.min(scratch.length, length - done);
            buffer.getBytes(offset + done, scratch, 0, chunk);
            crc.update(scratch, 0, chunk);
        }
        return (int) crc.getValue();
    }
}
