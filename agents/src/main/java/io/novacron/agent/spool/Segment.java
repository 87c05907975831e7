package io.novacron.agent.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// One file of a spool: records one after the other, little-endian.
///
/// ```text
///  0          4          8            16            24
///  | length   | crc32c   | sequence   | timeMs      | frame …
/// ```
///
/// `length` is the frame's; the CRC covers everything from byte 8 on. The file's name is its first
/// sequence. Guarded by its spool's lock.
final class Segment implements AutoCloseable {
    static final int HEADER_LENGTH = 24;
    static final int MAX_FRAME_LENGTH = 16 * 1024 * 1024;
    private static final String SUFFIX = ".segment";

    private final Path path;
    private final FileChannel channel;
    private final ByteBuffer header =
            ByteBuffer.allocate(HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc = new CRC32C();
    private final long firstSequence;
    private long lastSequence;
    private long firstTimeMs;
    private long lastTimeMs;
    private long endPosition;
    private boolean sealed;

    private Segment(Path path, FileChannel channel, long firstSequence) {
        this.path = path;
        this.channel = channel;
        this.firstSequence = firstSequence;
        this.lastSequence = firstSequence - 1;
    }

    static Segment create(Path folder, long firstSequence) throws IOException {
        Path path = folder.resolve("%016x%s".formatted(firstSequence, SUFFIX));
        return new Segment(
                path,
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                firstSequence);
    }

    static boolean isSegment(Path path) {
        return path.getFileName().toString().matches("[0-9a-f]{16}\\.segment");
    }

    /// Opens a file from an earlier run and cuts it at the first record that is not whole.
    static Segment open(Path path) throws IOException {
        String name = path.getFileName().toString();
        long first = Long.parseLong(name, 0, name.length() - SUFFIX.length(), 16);
        var segment =
                new Segment(
                        path,
                        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE),
                        first);
        try {
            segment.recover();
        } catch (IOException e) {
            segment.channel.close();
            throw e;
        }
        return segment;
    }

    private void recover() throws IOException {
        var frame = new SpooledFrame();
        long position = 0;
        while (true) {
            long next = read(position, frame);
            if (next < 0 || frame.sequence() <= lastSequence) {
                break;
            }
            noteAppended(frame.sequence(), header.getLong(16));
            position = next;
        }
        endPosition = position;
        if (channel.size() > position) {
            channel.truncate(position);
        }
    }

    /// Appends a record; on failure the file is cut back to what it was.
    void append(long sequence, long timeMs, byte[] frame, int length, boolean sync)
            throws IOException {
        header.clear();
        header.putInt(length).putInt(0).putLong(sequence).putLong(timeMs);
        header.putInt(4, checksum(frame, length)).flip();
        ByteBuffer[] parts = {header, ByteBuffer.wrap(frame, 0, length)};
        try {
            channel.position(endPosition);
            long left = HEADER_LENGTH + length;
            while (left > 0) {
                left -= channel.write(parts);
            }
            if (sync) {
                channel.force(false);
            }
        } catch (IOException e) {
            channel.truncate(endPosition);
            throw e;
        }
        endPosition += HEADER_LENGTH + length;
        noteAppended(sequence, timeMs);
    }

    private void noteAppended(long sequence, long timeMs) {
        if (isEmpty()) {
            firstTimeMs = timeMs;
        }
        lastSequence = sequence;
        lastTimeMs = timeMs;
    }

    /// Reads the record at a position.
    ///
    /// @return the next record's position, or -1 when there is no whole record here
    long read(long position, SpooledFrame into) throws IOException {
        int length = readHeader(position);
        if (length < 0) {
            return -1;
        }
        ByteBuffer bytes = into.prepare(header.getLong(8), length);
        long end = position + HEADER_LENGTH + length;
        if (!readFully(bytes, position + HEADER_LENGTH)) {
            return -1;
        }
        bytes.flip();
        return checksum(bytes.array(), length) == header.getInt(4) ? end : -1;
    }

    /// The sequence of the record at a position, or -1 when there is none.
    long sequenceAt(long position) throws IOException {
        return readHeader(position) < 0 ? -1 : header.getLong(8);
    }

    /// Where the record after the one at a position begins; there must be one at the position.
    long after(long position) throws IOException {
        return position + HEADER_LENGTH + readHeader(position);
    }

    private int readHeader(long position) throws IOException {
        header.clear();
        if (!readFully(header, position)) {
            return -1;
        }
        int length = header.getInt(0);
        return length >= 0 && length <= MAX_FRAME_LENGTH ? length : -1;
    }

    private boolean readFully(ByteBuffer into, long position) throws IOException {
        long from = position;
        while (into.hasRemaining()) {
            int count = channel.read(into, from);
            if (count < 0) {
                return false;
            }
            from += count;
        }
        return true;
    }

    private int checksum(byte[] frame, int length) {
        crc.reset();
        crc.update(header.array(), 8, HEADER_LENGTH - 8);
        crc.update(frame, 0, length);
        return (int) crc.getValue();
    }

    long firstSequence() {
        return firstSequence;
    }

    long lastSequence() {
        return lastSequence;
    }

    long firstTimeMs() {
        return firstTimeMs;
    }

    long lastTimeMs() {
        return lastTimeMs;
    }

    long lengthInBytes() {
        return endPosition;
    }

    /// Gives up what comes at and after a position, and takes no more records.
    void cutAt(long position) throws IOException {
        sealed = true;
        lastSequence = firstSequence - 1;
        for (long at = 0; at < position; at = after(at)) {
            lastSequence = sequenceAt(at);
        }
        endPosition = position;
    }

    boolean isSealed() {
        return sealed;
    }

    boolean isEmpty() {
        return lastSequence < firstSequence;
    }

    void delete() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
