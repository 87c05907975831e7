package io.novacron.perf.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.novacron.wire.column.ColumnBatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Lines of the InfluxDB protocol, one a vm with all its metrics as fields:
///
/// ```text
/// gauges,vm=vm-00042 cpu_usage=12.5,memory_used=1073741824 1767225600000000000
/// ```
///
/// Keeps what never changes as bytes. Not thread-safe.
final class InfluxLines {
    static final String TABLE = "gauges";

    private static final float WHOLE_LIMIT = 1e15f;

    private final long timeUnitsPerMs; // 1,000,000 for ns
    private final List<byte[]> starts = new ArrayList<>();
    private List<byte[]> fields = List.of();

    private InfluxLines(long timeUnitsPerMs) {
        this.timeUnitsPerMs = timeUnitsPerMs;
    }

    static InfluxLines inNanoseconds() {
        return new InfluxLines(1_000_000);
    }

    static InfluxLines inMilliseconds() {
        return new InfluxLines(1);
    }

    void encode(int vm, ColumnBatch batch, int entity, long timestampMs, ByteBuf out) {
        while (starts.size() <= vm) {
            starts.add(ascii(TABLE + ",vm=" + MetricNames.vm(starts.size()) + " "));
        }
        if (fields.isEmpty()) {
            fields = MetricNames.of(batch).stream().map(name -> ascii(name + "=")).toList();
        }
        out.writeBytes(starts.get(vm));
        for (int metric = 0; metric < batch.metricCount(); metric++) {
            if (metric > 0) {
                out.writeByte(',');
            }
            out.writeBytes(fields.get(metric));
            write(batch.get(metric, entity), out);
        }
        out.writeByte(' ');
        ByteBufUtil.writeAscii(out, Long.toString(timestampMs * timeUnitsPerMs));
        out.writeByte('\n');
    }

    private static void write(float value, ByteBuf out) {
        boolean whole = value == Math.rint(value) && Math.abs(value) < WHOLE_LIMIT;
        ByteBufUtil.writeAscii(out, whole ? Long.toString((long) value) : Float.toString(value));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
