package io.novacron.ingest;

/// Tells a thread when it should wait a little before it takes what has come, so that one wake-up
/// serves many frames. Network cards do the same with their interrupts.
///
/// A wake-up costs about as much as a frame. When frames come far apart nothing is gained by
/// waiting, so each is served at once; above [#BUSY_PER_SECOND] a thread gathers. One thread owns
/// it.
final class Gathering {
    static final long BUSY_PER_SECOND = 500;

    private static final long WINDOW_NS = 20_000_000;
    private static final long NS_PER_SECOND = 1_000_000_000;

    private boolean begun;
    private long windowStartNs;
    private long countAtStart;
    private boolean busy;

    /// @param nowNs of a monotonic clock
    /// @param count of all frames so far
    /// @return whether frames come so fast that it pays to wait for more of them
    boolean busy(long nowNs, long count) {
        long elapsedNs = nowNs - windowStartNs;
        if (!begun || elapsedNs >= WINDOW_NS) {
            busy = begun && (count - countAtStart) * NS_PER_SECOND > BUSY_PER_SECOND * elapsedNs;
            begun = true;
            windowStartNs = nowNs;
            countAtStart = count;
        }
        return busy;
    }
}
