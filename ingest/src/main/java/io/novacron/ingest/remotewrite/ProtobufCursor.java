package io.novacron.ingest.remotewrite;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Walks protobuf's wire format in an array, without objects. Reads never pass [#limit].
final class ProtobufCursor {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int MAX_VARINT_BITS = 70;

    byte[] bytes = {};
    int position;
    int limit;

    ProtobufCursor wrap(byte[] array, int from, int to) {
        bytes = array;
        position = from;
        limit = to;
        return this;
    }

    boolean hasMore() {
        return position < limit;
    }

    /// Field number and wire type, as in the format: `number << 3 | type`.
    int tag() {
        int start = position;
        long tag = varint();
        if (tag >>> 3 == 0 || tag > 0xFFFF_FFFFL) {
            throw bad(start, "field number %d is none", tag >>> 3);
        }
        return (int) tag;
    }

    long varint() {
        if (position < limit && bytes[position] >= 0) {
            return bytes[position++];
        }
        int start = position;
        long value = 0;
        for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
            if (position == limit) {
                throw bad(start, "a number is cut");
            }
            int next = bytes[position++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw bad(start, "a number has more than ten bytes");
    }

    long fixed64() {
        if (limit - position < Long.BYTES) {
            throw bad(position, "eight bytes are cut");
        }
        long value = (long) LONG.get(bytes, position);
        position += Long.BYTES;
        return value;
    }

    /// The length of a field that follows, all of which is there.
    int length() {
        int start = position;
        long length = varint();
        if (length < 0 || length > limit - position) {
            throw bad(start, "a field of %d bytes is cut", length);
        }
        return (int) length;
    }

    void skip(int tag) {
        switch (tag & 7) {
            case VARINT -> varint();
            case FIXED64 -> advance(Long.BYTES);
            case BYTES -> advance(length());
            case FIXED32 -> advance(Integer.BYTES);
            default -> throw bad(position, "wire type %d is not used any more", tag & 7);
        }
    }

    /// Checks the wire type of a field that we read.
    void expect(int tag, int type) {
        if ((tag & 7) != type) {
            throw bad(
                    position, "field %d has wire type %d, must have %d", tag >>> 3, tag & 7, type);
        }
    }

    private void advance(int count) {
        if (count > limit - position) {
            throw bad(position, "a field of %d bytes is cut", count);
        }
        position += count;
    }

    private static RemoteWriteException bad(int at, String what, Object... values) {
        return RemoteWriteException.bad(
                "protobuf at byte %d: %s. Maybe it is another message than the content type says?",
                at, what.formatted(values));
    }
}
