package io.novacron.ingest.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// Gathers records into one block: see [BlockLayout]. The journal thread owns it; nothing
/// allocates.
///
/// A payload of [#APART_LENGTH] or more is not copied: it makes a block of its own, whose payload
/// stays where it is until the block is appended.
final class BlockWriter {
    static final int TARGET_LENGTH = 64 * 1024;
    static final int APART_LENGTH = 16 * 1024;
    static final int MAX_RECORDS = 4096;

    private static final int CAPACITY =
            TARGET_LENGTH
                    + BlockLayout.LONGEST_RECORD_HEADER
                    + BlockLayout.PREFIX_LENGTH
                    + APART_LENGTH
                    + Long.BYTES;
    private static final long ALL_BUT_HIGH_BITS = 0x7F7F7F7F7F7F7F7FL;
    private static final long BYTE_MASK = 0xFF;
    private static final int LOW_BITS = 0x7F;
    private static final int MORE = 0x80;

    private final ByteBuffer view = ByteBuffer.allocateDirect(CAPACITY);
    private final UnsafeBuffer buffer = new UnsafeBuffer(view);
    private final Checksum checksum = new Checksum();
    private final long[] prefix = new long[BlockLayout.WORDS];

    private int limit = BlockLayout.HEADER_LENGTH;
    private int records;
    private long firstOrdinal;
    private long baseTimeMs;
    private int source;
    private long timeMs;
    private long sequence;

    private ByteBuffer apartView = view;
    private long apartAddress;
    private int apartOffset;
    private int apartLength;

    int records() {
        return records;
    }

    /// Bytes that the block has by now, all told.
    int length() {
        return limit + apartLength;
    }

    /// Whether a record of this payload length may join, else the block is to be appended first.
    boolean hasRoomFor(int payloadLength) {
        if (records == 0) {
            return true;
        }
        return apartLength == 0
                && payloadLength < APART_LENGTH
                && limit + payloadLength <= TARGET_LENGTH
                && records < MAX_RECORDS;
    }

    /// Adds a record, for which there is room.
    ///
    /// @param payloadView a view of the same memory, from offset 0, for the journal thread alone
    void add(
            int typeCode,
            int recordSource,
            long ordinal,
            long recordTimeMs,
            long recordSequence,
            DirectBuffer payload,
            ByteBuffer payloadView,
            int offset,
            int length) {
        if (records == 0) {
            firstOrdinal = ordinal;
            baseTimeMs = recordTimeMs;
            source = RecordLayout.NO_SOURCE;
            timeMs = recordTimeMs;
            sequence = 0;
            Arrays.fill(prefix, 0);
        }
        putHeader(typeCode, recordSource, recordTimeMs, recordSequence, length);
        if (length < APART_LENGTH) {
            int done = length < BlockLayout.PREFIX_LENGTH ? 0 : putPrefix(payload, offset);
            buffer.putBytes(limit, payload, offset + done, length - done);
            limit += length - done;
        } else {
            apartView = payloadView;
            apartAddress = payload.addressOffset() + offset;
            apartOffset = offset;
            apartLength = length;
        }
        records++;
    }

    private void putHeader(
            int typeCode, int recordSource, long recordTimeMs, long recordSequence, int length) {
        int controlOffset = limit++;
        int control = Math.min(typeCode, BlockLayout.TYPE_MASK);
        if (control == BlockLayout.TYPE_MASK) {
            putVarint(typeCode);
        }
        if (recordSource == source) {
            control |= BlockLayout.SAME_SOURCE;
        } else {
            putVarint(recordSource + 1L);
            source = recordSource;
        }
        if (recordTimeMs == timeMs) {
            control |= BlockLayout.SAME_TIME;
        } else {
            putVarint(zigZag(recordTimeMs - timeMs));
            timeMs = recordTimeMs;
        }
        if (recordSequence == 0) {
            control |= BlockLayout.NO_SEQUENCE;
        } else {
            putVarint(zigZag(recordSequence - sequence));
            sequence = recordSequence;
        }
        buffer.putByte(controlOffset, (byte) control);
        putVarint(length);
    }

    /// Writes what differs from the payload before: see [BlockLayout].
    private int putPrefix(DirectBuffer payload, int offset) {
        int masks = limit;
        limit += BlockLayout.WORDS;
        for (int i = 0; i < BlockLayout.WORDS; i++) {
            long word = payload.getLong(offset + i * Long.BYTES, ByteOrder.LITTLE_ENDIAN);
            long different = word ^ prefix[i];
            prefix[i] = word;
            // the low bit of each byte that is not zero
            long flags =
                    ((different & ALL_BUT_HIGH_BITS) + ALL_BUT_HIGH_BITS | different)
                                    >>> Byte.SIZE - 1
                            & BlockLayout.LOW_BITS;
            buffer.putByte(masks + i, (byte) Long.compress(flags, BlockLayout.LOW_BITS));
            long bytes = Long.compress(different, flags * BYTE_MASK);
            buffer.putLong(limit, bytes, ByteOrder.LITTLE_ENDIAN);
            limit += Long.bitCount(flags);
        }
        return BlockLayout.PREFIX_LENGTH;
    }

    private static long zigZag(long value) {
        return value << 1 ^ value >> Long.SIZE - 1;
    }

    private void putVarint(long value) {
        long rest = value;
        while ((rest & ~LOW_BITS) != 0) {
            buffer.putByte(limit++, (byte) (rest & LOW_BITS | MORE));
            rest >>>= Byte.SIZE - 1;
        }
        buffer.putByte(limit++, (byte) rest);
    }

    /// Completes the header; then [#address] and [#headLength], and the payload apart if there is
    /// one, are what has to be appended.
    void finish() {
        int codec = apartLength == 0 ? BlockLayout.DIFFERENCES : BlockLayout.PLAIN;
        int storedLength = length() - BlockLayout.HEADER_LENGTH;
        BlockLayout.write(buffer, codec, storedLength, records, firstOrdinal, baseTimeMs);
        int covered = limit - BlockLayout.COVERED_OFFSET;
        int crc = checksum.of(view, BlockLayout.COVERED_OFFSET, covered);
        if (apartLength > 0) {
            crc = checksum.and(apartView, apartOffset, apartLength);
        }
        BlockLayout.crc(buffer, crc);
    }

    long address() {
        return buffer.addressOffset();
    }

    int headLength() {
        return limit;
    }

    long apartAddress() {
        return apartAddress;
    }

    int apartLength() {
        return apartLength;
    }

    void clear() {
        limit = BlockLayout.HEADER_LENGTH;
        records = 0;
        apartView = view;
        apartLength = 0;
    }
}
