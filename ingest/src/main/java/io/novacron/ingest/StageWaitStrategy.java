package io.novacron.ingest;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import com.lmax.disruptor.WaitStrategy;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// Blocks the two stages until there is work or the timeout passes. An idle ring costs nearly
/// nothing, a stalled journal does not cost the fleet thread's core, and under load each wake-up
/// serves many records: see [Gathering].
///
/// The producer wakes the journal thread alone; that one wakes the fleet thread at the end of its
/// batch ([#journaled]), for nothing is to be done there before.
final class StageWaitStrategy implements WaitStrategy {
    private static final long SHORTEST_PARK_NS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long LONGEST_PARK_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int SPINS = 100;

    /// Where one stage waits.
    private static final class Place {
        final ReentrantLock lock = new ReentrantLock();
        final Condition signal = lock.newCondition();
        final Gathering gathering = new Gathering();
        final long gatherNs;
        volatile int waiting;

        Place(long gatherNs) {
            this.gatherNs = gatherNs;
        }

        void signal() {
            VarHandle.fullFence(); // the sequence is out before the waiter is looked for
            if (waiting > 0) {
                lock.lock();
                try {
                    signal.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private final long timeoutNs;
    private final BooleanSupplier filling;
    private final Place journal;
    private final Place fleet;

    /// Set by any thread, taken back by the journal thread under its lock.
    private volatile boolean nudged;

    /// @param journalGatherNs how long the journal thread gathers records when many come
    /// @param fleetGatherNs the same of the fleet thread
    /// @param filling whether the ring fills up, so that nobody should gather any longer
    StageWaitStrategy(
            long timeoutNs, long journalGatherNs, long fleetGatherNs, BooleanSupplier filling) {
        this.timeoutNs = timeoutNs;
        this.filling = filling;
        this.journal = new Place(journalGatherNs);
        this.fleet = new Place(fleetGatherNs);
    }

    @Override
    public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
            throws AlertException, InterruptedException, TimeoutException {
        Place place = dependent == cursor ? journal : fleet;
        if (cursor.get() < sequence) {
            awaitCursor(place, sequence, cursor, barrier);
        }
        if (place.gatherNs > 0
                && place.gathering.busy(System.nanoTime(), sequence)
                && !filling.getAsBoolean()) {
            LockSupport.parkNanos(this, place.gatherNs);
        }
        return awaitDependent(sequence, dependent, barrier);
    }

    private long awaitDependent(long sequence, Sequence dependent, SequenceBarrier barrier)
            throws AlertException {
        long available = dependent.get();
        for (int i = 0; i < SPINS && available < sequence; i++) {
            Thread.onSpinWait(); // the journal's batch ends just after its signal
            available = dependent.get();
        }
        long parkNs = SHORTEST_PARK_NS;
        while (available < sequence) {
            barrier.checkAlert();
            LockSupport.parkNanos(this, parkNs);
            parkNs = Math.min(parkNs * 2, LONGEST_PARK_NS);
            available = dependent.get();
        }
        return available;
    }

    private void awaitCursor(Place place, long sequence, Sequence cursor, SequenceBarrier barrier)
            throws AlertException, InterruptedException, TimeoutException {
        long remainingNs = timeoutNs;
        place.lock.lock();
        try {
            place.waiting++; // under the lock, and before the cursor is read again
            VarHandle.fullFence();
            while (cursor.get() < sequence) {
                barrier.checkAlert();
                if (place == journal && nudged) {
                    nudged = false;
                    throw TimeoutException.INSTANCE;
                }
                remainingNs = place.signal.awaitNanos(remainingNs);
                if (remainingNs <= 0) {
                    throw TimeoutException.INSTANCE;
                }
            }
        } finally {
            place.waiting--;
            place.lock.unlock();
        }
    }

    /// The producer has published, or the stages are to stop.
    @Override
    public void signalAllWhenBlocking() {
        journal.signal();
    }

    /// Ends the journal thread's wait as if its time were over.
    void nudge() {
        nudged = true;
        journal.signal();
    }

    /// The journal thread's batch ends here; its sequence follows at once.
    void journaled() {
        fleet.signal();
    }
}
