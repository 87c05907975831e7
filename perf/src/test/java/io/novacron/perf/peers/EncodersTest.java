package io.novacron.perf.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.column.ColumnBatch;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Each protocol against bytes made apart from the code, from its specification.
class EncodersTest {
    private static final long TIMESTAMP_MS = 1_767_225_600_000L; // 2026-01-01T00:00:00Z
    private static final String VM_42 = "2a000000";
    private static final String HALF = "0000003f"; // 0.5f, little-endian
    private static final String TWO_TO_30 = "0000804e";

    private final ColumnBatch batch = new ColumnBatch(1, 2);

    EncodersTest() {
        batch.addEntity(0);
        batch.set(batch.addMetric(Metrics.CPU_USAGE), 0, 0.5f);
        batch.set(batch.addMetric(Metrics.MEMORY_USED), 0, 1 << 30);
    }

    @Test
    void metricsHaveNamesThatPeersTake() {
        assertThat(MetricNames.of(batch)).containsExactly("cpu_usage", "memory_used");
        assertThat(MetricNames.vm(42)).isEqualTo("vm-00042");
    }

    @Test
    void linesAreThoseOfInfluxDb() {
        ByteBuf out = Unpooled.buffer();
        InfluxLines.inNanoseconds().encode(42, batch, 0, TIMESTAMP_MS, out);
        InfluxLines.inMilliseconds().encode(0, batch, 0, TIMESTAMP_MS, out);

        assertThat(out.toString(StandardCharsets.US_ASCII))
                .isEqualTo(
                        """
                        gauges,vm=vm-00042 cpu_usage=0.5,memory_used=1073741824 1767225600000000000
                        gauges,vm=vm-00000 cpu_usage=0.5,memory_used=1073741824 1767225600000
                        """);
    }

    @Test
    void rowsAreTimeThenVmThenFloats() {
        ByteBuf out = Unpooled.buffer();
        RowBinary.encode(42, batch, 0, TIMESTAMP_MS, out);

        assertThat(hex(bytes(out))).isEqualTo("00b95569" + VM_42 + HALF + TWO_TO_30);
    }

    @Test
    void tableHasAColumnAMetric() {
        assertThat(RowBinary.createTable("gauges", List.of("cpu_usage", "memory_used")))
                .isEqualTo(
                        "CREATE TABLE gauges (time DateTime, vm UInt32, cpu_usage Float32,"
                                + " memory_used Float32) ENGINE = MergeTree() PARTITION BY"
                                + " toYYYYMM(time) ORDER BY (vm, time)");
    }

    @Test
    void recordsAreTimeThenVmThenFloats() {
        byte[] record = KafkaRecords.encode(42, batch, 0, TIMESTAMP_MS);

        assertThat(hex(record)).isEqualTo("00a8da769b010000" + VM_42 + HALF + TWO_TO_30);
    }

    @Test
    void remoteWriteHasASeriesAVmAndMetric() {
        var request = new RemoteWrite();
        request.add(42, batch, 0, TIMESTAMP_MS);

        String vm = "0a0e" + "0a02" + hex("vm") + "1208" + hex("vm-00042");
        String time = "10" + "80d0eab6b733";
        String expected =
                "0a39"
                        + ("0a15" + "0a08" + hex("__name__") + "1209" + hex("cpu_usage"))
                        + vm
                        + ("1210" + "09" + "000000000000e03f" + time)
                        + "0a3b"
                        + ("0a17" + "0a08" + hex("__name__") + "120b" + hex("memory_used"))
                        + vm
                        + ("1210" + "09" + "000000000000d041" + time);
        assertThat(hex(request.takePlain())).isEqualTo(expected);
    }

    @Test
    void remoteWriteIsOneSnappyBlockHoweverLarge() {
        var plain = new RemoteWrite();
        var compressed = new RemoteWrite();
        for (int vm = 0; vm < 2_000; vm++) {
            plain.add(vm, batch, 0, TIMESTAMP_MS);
            compressed.add(vm, batch, 0, TIMESTAMP_MS);
        }
        byte[] expected = plain.takePlain();
        assertThat(expected.length).as("several pieces").isGreaterThan(3 * 32 * 1024);

        byte[] body = compressed.take();
        ByteBuf decoded = Unpooled.buffer();
        new Snappy().decode(Unpooled.wrappedBuffer(body), decoded);

        assertThat(body.length).isLessThan(expected.length / 2);
        assertThat(bytes(decoded)).isEqualTo(expected);
        assertThat(compressed.takePlain()).as("taken").isEmpty();
    }

    private static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static String hex(String text) {
        return hex(text.getBytes(StandardCharsets.US_ASCII));
    }
}
