package io.novacron.agent.libvirt;

import io.novacron.agent.SampleSink;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Hands one pass of samples from the poller's thread to the sampling thread. Holds at most one
/// pass: a newer one replaces an older that nobody fetched.
final class SampleBuffer {
    private record Sample(UUID vm, int metricId, float value) {}

    private List<Sample> ready = List.of();

    /// Collects one pass; the pass is the caller's until it is published.
    static final class Pass implements SampleSink {
        private final List<Sample> samples = new ArrayList<>();

        @Override
        public void put(UUID vm, int metricId, float value) {
            samples.add(new Sample(vm, metricId, value));
        }
    }

    synchronized void publish(Pass pass) {
        ready = pass.samples;
    }

    /// Moves what is ready into the sink.
    void drainTo(SampleSink sink) {
        List<Sample> taken;
        synchronized (this) {
            taken = ready;
            ready = List.of();
        }
        for (var sample : taken) {
            sink.put(sample.vm(), sample.metricId(), sample.value());
        }
    }
}
