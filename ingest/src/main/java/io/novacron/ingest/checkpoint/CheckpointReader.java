package io.novacron.ingest.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.CRC32C;

/// Reads what [CheckpointWriter] wrote, one block at a time. A block is checked before anything of
/// it is given out, so only [#finish] can still find that the file is not whole: what was read must
/// not be used before. One thread.
public final class CheckpointReader implements AutoCloseable {
    private static final int LONGEST_VALUE = 256 * 1024 * 1024;

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer block =
            ByteBuffer.allocateDirect(
                            CheckpointWriter.HEADER_LENGTH + CheckpointWriter.PAYLOAD_LIMIT)
                    .order(ByteOrder.LITTLE_ENDIAN);
    private final MemorySegment memory = MemorySegment.ofBuffer(block);
    private final CRC32C crc = new CRC32C();
    private int section = -1;
    private int blocks;
    private long position;

    private CheckpointReader(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
        block.limit(0);
    }

    public static CheckpointReader open(Path file) throws IOException {
        return new CheckpointReader(file, FileChannel.open(file, StandardOpenOption.READ));
    }

    /// Goes on to this section, which must be the next.
    ///
    /// @throws CheckpointException when it is not, or something of the last one was not read
    public void begin(Section next) throws IOException {
        if (block.hasRemaining()) {
            throw damaged(
                    "%d bytes of %s are left over"
                            .formatted(block.remaining(), Section.nameOf(section)));
        }
        section = next.code();
        nextBlock();
    }

    public int getByte() throws IOException {
        require(Byte.BYTES);
        return block.get();
    }

    public boolean getBoolean() throws IOException {
        return getByte() != 0;
    }

    public int getInt() throws IOException {
        require(Integer.BYTES);
        return block.getInt();
    }

    public long getLong() throws IOException {
        require(Long.BYTES);
        return block.getLong();
    }

    public String getString() throws IOException {
        return new String(getBytes(), StandardCharsets.UTF_8);
    }

    public byte[] getBytes() throws IOException {
        var value = new byte[getCount(LONGEST_VALUE)];
        get(MemorySegment.ofArray(value), 0, value.length);
        return value;
    }

    /// A number of things that follow.
    ///
    /// @throws CheckpointException when it is not in [0, limit]
    public int getCount(int limit) throws IOException {
        int count = getInt();
        if (count < 0 || count > limit) {
            throw damaged(
                    "a count of %d in %s must be in [0, %d]"
                            .formatted(count, Section.nameOf(section), limit));
        }
        return count;
    }

    public void get(MemorySegment into, long offset, long length) throws IOException {
        long done = 0;
        while (done < length) {
            if (!block.hasRemaining()) {
                nextBlock();
            }
            int chunk = (int) Math.min(block.remaining(), length - done);
            MemorySegment.copy(
                    memory, JAVA_BYTE, block.position(), into, JAVA_BYTE, offset + done, chunk);
            block.position(block.position() + chunk);
            done += chunk;
        }
    }

    private void require(int length) throws IOException {
        if (block.remaining() < length) {
            if (block.hasRemaining()) {
                throw damaged("a number in %s is cut".formatted(Section.nameOf(section)));
            }
            nextBlock();
        }
    }

    private void nextBlock() throws IOException {
        block.clear().limit(CheckpointWriter.HEADER_LENGTH);
        fill();
        int actualSection = block.getInt(0);
        int number = block.getInt(CheckpointWriter.NUMBER_OFFSET);
        int length = block.getInt(CheckpointWriter.LENGTH_OFFSET);
        int expected = block.getInt(CheckpointWriter.CRC_OFFSET);
        if (number != blocks || length <= 0 || length > CheckpointWriter.PAYLOAD_LIMIT) {
            throw damaged("number=%d length=%d cannot be".formatted(number, length));
        }
        block.limit(CheckpointWriter.HEADER_LENGTH + length);
        fill();
        block.putInt(CheckpointWriter.CRC_OFFSET, 0);
        crc.reset();
        crc.update(block.rewind());
        if ((int) crc.getValue() != expected) {
            throw damaged(
                    String.format(
                            Locale.ROOT,
                            "crc32c=0x%08x must be 0x%08x",
                            (int) crc.getValue(),
                            expected));
        }
        if (actualSection != section) {
            throw damaged(
                    "it is of %s and must be of %s"
                            .formatted(Section.nameOf(actualSection), Section.nameOf(section)));
        }
        block.position(CheckpointWriter.HEADER_LENGTH);
        position += block.limit();
        blocks++;
    }

    private void fill() throws IOException {
        while (block.hasRemaining()) {
            if (channel.read(block) < 0) {
                throw damaged("the file ends at byte " + channel.position(), new EOFException());
            }
        }
    }

    /// Checks that this is the whole file.
    ///
    /// @throws CheckpointException when it is not
    public void finish() throws IOException {
        int blocksBefore = blocks;
        long bytesBefore = position;
        begin(Section.END);
        int blocksPromised = getInt();
        long bytesPromised = getLong();
        if (blocksPromised != blocksBefore
                || bytesPromised != bytesBefore
                || block.hasRemaining()
                || channel.position() != channel.size()) {
            throw damaged(
                    "the file has %d blocks and %d bytes, must have %d and %d before its end"
                            .formatted(blocksBefore, bytesBefore, blocksPromised, bytesPromised));
        }
    }

    /// The contents make no sense.
    public CheckpointException damaged(String what) {
        return new CheckpointException(message(what));
    }

    private CheckpointException damaged(String what, Throwable cause) {
        return new CheckpointException(message(what), cause);
    }

    private String message(String what) {
        return "%s is damaged in block %d: %s. Maybe the device is failing?"
                .formatted(file.getFileName(), blocks, what);
    }

    public Path file() {
        return file;
    }

    public long bytesRead() {
        return position;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
