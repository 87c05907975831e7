package io.novacron.agent.host;

import io.novacron.agent.HostSource.HostSink;

/// Reads one file of `/proc` into samples.
interface Reader extends AutoCloseable {
    void sample(long nowNs, HostSink sink);

    @Override
    void close();
}
