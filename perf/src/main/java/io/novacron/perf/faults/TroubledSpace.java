package io.novacron.perf.faults;

import io.novacron.ingest.journal.JournalSpace;
import java.nio.file.Path;

/// The room on a disk that may seem full, or not answer: the journal thread then hangs in its
/// question, as it would in a device that does not come back.
final class TroubledSpace implements JournalSpace {
    private final JournalSpace real;
    private long limit = -1;
    private boolean stalled;

    TroubledSpace(Path directory) {
        this.real = JournalSpace.of(directory);
    }

    synchronized void stall() {
        stalled = true;
    }

    synchronized void goOn() {
        stalled = false;
        notifyAll();
    }

    /// @param bytes what there seems to be, negative for what there is
    synchronized void limit(long bytes) {
        limit = bytes;
    }

    @Override
    public synchronized long usableBytes() {
        boolean interrupted = false;
        while (stalled) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return limit < 0 ? real.usableBytes() : limit;
    }
}
