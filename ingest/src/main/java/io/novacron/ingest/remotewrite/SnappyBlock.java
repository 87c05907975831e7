package io.novacron.ingest.remotewrite;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Snappy's block format, decoding only (google/snappy, `format_description.txt`).
///
/// ```text
///  | length      | elements …
///  | varint, 32  | literal: 0b LLLLLL 00, bytes; copy: 0b…01, …10, …11 with length and offset
/// ```
///
/// The length is the sender's claim: it is held against a limit before anything is written, and
/// against what the elements really make.
final class SnappyBlock {
    /// Free bytes that the output must have behind the decoded ones: copies go by eight.
    static final int SLACK = 16;

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LITERAL = 0;
    private static final int COPY_1 = 1;
    private static final int COPY_2 = 2;
    private static final int MAX_VARINT_BYTES = 5;
    private static final int LONG_LITERAL = 60;
    private static final String CUT =
            "snappy block ends in the middle, after %d of %d bytes. Maybe it was cut, or is in"
                    + " snappy's framed format?";

    private SnappyBlock() {}

    /// The length that a block claims to decode to.
    ///
    /// @throws RemoteWriteException when it claims more than the limit, or nothing readable
    static int decodedLength(byte[] in, int length, int limit) {
        long claimed = 0;
        int position = 0;
        while (true) {
            if (position == length || position == MAX_VARINT_BYTES) {
                throw RemoteWriteException.bad(
                        "snappy block of %d bytes does not begin with a length. Maybe it is not"
                                + " compressed?",
                        length);
            }
            int next = in[position];
            claimed |= (long) (next & 0x7F) << 7 * position++;
            if (next >= 0) {
                break;
            }
        }
        if (claimed > limit) {
            throw RemoteWriteException.tooLarge(
                    "snappy block claims %d bytes decompressed, at most %d are taken. Maybe lower"
                            + " max_samples_per_send, or raise prometheus.max-decompressed?",
                    claimed, limit);
        }
        return (int) claimed;
    }

    /// Decodes a block whose claimed length was looked at.
    ///
    /// @param out has room for the claimed length and [#SLACK]
    static void decode(byte[] in, int length, byte[] out, int claimed) {
        int from = 0;
        while (in[from] < 0) {
            from++;
        }
        from++;
        int to = 0;
        while (from < length) {
            int tag = in[from++] & 0xFF;
            if ((tag & 3) == LITERAL) {
                int count = (tag >>> 2) + 1;
                if (count > LONG_LITERAL) {
                    int extra = count - LONG_LITERAL;
                    if (length - from < extra) {
                        throw RemoteWriteException.bad(CUT, from, length);
                    }
                    count = littleEndian(in, from, extra) + 1;
                    from += extra;
                }
                if (count <= 0 || count > length - from) {
                    throw RemoteWriteException.bad(CUT, from, length);
                }
                checkRoom(to, count, claimed);
                System.arraycopy(in, from, out, to, count);
                from += count;
                to += count;
                continue;
            }
            int kind = tag & 3;
            int extra = kind == COPY_1 ? 1 : kind == COPY_2 ? 2 : 4;
            if (length - from < extra) {
                throw RemoteWriteException.bad(CUT, from, length);
            }
            int count = kind == COPY_1 ? (tag >>> 2 & 7) + 4 : (tag >>> 2) + 1;
            int offset = littleEndian(in, from, extra);
            if (kind == COPY_1) {
                offset |= (tag & 0xE0) << 3;
            }
            from += extra;
            if (offset <= 0 || offset > to) {
                throw RemoteWriteException.bad(
                        "snappy copy at byte %d goes back %d bytes, there are %d. Maybe the body was"
                                + " damaged?",
                        from, offset & 0xFFFF_FFFFL, to);
            }
            checkRoom(to, count, claimed);
            copy(out, to - offset, to, count, offset);
            to += count;
        }
        if (to != claimed) {
            throw RemoteWriteException.bad(
                    "snappy block makes %d bytes, but claims %d. Maybe the body was cut?",
                    to, claimed);
        }
    }

    private static void copy(byte[] out, int source, int target, int count, int offset) {
        if (offset >= Long.BYTES) {
            for (int done = 0; done < count; done += Long.BYTES) {
                LONG.set(out, target + done, (long) LONG.get(out, source + done));
            }
        } else {
            for (int done = 0; done < count; done++) {
                out[target + done] = out[source + done]; // one after the other: a short pattern
            }
        }
    }

    private static void checkRoom(int to, int count, int claimed) {
        if (count > claimed - to) {
            throw RemoteWriteException.bad(
                    "snappy block makes more than the %d bytes that it claims. Maybe the body was"
                            + " damaged?",
                    claimed);
        }
    }

    private static int littleEndian(byte[] in, int from, int count) {
        int value = 0;
        for (int i = 0; i < count; i++) {
            value |= (in[from + i] & 0xFF) << Byte.SIZE * i;
        }
        return value;
    }
}
