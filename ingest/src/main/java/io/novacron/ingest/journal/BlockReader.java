package io.novacron.ingest.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/// Reads one block, trusting none of its bytes: see [BlockLayout]. One thread owns it.
final class BlockReader {
    private static final int GROWTH = 4096;
    private static final int BYTE_MASK = 0xFF;
    private static final int LOW_BITS = 0x7F;
    private static final int LAST_SHIFT = 63;
    private static final String CUT_SHORT = "a record's header is cut short";

    // Of version 1, which had one record in an excerpt: enough to tell it from damage.
    private static final int VERSION_1_HEADER_LENGTH = 40;
    private static final int VERSION_1_LENGTH_OFFSET = 12;

    private final Checksum checksum = new Checksum();
    private final UnsafeBuffer payload = new UnsafeBuffer(ByteBuffer.allocateDirect(GROWTH));
    private final long[] prefix = new long[BlockLayout.WORDS];
    private DirectBuffer block = new UnsafeBuffer(0, 0);
    private int position;
    private int end;

    /// Looks at an excerpt, and stays on it when it is a block.
    ///
    /// @return what is wrong with it, or null
    /// @throws IOException when it is whole and another version wrote it
    @Nullable String wrap(DirectBuffer buffer, int length) throws IOException {
        if (length < BlockLayout.HEADER_LENGTH) {
            return "length=%d is shorter than a block's header".formatted(length);
        }
        int version = BlockLayout.version(buffer);
        if (version == 1 && intactVersion1(buffer, length)) {
            throw otherVersion(1);
        }
        int storedLength = BlockLayout.storedLength(buffer);
        if (storedLength < 0 || storedLength > length - BlockLayout.HEADER_LENGTH) {
            return "stored length=%d does not fit into %d".formatted(storedLength, length);
        }
        int covered = BlockLayout.HEADER_LENGTH - BlockLayout.COVERED_OFFSET + storedLength;
        int actual = checksum.of(buffer, BlockLayout.COVERED_OFFSET, covered);
        if (actual != BlockLayout.crc(buffer)) {
            return String.format(
                    Locale.ROOT, "crc32c=0x%08x must be 0x%08x", actual, BlockLayout.crc(buffer));
        }
        if (version != BlockLayout.VERSION) {
            throw otherVersion(version);
        }
        int codec = BlockLayout.codec(buffer);
        if (codec > BlockLayout.DIFFERENCES) {
            throw new IOException(
                    "journal block with codec=%d cannot be read. Maybe a newer daemon wrote it?"
                            .formatted(codec));
        }
        if (BlockLayout.records(buffer) <= 0 || BlockLayout.firstOrdinal(buffer) <= 0) {
            return "records=%d from ordinal=%d must both be positive"
                    .formatted(BlockLayout.records(buffer), BlockLayout.firstOrdinal(buffer));
        }
        block = buffer;
        position = BlockLayout.HEADER_LENGTH;
        end = position + storedLength;
        return null;
    }

    private boolean intactVersion1(DirectBuffer buffer, int length) {
        if (length < VERSION_1_HEADER_LENGTH) {
            return false;
        }
        int payload = buffer.getInt(VERSION_1_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
        if (payload < 0 || payload > length - VERSION_1_HEADER_LENGTH) {
            return false;
        }
        int covered = VERSION_1_HEADER_LENGTH - BlockLayout.COVERED_OFFSET + payload;
        int crc = checksum.of(buffer, BlockLayout.COVERED_OFFSET, covered);
        return crc == BlockLayout.crc(buffer);
    }

    private static IOException otherVersion(int version) {
        return new IOException(
                ("journal format version=%d must be %d. Maybe another version of the daemon wrote"
                                + " it? Move its folder away, or run that version.")
                        .formatted(version, BlockLayout.VERSION));
    }

    int records() {
        return BlockLayout.records(block);
    }

    long firstOrdinal() {
        return BlockLayout.firstOrdinal(block);
    }

    long timeMs() {
        return BlockLayout.timeMs(block);
    }

    /// Gives the records from one ordinal on to a handler.
    ///
    /// @return what is wrong with the block, in spite of its CRC, or null
    @Nullable String read(long fromOrdinal, RecordHandler handler) {
        int records = records();
        long first = firstOrdinal();
        int source = RecordLayout.NO_SOURCE;
        long timeMs = timeMs();
        long sequence = 0;
        boolean differences = BlockLayout.codec(block) == BlockLayout.DIFFERENCES;
        Arrays.fill(prefix, 0);
        for (int i = 0; i < records; i++) {
            if (position >= end) {
                return CUT_SHORT;
            }
            int control = block.getByte(position++) & 0xFF;
            int type = control & BlockLayout.TYPE_MASK;
            if (type == BlockLayout.TYPE_MASK) {
                type = (int) varint();
            }
            if ((control & BlockLayout.SAME_SOURCE) == 0) {
                source = (int) varint() - 1;
            }
            if ((control & BlockLayout.SAME_TIME) == 0) {
                timeMs += zigZag(varint());
            }
            boolean numbered = (control & BlockLayout.NO_SEQUENCE) == 0;
            if (numbered) {
                sequence += zigZag(varint());
            }
            long length = varint();
            if (position > end) {
                return CUT_SHORT;
            }
            boolean different = differences && length >= BlockLayout.PREFIX_LENGTH;
            int stored = different ? prefix(length) : (int) Math.min(length, Integer.MAX_VALUE);
            if (length < 0 || stored < 0 || stored > end - position) {
                return "payload length=%d of record %d does not fit".formatted(length, first + i);
            }
            if (different) {
                payload.putBytes(BlockLayout.PREFIX_LENGTH, block, position, stored);
            }
            if (first + i >= fromOrdinal) {
                handler.onRecord(
                        type,
                        source,
                        first + i,
                        timeMs,
                        numbered ? sequence : 0,
                        different ? payload : block,
                        different ? 0 : position,
                        (int) length);
            }
            position += stored;
        }
        return position == end ? null : "%d bytes follow its records".formatted(end - position);
    }

    /// Restores the beginning of a payload.
    ///
    /// @return how many of its bytes follow as they are, or -1 when they do not fit
    private int prefix(long length) {
        long rest = length - BlockLayout.PREFIX_LENGTH;
        int masks = position;
        position += BlockLayout.WORDS;
        if (rest > end - position) {
            return -1;
        }
        if (payload.capacity() < length) {
            payload.wrap(ByteBuffer.allocateDirect((int) length + GROWTH));
        }
        for (int i = 0; i < BlockLayout.WORDS; i++) {
            int mask = block.getByte(masks + i) & BYTE_MASK;
            int count = Integer.bitCount(mask);
            if (count > end - position) {
                return -1;
            }
            long places = Long.expand(mask, BlockLayout.LOW_BITS) * BYTE_MASK;
            prefix[i] ^= Long.expand(bytes(count), places);
            payload.putLong(i * Long.BYTES, prefix[i], ByteOrder.LITTLE_ENDIAN);
            position += count;
        }
        return (int) rest;
    }

    /// The next few bytes as a number; reads nothing behind the block.
    private long bytes(int count) {
        if (position + Long.BYTES <= end) {
            return block.getLong(position, ByteOrder.LITTLE_ENDIAN);
        }
        long value = 0;
        for (int i = 0; i < count; i++) {
            value |= (block.getByte(position + i) & (long) BYTE_MASK) << i * Byte.SIZE;
        }
        return value;
    }

    private static long zigZag(long value) {
        return value >>> 1 ^ -(value & 1);
    }

    /// Past the end it leaves the position beyond it, which the caller looks at.
    private long varint() {
        long value = 0;
        for (int shift = 0; shift <= LAST_SHIFT && position < end; shift += Byte.SIZE - 1) {
            int next = block.getByte(position++);
            value |= (long) (next & LOW_BITS) << shift;
            if (next >= 0) {
                return value;
            }
        }
        position = end + 1;
        return 0;
    }
}
