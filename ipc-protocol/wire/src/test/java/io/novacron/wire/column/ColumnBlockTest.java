package io.novacron.wire.column;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.novacron.wire.Framing;
import io.novacron.wire.Golden;
import io.novacron.wire.WireException;
import io.novacron.wire.sbe.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnBlockTest {
    private static final float[] ODD_VALUES = {
        0f,
        -0f,
        1f,
        -1f,
        0.1f,
        99.9f,
        100f,
        1_234_567.8f,
        16_777_216f,
        16_777_217f,
        2_147_483_648f,
        -2_147_483_648f,
        1e15f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.NaN,
        Float.intBitsToFloat(0x7F80_0001),
        Float.intBitsToFloat(0xFFFF_FFFF),
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        4_096f * 1_000_003,
        0.001f,
        0.123f,
        0.015625f,
    };

    private final MetricBatchReader reader =
            new MetricBatchReader(ColumnBatch.MAX_ENTITIES, ColumnBatch.MAX_METRICS);

    @Property(tries = 1_000)
    void everySampleComesBackBitByBit(
            @ForAll("columns") List<List<Float>> columns,
            @ForAll @IntRange(max = 65) int offset,
            @ForAll @IntRange(max = 1) int codecId) {
        var batch = batch(columns);
        assertRoundTrip(batch, codecId, offset);
    }

    /// Columns of one length, each of one kind of value: so that every kind of column is met.
    @Provide
    Arbitrary<List<List<Float>>> columns() {
        Arbitrary<Float> odd = Arbitraries.of(boxed(ODD_VALUES));
        Arbitrary<Float> any = Arbitraries.integers().map(Float::intBitsToFloat);
        Arbitrary<Float> tenths = Arbitraries.integers().between(-20, 1_000).map(n -> n / 10f);
        Arbitrary<Float> hundredths = Arbitraries.integers().map(n -> (n >> 7) / 100f);
        Arbitrary<Float> thousandths = Arbitraries.integers().between(0, 9_999).map(n -> n / 1000f);
        Arbitrary<Float> integers = Arbitraries.integers().map(n -> (float) (n >> 8));
        Arbitrary<Float> pages = Arbitraries.integers().between(0, 1 << 24).map(n -> n * 4_096f);
        Arbitrary<Float> rates =
                Arbitraries.doubles().between(-5, 20).map(x -> (float) Math.exp(x));
        var kinds =
                Arbitraries.<Arbitrary<Float>>of(
                        odd, any, tenths, hundredths, thousandths, integers, pages, rates);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 70), Arbitraries.integers().between(0, 9))
                .flatAs((length, count) ->
                        kinds.flatMap(kind ->
                                        Arbitraries.oneOf(
                                                kind.list().ofSize(length),
                                                withGaps(kind).list().ofSize(length),
                                                kind.map(v -> repeat(v, length))))
                                .list()
                                .ofSize(count));
    }

    private static Arbitrary<Float> withGaps(Arbitrary<Float> kind) {
        return Arbitraries.frequencyOf(Tuple.of(4, kind), Tuple.of(1, Arbitraries.just(Float.NaN)));
    }

    private static List<Float> repeat(float value, int length) {
        return Collections.nCopies(length, value);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 5", "5, 0", "1, 1", "65535, 2", "2, 1023", "4096, 24"})
    void everyShapeRoundTrips(int entities, int metrics) {
        var random = new Random(entities);
        var batch = new ColumnBatch(entities, metrics);
        int entityId = 0;
        for (int e = 0; e < entities; e++) {
            batch.addEntity(entityId);
            entityId += 1 + (random.nextInt(10) == 0 ? random.nextInt(1_000) : 0);
        }
        for (int m = 0; m < metrics; m++) {
            batch.addMetric(m * 64);
            for (int e = 0; e < entities; e++) {
                if (random.nextInt(50) != 0) {
                    batch.set(m, e, Math.round(random.nextFloat() * 1e6f) / 10f);
                }
            }
        }
        assertRoundTrip(batch, ColumnCodec.PACKED, 3);
        assertRoundTrip(batch, ColumnCodec.RAW, 3);
    }

    @Test
    void idsMayBeAsFarApartAsTheyCan() {
        var batch = new ColumnBatch(3, 2);
        batch.addEntity(0);
        batch.addEntity(1);
        batch.addEntity(Integer.MAX_VALUE);
        batch.addMetric(0);
        batch.addMetric(65_535);
        assertRoundTrip(batch, ColumnCodec.PACKED, 0);
        assertRoundTrip(batch, ColumnCodec.RAW, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void bytesAreAsTheyEverWere(int codecId) {
        var batch = batch(goldenColumns());
        var buffer = new ExpandableArrayBuffer();
        int length =
                new MetricBatchWriter(codecId)
                        .encode(99, 1_700_000_000_010L, 60_000, batch, buffer, 0);
        Golden.assertFrame("metric-batch-codec-" + codecId, buffer, 0, length);
    }

    private static List<List<Float>> goldenColumns() {
        return List.of(
                List.of(12.5f, 0f, 99.9f, 100f, 0.1f),
                List.of(4f, 4f, 4f, 4f, 4f),
                List.of(Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN),
                List.of(1.25f, Float.NaN, 7.77f, -3.5f, 0.01f),
                List.of(0.001f, 0.002f, 0.003f, 0.004f, 0.005f),
                List.of(4_294_967_296f, 4_294_971_392f, 4_294_979_584f, 4.3e9f, 8_589_934_592f),
                List.of(1.1754944e-38f, -0f, Float.POSITIVE_INFINITY, 3.1415927f, 2.7182817f),
                List.of(-7f, 8f, 1_000_000f, 12f, Float.NaN),
                List.of(3.25f, 3.25f, 3.25f, 3.25f, 3.25f));
    }

    @Test
    void gaugeMixTakesAtMost2300BytesForAThousandSamples() {
        var batch = GaugeMix.batch(new Random(1), 50, 1_000);
        var buffer = new ExpandableArrayBuffer();
        int length = new MetricBatchWriter().encode(1, 2, 3, batch, buffer, 0);
        assertThat(length).isLessThanOrEqualTo(2_300);
    }

    @ParameterizedTest
    @CsvSource({
        "constant, 0",
        "missing, 0",
        "percent, 10",
        "percentWithGaps, 10",
        "pages, 18",
        "hundredths, 14",
    })
    void columnsTakeTheBitsTheyNeed(String kind, int bits) {
        var random = new Random(7);
        List<Float> column = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            column.add(
                    switch (kind) {
                        case "constant" -> 3.7f;
                        case "missing" -> Float.NaN;
                        case "percent" -> random.nextInt(1_001) / 10f;
                        case "percentWithGaps" -> i % 9 == 0 ? Float.NaN : i % 1_001 / 10f;
                        case "pages" -> 4_096f * random.nextInt(1 << 18);
                        default -> random.nextInt(10_000) / 100f;
                    });
        }
        var buffer = new ExpandableArrayBuffer();
        int length = new MetricBatchWriter().encode(1, 2, 3, batch(List.of(column)), buffer, 0);
        assertThat(length - 4_000 * bits / 8).as("bytes beside the data").isBetween(50, 70);
    }

    @Test
    void aBatchIsReusedWithoutLeftovers() {
        var batch = new ColumnBatch(3, 2);
        batch.addEntity(4);
        batch.addMetric(1);
        batch.set(0, 0, 1f);
        batch.clear();
        batch.addMetric(2);
        batch.addEntity(5);
        batch.addEntity(6);
        batch.addMetric(3);
        batch.set(0, 1, 2f);
        batch.set(1, 0, 3f);
        assertRoundTrip(batch, ColumnCodec.PACKED, 0);
        assertThat(column(0)).containsExactly(Float.NaN, 2f);
        assertThat(column(1)).containsExactly(3f, Float.NaN);
    }

    @Test
    void aBatchRefusesIdsThatDoNotAscendAndMoreThanItWasMadeFor() {
        var batch = new ColumnBatch(2, 1);
        batch.addEntity(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.addEntity(4))
                .withMessageContaining("entityId=4");
        assertThatIllegalArgumentException().isThrownBy(() -> batch.addMetric(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> batch.addMetric(65_536));
        batch.addEntity(5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.addEntity(6))
                .withMessageContaining("made for");
        assertThatIllegalArgumentException().isThrownBy(() -> new ColumnBatch(65_535, 33));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> batch.set(0, 0, 1f));
    }

    @Test
    void refusesMoreThanTheReceiversLimits() {
        var buffer = new ExpandableArrayBuffer();
        var batch = GaugeMix.batch(new Random(1), 50, 0);
        int length = new MetricBatchWriter().encode(1, 2, 3, batch, buffer, 0);
        new MetricBatchReader(50, 20).wrap(buffer, 0, length);
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> new MetricBatchReader(49, 20).wrap(buffer, 0, length))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_ENTITIES));
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> new MetricBatchReader(50, 19).wrap(buffer, 0, length))
                .withMessageContaining("metricCount=20");
    }

    @Test
    void refusesABufferThatIsTooSmall() {
        var batch = GaugeMix.batch(new Random(1), 50, 0);
        var buffer = new UnsafeBuffer(new byte[2_000]);
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> new MetricBatchWriter().encode(1, 2, 3, batch, buffer, 0))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE));
        assertThat(buffer.byteArray()).containsOnly(0);
    }

    @Test
    void aSmallBlockCannotAskForUnboundedWork() {
        // 65,535 entities × 1,023 metrics of one value each, in a few bytes
        var block = new UnsafeBuffer(new byte[2_000]);
        int length = 0;
        for (int b : new int[] {0xFF, 0xFF, 0x03, 0xFF, 0x07, 0, 0, 0, 0, 0, 0}) {
            block.putByte(length++, (byte) b);
        }
        for (int i = 0; i < 1_023; i++) {
            block.putByte(length++, (byte) ColumnCodec.KIND_INTEGER);
        }
        int blockLength = length;
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() ->
                        new ColumnBlockDecoder().wrap(1, block, 0, blockLength, 1 << 30, 1 << 30))
                .withMessageContaining("2097152");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "empty block | ''",
                "truncated varint | 80",
                "varint of six bytes | 80 80 80 80 80 00",
                "varint above int32 | ff ff ff ff 0f",
                "varint longer than it needs | 81 00 00",
                "ids missing | 02 00 00",
                "gap width above 32 | 02 00 00 00 21 00 00 00 00 00",
                "entity id above int32 | 02 00 ff ff ff ff 07 00 00",
                "metric id above uint16 | 00 01 80 80 04 01",
                "column header missing | 01 01 00 01",
                "kind 6 | 01 01 00 01 06",
                "base of five bytes | 01 01 00 01 a1 01 01 01 01 01",
                "exponent below -126 | 01 01 00 01 05 81",
                "width 0 written | 01 01 00 01 11 00",
                "width 33 | 01 01 00 01 11 21 00 00 00 00 00",
                "data missing | 01 01 00 01 11 08",
                "byte left over | 01 01 00 01 01 00",
            })
    void refusesBrokenBlocks(String what, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatExceptionOfType(WireException.class)
                .as(what)
                .isThrownBy(() ->
                        new ColumnBlockDecoder()
                                .wrap(
                                        ColumnCodec.PACKED,
                                        new UnsafeBuffer(bytes),
                                        0,
                                        bytes.length,
                                        100,
                                        100))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_MESSAGE));
    }

    @Test
    void refusesAnUnknownCodecAndKeepsNothing() {
        var decoder = new ColumnBlockDecoder();
        var block = new UnsafeBuffer(new byte[] {1, 1, 0, 1, 1});
        assertThat(decoder.wrap(1, block, 0, 5, 10, 10).entityCount()).isOne();
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> decoder.wrap(2, block, 0, 5, 10, 10))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_CODEC));
        assertThat(decoder.entityCount()).isZero();
        assertThat(decoder.metricCount()).isZero();
    }

    private void assertRoundTrip(ColumnBatch batch, int codecId, int offset) {
        var writer = new MetricBatchWriter(codecId);
        var buffer = new ExpandableArrayBuffer(128);
        int length = writer.encode(7, -8, 60_000, batch, buffer, offset);
        assertThat(length).isLessThanOrEqualTo(MetricBatchWriter.maxFrameLength(batch));
        assertThat(Framing.checkHeader(buffer, offset, length, Framing.MAX_FRAME_LENGTH))
                .isEqualTo(length);
        for (MutableDirectBuffer exact :
                List.of(
                        new UnsafeBuffer(new byte[offset + length]),
                        new UnsafeBuffer(ByteBuffer.allocateDirect(offset + length)))) {
            assertThat(writer.encode(7, -8, 60_000, batch, exact, offset)).isEqualTo(length);
            new Framing().checkCrc(exact, offset, length);
            reader.wrap(exact, offset, length);
            assertThat(reader.sequence()).isEqualTo(7);
            assertThat(reader.timestampMs()).isEqualTo(-8);
            assertThat(reader.intervalMs()).isEqualTo(60_000);
            assertThat(reader.codecId()).isEqualTo(codecId);
            assertSameCells(batch);
        }
    }

    private void assertSameCells(ColumnBatch batch) {
        var block = reader.block();
        assertThat(block.entityCount()).isEqualTo(batch.entityCount());
        assertThat(block.metricCount()).isEqualTo(batch.metricCount());
        for (int e = 0; e < batch.entityCount(); e++) {
            if (block.entityId(e) != batch.entityId(e)) {
                assertThat(block.entityId(e)).as("entity %d", e).isEqualTo(batch.entityId(e));
            }
        }
        for (int m = 0; m < batch.metricCount(); m++) {
            assertThat(block.metricId(m)).isEqualTo(batch.metricId(m));
            float[] column = column(m);
            for (int e = 0; e < column.length; e++) {
                // floatToIntBits: every NaN is the same one, missing; nothing else is
                int expected = Float.floatToIntBits(batch.get(m, e));
                if (Float.floatToRawIntBits(column[e]) != expected) {
                    assertThat(column[e]).as("%d, %d", m, e).isEqualTo(batch.get(m, e));
                }
            }
        }
    }

    private float[] column(int metricIndex) {
        var column = new float[reader.block().entityCount()];
        reader.block().column(metricIndex, column);
        return column;
    }

    private static ColumnBatch batch(List<List<Float>> columns) {
        int entities = columns.isEmpty() ? 3 : columns.getFirst().size();
        var batch = new ColumnBatch(entities, columns.size());
        for (int e = 0; e < entities; e++) {
            batch.addEntity(entities > 100 ? e : e * e + 5);
        }
        for (int m = 0; m < columns.size(); m++) {
            batch.addMetric(3 * m + 1);
            for (int e = 0; e < entities; e++) {
                batch.set(m, e, columns.get(m).get(e));
            }
        }
        return batch;
    }

    private static Float[] boxed(float[] values) {
        var boxed = new Float[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return boxed;
    }
}
