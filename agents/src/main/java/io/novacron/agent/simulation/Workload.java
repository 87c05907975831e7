package io.novacron.agent.simulation;

/// What one vm wants, whatever it gets: absolute quantities, so that a larger vm shows a smaller
/// share of its size.
///
/// @param peakCores CPU wanted at its busiest
/// @param memoryBytes memory of which the profile takes its share
/// @param diskBytesPerSecond traffic at the CPU's peak
/// @param networkBytesPerSecond traffic at the CPU's peak
record Workload(
        Profile profile,
        long seed,
        double peakCores,
        double memoryBytes,
        double diskBytesPerSecond,
        double networkBytesPerSecond) {
    private static final long CPU = 0x63707521L;
    private static final long DISK = 0x6469736BL;
    private static final long NETWORK = 0x6E6574L;

    double cores(long timeMs) {
        double jitter = 1 + 0.03 * Noise.wander(seed ^ CPU, timeMs, 7_000);
        return Math.max(0.002, peakCores * profile.cpu(seed, timeMs) * jitter);
    }

    double memory(long timeMs) {
        return memoryBytes * profile.memory(seed, timeMs);
    }

    /// @param coresShare of the peak, as [#cores] gave it
    double disk(long timeMs, double coresShare) {
        double jitter = 1 + 0.3 * Noise.wander(seed ^ DISK, timeMs, 45_000);
        return diskBytesPerSecond * Math.max(0.01, coresShare) * jitter;
    }

    /// @param coresShare of the peak, as [#cores] gave it
    double network(long timeMs, double coresShare) {
        double jitter = 1 + 0.2 * Noise.wander(seed ^ NETWORK, timeMs, 30_000);
        return networkBytesPerSecond * Math.max(0.01, coresShare) * jitter;
    }
}
