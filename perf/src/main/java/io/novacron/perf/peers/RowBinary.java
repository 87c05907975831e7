package io.novacron.perf.peers;

import io.netty.buffer.ByteBuf;
import io.novacron.wire.column.ColumnBatch;
import java.util.List;
import java.util.stream.Collectors;

/// Rows of ClickHouse's RowBinary: time as UInt32 seconds, vm as UInt32, then a Float32 a metric,
/// all little-endian; 88 bytes a row of 20 metrics.
final class RowBinary {
    private static final long MS_PER_SECOND = 1_000;

    private RowBinary() {}

    static void encode(int vm, ColumnBatch batch, int entity, long timestampMs, ByteBuf out) {
        out.writeIntLE((int) (timestampMs / MS_PER_SECOND));
        out.writeIntLE(vm);
        for (int metric = 0; metric < batch.metricCount(); metric++) {
            out.writeFloatLE(batch.get(metric, entity));
        }
    }

    /// The table that takes such rows.
    static String createTable(String table, List<String> metrics) {
        String columns =
                metrics.stream().map(name -> name + " Float32").collect(Collectors.joining(", "));
        return "CREATE TABLE %s (time DateTime, vm UInt32, %s) ENGINE = MergeTree()"
                        .formatted(table, columns)
                + " PARTITION BY toYYYYMM(time) ORDER BY (vm, time)";
    }
}
