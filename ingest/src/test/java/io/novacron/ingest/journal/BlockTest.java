package io.novacron.ingest.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class BlockTest {
    record Written(int type, int source, long timeMs, long sequence, byte[] payload) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Written(int t, int s, long m, long q, byte[] p)
                    && type == t
                    && source == s
                    && timeMs == m
                    && sequence == q
                    && Arrays.equals(payload, p);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(payload);
        }
    }

    private static final int MEMORY = 1 << 20;

    private final ByteBuffer view = ByteBuffer.allocateDirect(MEMORY);
    private final UnsafeBuffer memory = new UnsafeBuffer(view);
    private final BlockWriter writer = new BlockWriter();

    @Property(tries = 300)
    void anyRecordsInAnyBlocksComeBackAsTheyWere(
            @ForAll("records") List<Written> records, @ForAll long seed) throws IOException {
        var random = new Random(seed);
        var read = new ArrayList<Written>();
        long first = 1;
        for (int i = 0; i < records.size(); i++) {
            Written next = records.get(i);
            if (!writer.hasRoomFor(next.payload().length) || random.nextInt(8) == 0) {
                first = flush(first, read);
            }
            add(next, first + writer.records());
        }
        flush(first, read);
        assertThat(read).isEqualTo(records);
    }

    @Test
    void aFrameOfTheCrowdTakesFewBytesMoreThanWhatIsNewInIt() {
        var random = new Random(7);
        byte[] frame = new byte[120];
        for (int i = 0; i < 100; i++) {
            for (int j = 60; j < frame.length; j++) {
                frame[j] = (byte) random.nextInt();
            }
            frame[30] = (byte) i;
            add(new Written(1, i, 1_000, 5, frame), i + 1L);
        }
        assertThat(writer.length()).as("64 bytes are new, 15 say what and whose").isLessThan(8_000);
    }

    @Test
    void aLongPayloadIsNotCopied() throws IOException {
        byte[] payload = new byte[BlockWriter.APART_LENGTH];
        Arrays.fill(payload, (byte) 3);
        add(new Written(2, 1, 1, 1, payload), 1);
        assertThat(writer.apartAddress()).isEqualTo(memory.addressOffset());
        assertThat(writer.headLength()).isLessThan(64);
        assertThat(writer.hasRoomFor(1)).as("it stays alone").isFalse();
        assertThat(read(block())).extracting(w -> w.payload()).containsExactly(payload);
    }

    @Test
    void everyFlippedBitIsFound() throws IOException {
        byte[] block = twoRecords();
        for (int i = 0; i < block.length * Byte.SIZE; i++) {
            byte[] flipped = block.clone();
            flipped[i / Byte.SIZE] ^= (byte) (1 << i % Byte.SIZE);
            assertThat(problem(flipped)).as("bit %d", i).isNotNull();
        }
    }

    @Test
    void everyCutIsFound() throws IOException {
        byte[] block = twoRecords();
        for (int length = 0; length < block.length; length++) {
            assertThat(problem(Arrays.copyOf(block, length))).as("%d bytes", length).isNotNull();
        }
    }

    @Test
    void bytesBehindTheBlockArePaddingAndDoNotMatter() throws IOException {
        byte[] block = twoRecords();
        assertThat(problem(Arrays.copyOf(block, block.length + 3))).isNull();
    }

    @Test
    void anotherVersionIsNotTakenForDamage() {
        byte[] block = twoRecords();
        block[6] = 9;
        seal(block, block.length);
        assertThatThrownBy(() -> problem(block))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version=9 must be 2");
    }

    @Test
    void theFirstVersionIsNamed() {
        byte[] excerpt = new byte[48]; // type 1, version 1, source 0, length 8
        var buffer = new UnsafeBuffer(excerpt);
        buffer.putByte(4, (byte) 1);
        buffer.putShort(6, (short) 1, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(12, 8, ByteOrder.LITTLE_ENDIAN);
        seal(excerpt, excerpt.length);
        assertThatThrownBy(() -> problem(excerpt)).hasMessageContaining("version=1 must be 2");
    }

    /// What a CRC cannot vouch for: the reader takes any contents without reading outside them.
    @Property(tries = 3_000)
    void contentsThatBreakTheRulesAreRefusedOrRead(@ForAll long seed) throws IOException {
        var random = new Random(seed);
        byte[] block = twoRecords();
        int flips = 1 + random.nextInt(6);
        for (int i = 0; i < flips; i++) {
            int at = BlockLayout.HEADER_LENGTH + random.nextInt(block.length - 32);
            block[at] = (byte) random.nextInt();
        }
        block[4] = (byte) random.nextInt(2);
        seal(block, block.length);
        var reader = new BlockReader();
        var length = block.length;
        assertThat(reader.wrap(new UnsafeBuffer(block), length)).isNull();
        reader.read(
                1,
                (_, _, _, _, _, buffer, offset, payload) ->
                        buffer.boundsCheck(offset, payload)); // throws when it is outside
    }

    private byte[] twoRecords() {
        writer.clear();
        add(new Written(1, 3, 1_000, 17, "a frame, ".repeat(12).getBytes()), 1);
        add(new Written(17, -1, 1_001, 0, "b frame, ".repeat(9).getBytes()), 2);
        return block();
    }

    private static void seal(byte[] block, int length) {
        var buffer = new UnsafeBuffer(block);
        BlockLayout.crc(buffer, new Checksum().of(buffer, 4, length - 4));
    }

    private static @org.jspecify.annotations.Nullable String problem(byte[] block)
            throws IOException {
        return new BlockReader().wrap(new UnsafeBuffer(block), block.length);
    }

    private void add(Written record, long ordinal) {
        memory.putBytes(0, record.payload());
        writer.add(
                record.type(),
                record.source(),
                ordinal,
                record.timeMs(),
                record.sequence(),
                memory,
                view,
                0,
                record.payload().length);
    }

    private long flush(long first, List<Written> into) throws IOException {
        if (writer.records() == 0) {
            return first;
        }
        long next = first + writer.records();
        into.addAll(read(block()));
        return next;
    }

    private byte[] block() {
        writer.finish();
        byte[] block = new byte[writer.length()];
        new UnsafeBuffer(writer.address(), writer.headLength())
                .getBytes(0, block, 0, writer.headLength());
        if (writer.apartLength() > 0) {
            memory.getBytes(0, block, writer.headLength(), writer.apartLength());
        }
        writer.clear();
        return block;
    }

    private static List<Written> read(byte[] block) throws IOException {
        var reader = new BlockReader();
        assertThat(reader.wrap(new UnsafeBuffer(block), block.length)).isNull();
        var records = new ArrayList<Written>();
        long[] ordinal = {reader.firstOrdinal()};
        String problem =
                reader.read(
                        1,
                        (type, source, at, timeMs, sequence, buffer, offset, length) -> {
                            assertThat(at).isEqualTo(ordinal[0]++);
                            records.add(
                                    new Written(
                                            type,
                                            source,
                                            timeMs,
                                            sequence,
                                            bytes(buffer, offset, length)));
                        });
        assertThat(problem).isNull();
        return records;
    }

    private static byte[] bytes(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    @Provide
    Arbitrary<List<Written>> records() {
        Arbitrary<Long> numbers = Arbitraries.of(0L, 1L, 2L, 300L, Long.MAX_VALUE, -5L);
        return Combinators.combine(
                        Arbitraries.integers().between(1, 255),
                        Arbitraries.of(-1, 0, 1, 2, 11_999),
                        Arbitraries.oneOf(numbers, Arbitraries.longs()),
                        Arbitraries.oneOf(numbers, Arbitraries.longs()),
                        payloads())
                .as(Written::new)
                .list()
                .ofMaxSize(60);
    }

    private static Arbitrary<byte[]> payloads() {
        Arbitrary<Integer> lengths =
                Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 200),
                        Arbitraries.of(8, 63, 64, 65, 4_000, 16_383, 16_384, 70_000));
        return Combinators.combine(lengths, Arbitraries.integers().between(0, 3))
                .as((length, kind) -> {
                    byte[] bytes = new byte[length];
                    for (int i = 0; i < length; i++) {
                        bytes[i] = (byte) (kind == 0 ? 0 : i % (kind + 1) == 0 ? i * kind : i);
                    }
                    return bytes;
                });
    }
}
