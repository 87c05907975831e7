package io.novacron.agent.simulation;

/// Noise that is a function of a seed and a time: asking twice gives the same answer, in any order.
final class Noise {
    private Noise() {}

    /// Uniform in [0, 1) for each pair of seed and index (the finaliser of SplitMix64).
    static double uniform(long seed, long index) {
        long z = seed + index * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return ((z ^ (z >>> 31)) >>> 11) * 0x1.0p-53;
    }

    /// Wanders in [-1, 1]: uniform at every whole period, smooth in between.
    static double wander(long seed, long timeMs, long periodMs) {
        long index = Math.floorDiv(timeMs, periodMs);
        double fraction = (double) Math.floorMod(timeMs, periodMs) / periodMs;
        double weight = fraction * fraction * (3 - 2 * fraction);
        double from = uniform(seed, index);
        double to = uniform(seed, index + 1);
        return 2 * (from + (to - from) * weight) - 1;
    }
}
