package io.novacron.perf.peers;

import io.novacron.wire.column.ColumnBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The value of a Kafka record, one a vm: time as 8 bytes of ms, vm as 4, then a float a metric,
/// all little-endian; 92 bytes for 20 metrics.
final class KafkaRecords {
    private KafkaRecords() {}

    static byte[] encode(int vm, ColumnBatch batch, int entity, long timestampMs) {
        int length = Long.BYTES + Integer.BYTES + batch.metricCount() * Float.BYTES;
        ByteBuffer record = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(timestampMs).putInt(vm);
        for (int metric = 0; metric < batch.metricCount(); metric++) {
            record.putFloat(batch.get(metric, entity));
        }
        return record.array();
    }
}
