package io.novacron.agent;

import java.util.UUID;

/// Takes the samples of one interval. A value that is NaN counts as missing.
@FunctionalInterface
public interface SampleSink {

    /// Takes one sample of one vm; `metricId` is an id of the metric catalogue.
    void put(UUID vm, int metricId, float value);
}
