package io.novacron.agent;

import io.novacron.wire.catalogue.Metrics;

/// A host that always says the same.
final class FixedHost implements HostSource {
    @Override
    public HostDescription describe() {
        return new HostDescription("fixed", 8, 16L << 30, 1L << 40);
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        sink.put(Metrics.CPU_USAGE, 25);
        sink.put(Metrics.LOAD_ONE, 2);
    }

    @Override
    public void close() {}
}
