package io.novacron.ingest.fleet;

import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// Metric batches as frames, without a socket.
final class Frames {
    private final MetricBatchWriter writer = new MetricBatchWriter();
    private final ExpandableArrayBuffer out = new ExpandableArrayBuffer();

    UnsafeBuffer one(long timestampMs, int intervalMs, int entityId, int metricId, float value) {
        var batch = new ColumnBatch(1, 1);
        batch.addEntity(entityId);
        batch.addMetric(metricId);
        batch.set(0, 0, value);
        int length = writer.encode(1, timestampMs, intervalMs, batch, out, 0);
        return new UnsafeBuffer(out.byteArray(), 0, length);
    }
}
