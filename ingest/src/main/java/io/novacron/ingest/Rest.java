package io.novacron.ingest;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A short sleep of one thread that any other may end: see [Gathering].
///
/// An end is not lost when it comes just before the rest: who rests says so and then looks whether
/// it was ended, who ends it says so and then looks who rests. One that comes to a thread that is
/// awake leaves out its next rest.
final class Rest {
    private volatile @Nullable Thread resting;
    private volatile boolean ended;

    /// Sleeps until the time is over or somebody ends it.
    void take(long durationNs) {
        resting = Thread.currentThread();
        if (!ended) {
            LockSupport.parkNanos(this, durationNs);
        }
        resting = null;
        ended = false;
    }

    /// There is something that must not wait. Any thread.
    void end() {
        ended = true;
        Thread thread = resting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
