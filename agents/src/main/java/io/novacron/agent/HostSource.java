package io.novacron.agent;

/// Where an agent's host metrics come from. The sampling thread owns it.
public interface HostSource extends AutoCloseable {

    /// The host's name and sizes.
    HostDescription describe();

    /// Puts what was measured since the last call into the sink.
    void sample(long nowNs, HostSink sink);

    @Override
    void close();

    /// Takes the samples of one interval. A value that is NaN counts as missing.
    @FunctionalInterface
    interface HostSink {

        /// Takes one sample; `metricId` is an id of the metric catalogue.
        void put(int metricId, float value);
    }
}
