package io.novacron.ingest.statistics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/// All counters, and the gauges that are read off live. Any thread may count and read.
public final class IngestStatistics {
    private static final int STRIDE = Long.BYTES; // a cache line each: the stages count at once

    private final AtomicLongArray values = new AtomicLongArray(Counter.values().length * STRIDE);
    private final Map<String, LongSupplier> gauges = new LinkedHashMap<>();

    public void increment(Counter counter) {
        add(counter, 1);
    }

    public void add(Counter counter, long amount) {
        if (amount != 0) {
            values.getAndAdd(counter.ordinal() * STRIDE, amount);
        }
    }

    public long get(Counter counter) {
        return values.get(counter.ordinal() * STRIDE);
    }

    /// Adds a gauge, before the daemon starts.
    public void gauge(String key, LongSupplier value) {
        gauges.put(key, value);
    }

    /// Every counter by its key, in a fixed order.
    public Map<String, Long> counters() {
        var result = new LinkedHashMap<String, Long>();
        for (Counter counter : Counter.values()) {
            result.put(counter.key(), get(counter));
        }
        return result;
    }

    /// Every gauge by its key, in a fixed order.
    public Map<String, Long> gauges() {
        var result = new LinkedHashMap<String, Long>();
        gauges.forEach((key, value) -> result.put(key, value.getAsLong()));
        return result;
    }
}
