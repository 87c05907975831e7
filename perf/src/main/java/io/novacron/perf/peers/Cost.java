package io.novacron.perf.peers;

/// What a server used for some samples.
///
/// @param cpuNs of its whole process tree, from the first sample sent to the last one stored
/// @param rssBytes of the same, when the last was stored
record Cost(long samples, long cpuNs, long rssBytes) {
    private static final double NS_PER_SECOND = 1e9;
    private static final double SAMPLES_PER_MILLION = 1e6;

    double cpuSecondsPerMillionSamples() {
        return cpuNs / NS_PER_SECOND / (samples / SAMPLES_PER_MILLION);
    }
}
