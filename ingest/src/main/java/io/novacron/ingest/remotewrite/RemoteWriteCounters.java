package io.novacron.ingest.remotewrite;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/// The counters' values. Any thread.
public final class RemoteWriteCounters {
    private final AtomicLongArray values = new AtomicLongArray(RemoteWriteCounter.values().length);

    public void increment(RemoteWriteCounter counter) {
        add(counter, 1);
    }

    public void add(RemoteWriteCounter counter, long amount) {
        if (amount != 0) {
            values.getAndAdd(counter.ordinal(), amount);
        }
    }

    public long get(RemoteWriteCounter counter) {
        return values.get(counter.ordinal());
    }

    /// Every counter by its key, in a fixed order.
    public Map<String, Long> values() {
        var result = new LinkedHashMap<String, Long>();
        for (RemoteWriteCounter counter : RemoteWriteCounter.values()) {
            result.put(counter.key(), get(counter));
        }
        return result;
    }
}
