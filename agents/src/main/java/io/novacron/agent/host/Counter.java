package io.novacron.agent.host;

/// One cumulative counter as a difference or a rate. The first reading, a reading that could not be
/// made (negative) and a counter that went backwards give NaN, and what comes next starts anew.
final class Counter {
    private long previousValue = -1;
    private long previousNs;

    /// The growth since the last call.
    float difference(long value) {
        long previous = previousValue;
        previousValue = value;
        return previous < 0 || value < previous ? Float.NaN : value - previous;
    }

    /// The growth a second since the last call.
    float perSecond(long value, long nowNs) {
        long elapsedNs = nowNs - previousNs;
        previousNs = nowNs;
        float difference = difference(value);
        return elapsedNs > 0 ? (float) (difference * 1e9 / elapsedNs) : Float.NaN;
    }

    /// Forgets the last reading: what is counted has changed.
    void reset() {
        previousValue = -1;
    }
}
