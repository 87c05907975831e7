package io.novacron.wire;

import io.novacron.wire.column.GaugeMix;
import io.novacron.wire.column.MetricBatchWriter;
import io.novacron.wire.message.Examples;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.agrona.ExpandableArrayBuffer;

/// Good frames of every kind, by name, for the fuzz tests to start from.
final class Seeds {
    private Seeds() {}

    static Map<String, byte[]> frames() {
        Map<String, byte[]> frames = new LinkedHashMap<>();
        for (String name : Examples.all().keySet()) {
            frames.put(name, Examples.frame(name));
        }
        frames.put("metric-batch-packed", metricBatch(1, 9));
        frames.put("metric-batch-packed-one", metricBatch(1, 1));
        frames.put("metric-batch-raw", metricBatch(0, 4));
        return frames;
    }

    private static byte[] metricBatch(int codecId, int entities) {
        var batch = GaugeMix.batch(new Random(5), entities, 100);
        batch.set(2, 0, Float.NaN);
        var buffer = new ExpandableArrayBuffer();
        int length = new MetricBatchWriter(codecId).encode(1, 2, 3, batch, buffer, 0);
        return Arrays.copyOf(buffer.byteArray(), length);
    }
}
