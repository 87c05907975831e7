package io.novacron.perf.peers;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What became of one server in a comparison. Filled in as the comparison goes on.
final class Outcome {
    private static final double BYTES_PER_MB = 1e6;

    private final String name;
    private final List<Cost> costs = new ArrayList<>();
    private final List<Double> cpuRatios = new ArrayList<>();
    private String version = "";
    private double bytesPerSample = Double.NaN;
    private @Nullable String problem;

    Outcome(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    void version(String text) {
        version = text;
    }

    String version() {
        return version;
    }

    /// Why it has no figures.
    void problem(String text) {
        problem = text;
    }

    /// Whether it was there and did all that was asked of it.
    boolean measured() {
        return problem == null;
    }

    String status() {
        return problem == null ? "measured" : problem;
    }

    void add(Cost cost) {
        costs.add(cost);
    }

    /// A round of this server beside the round of ours that went just before it.
    void add(Cost cost, Cost ours) {
        costs.add(cost);
        cpuRatios.add(cost.cpuSecondsPerMillionSamples() / ours.cpuSecondsPerMillionSamples());
    }

    void bytesPerSample(double bytes) {
        bytesPerSample = bytes;
    }

    double bytesPerSample() {
        return bytesPerSample;
    }

    Spread cpuSecondsPerMillionSamples() {
        return Spread.of(costs.stream().map(Cost::cpuSecondsPerMillionSamples).toList());
    }

    Spread cpuRatio() {
        return Spread.of(cpuRatios);
    }

    Spread rssMb() {
        return Spread.of(costs.stream().map(cost -> cost.rssBytes() / BYTES_PER_MB).toList());
    }
}
