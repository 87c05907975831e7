package io.novacron.ingest.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// Writes a checkpoint as a row of blocks, little-endian, each with its own checksum:
///
/// ```text
///  0         4        8        12       16
///  | section | number | length | crc32c | payload, at most 1 MiB … | next block …
/// ```
///
/// The CRC-32C covers the header, its own field as zero, and the payload. Blocks are numbered from
/// 0; a value may begin in one block and end in the next of its section. What was written is forced
/// to the device piece by piece, so that the journal's own syncs never wait behind all of it.
///
/// One thread.
public final class CheckpointWriter implements AutoCloseable {
    static final int HEADER_LENGTH = 16;
    static final int PAYLOAD_LIMIT = 1024 * 1024;
    static final int NUMBER_OFFSET = 4;
    static final int LENGTH_OFFSET = 8;
    static final int CRC_OFFSET = 12;

    private static final long FORCE_BYTES = 8L * 1024 * 1024;

    private final FileChannel channel;
    private final ByteBuffer block =
            ByteBuffer.allocateDirect(HEADER_LENGTH + PAYLOAD_LIMIT).order(ByteOrder.LITTLE_ENDIAN);
    private final MemorySegment memory = MemorySegment.ofBuffer(block);
    private final CRC32C crc = new CRC32C();
    private Section section = Section.HEADER;
    private int blocks;
    private long bytesWritten;
    private long bytesForced;

    private CheckpointWriter(FileChannel channel) {
        this.channel = channel;
        block.position(HEADER_LENGTH);
    }

    /// Begins a file, in place of what stood there.
    public static CheckpointWriter create(Path file) throws IOException {
        return new CheckpointWriter(
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE));
    }

    /// What follows belongs to this section.
    public void begin(Section next) throws IOException {
        if (block.position() > HEADER_LENGTH) {
            endBlock();
        }
        section = next;
    }

    public void putByte(int value) throws IOException {
        reserve(Byte.BYTES);
        block.put((byte) value);
    }

    public void putBoolean(boolean value) throws IOException {
        putByte(value ? 1 : 0);
    }

    public void putInt(int value) throws IOException {
        reserve(Integer.BYTES);
        block.putInt(value);
    }

    public void putLong(long value) throws IOException {
        reserve(Long.BYTES);
        block.putLong(value);
    }

    public void putString(String value) throws IOException {
        putBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /// Bytes with their length in front.
    public void putBytes(byte[] value) throws IOException {
        putInt(value.length);
        put(MemorySegment.ofArray(value), 0, value.length);
    }

    /// Bytes whose number the reader knows.
    public void put(MemorySegment from, long offset, long length) throws IOException {
        long done = 0;
        while (done < length) {
            if (!block.hasRemaining()) {
                endBlock();
            }
            int chunk = (int) Math.min(block.remaining(), length - done);
            MemorySegment.copy(
                    from, JAVA_BYTE, offset + done, memory, JAVA_BYTE, block.position(), chunk);
            block.position(block.position() + chunk);
            done += chunk;
        }
    }

    private void reserve(int length) throws IOException {
        if (block.remaining() < length) {
            endBlock(); // the reader takes the same step: a number lies in one block
        }
    }

    private void endBlock() throws IOException {
        int length = block.position() - HEADER_LENGTH;
        block.putInt(0, section.code());
        block.putInt(NUMBER_OFFSET, blocks);
        block.putInt(LENGTH_OFFSET, length);
        block.putInt(CRC_OFFSET, 0);
        block.flip();
        crc.reset();
        crc.update(block);
        block.putInt(CRC_OFFSET, (int) crc.getValue());
        block.rewind();
        while (block.hasRemaining()) {
            bytesWritten += channel.write(block);
        }
        block.clear().position(HEADER_LENGTH);
        blocks++;
        if (bytesWritten - bytesForced >= FORCE_BYTES) {
            channel.force(false);
            bytesForced = bytesWritten;
        }
    }

    /// Ends the file and forces it to the device.
    public void finish() throws IOException {
        begin(Section.END);
        putInt(blocks);
        putLong(bytesWritten);
        endBlock();
        channel.force(true);
    }

    public long bytesWritten() {
        return bytesWritten;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
