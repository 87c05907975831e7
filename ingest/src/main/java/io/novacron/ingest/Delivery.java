package io.novacron.ingest;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// A number of frames of [VirtualAgent]s whose sender waits until all of them are journaled. Any
/// thread.
public final class Delivery {
    private final AtomicInteger open = new AtomicInteger(1); // one for the sender itself
    private final CompletableFuture<Void> journaled = new CompletableFuture<>();

    /// One more frame belongs to it; not after [#seal].
    void expect() {
        open.incrementAndGet();
    }

    /// One of its frames is in the journal, or will never be.
    void settle() {
        if (open.decrementAndGet() == 0) {
            journaled.complete(null);
        }
    }

    /// No more frames will be added. Called once.
    public void seal() {
        settle();
    }

    /// Completes when all frames are journaled: at once when there are none.
    public CompletableFuture<Void> journaled() {
        return journaled.copy();
    }

    /// Whether all frames are journaled.
    public boolean isJournaled() {
        return journaled.isDone();
    }
}
