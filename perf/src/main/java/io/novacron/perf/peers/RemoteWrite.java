package io.novacron.perf.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;
import io.novacron.wire.column.ColumnBatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A Prometheus remote-write 1.0 request: protobuf `WriteRequest` in one snappy block. A series a
/// vm and metric, `cpu_usage{vm="vm-00042"}`, with one sample each.
///
/// Keeps the labels of each series as bytes. Not thread-safe.
final class RemoteWrite {
    private static final int TIMESERIES =
            (1 << 3) | 2; // WriteRequest.timeseries, TimeSeries.labels
    private static final int SAMPLES = (2 << 3) | 2; // TimeSeries.samples, Label.value
    private static final int VALUE = (1 << 3) | 1; // Sample.value, a double
    private static final int TIMESTAMP = 2 << 3; // Sample.timestamp, a varint of ms
    private static final int SEVEN_BITS = 0x7F;
    private static final int MORE = 0x80;
    // Netty's encoder is sure of pieces up to 32 KiB only; a block may be made of several, since
    // each
    // refers back to itself alone
    private static final int MAX_PIECE = 32 * 1024 - 1;

    private final List<byte[][]> labels = new ArrayList<>(); // by vm, then metric
    private final ByteBuf request = Unpooled.buffer();
    private List<String> names = List.of();

    /// Adds a vm's samples to the request.
    void add(int vm, ColumnBatch batch, int entity, long timestampMs) {
        if (names.isEmpty()) {
            names = MetricNames.of(batch);
        }
        while (labels.size() <= vm) {
            String vmName = MetricNames.vm(labels.size());
            labels.add(names.stream().map(name -> labels(name, vmName)).toArray(byte[][]::new));
        }
        int sampleLength = 1 + Double.BYTES + 1 + varintLength(timestampMs);
        for (int metric = 0; metric < batch.metricCount(); metric++) {
            byte[] series = labels.get(vm)[metric];
            request.writeByte(TIMESERIES);
            varint(series.length + 1 + varintLength(sampleLength) + sampleLength, request);
            request.writeBytes(series);
            request.writeByte(SAMPLES);
            varint(sampleLength, request);
            request.writeByte(VALUE).writeDoubleLE(batch.get(metric, entity));
            request.writeByte(TIMESTAMP);
            varint(timestampMs, request);
        }
    }

    /// Takes what was added, as protobuf without compression, and begins anew.
    byte[] takePlain() {
        byte[] bytes = new byte[request.readableBytes()];
        request.readBytes(bytes).clear();
        return bytes;
    }

    /// Takes what was added as the body of a POST, and begins anew.
    byte[] take() {
        ByteBuf compressed = Unpooled.buffer(request.readableBytes());
        varint(request.readableBytes(), compressed);
        ByteBuf piece = Unpooled.buffer(MAX_PIECE);
        while (request.isReadable()) {
            int length = Math.min(MAX_PIECE, request.readableBytes());
            new Snappy().encode(request.readSlice(length), piece.clear(), length);
            skipVarint(piece);
            compressed.writeBytes(piece);
        }
        request.clear();
        byte[] bytes = new byte[compressed.readableBytes()];
        compressed.readBytes(bytes);
        return bytes;
    }

    private static void skipVarint(ByteBuf bytes) {
        byte next;
        do {
            next = bytes.readByte();
        } while (next < 0); // the high bit says that more follows
    }

    private static byte[] labels(String name, String vm) {
        ByteBuf bytes = Unpooled.buffer();
        label("__name__", name, bytes); // sorted, as the specification wants them
        label("vm", vm, bytes);
        byte[] result = new byte[bytes.readableBytes()];
        bytes.readBytes(result);
        return result;
    }

    private static void label(String name, String value, ByteBuf out) {
        ByteBuf label = Unpooled.buffer();
        string(TIMESERIES, name, label);
        string(SAMPLES, value, label);
        out.writeByte(TIMESERIES);
        varint(label.readableBytes(), out);
        out.writeBytes(label);
    }

    private static void string(int tag, String text, ByteBuf out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeByte(tag);
        varint(bytes.length, out);
        out.writeBytes(bytes);
    }

    private static void varint(long value, ByteBuf out) {
        long rest = value;
        while (rest > SEVEN_BITS) {
            out.writeByte((int) (rest & SEVEN_BITS) | MORE);
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    private static int varintLength(long value) {
        return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
    }
}
