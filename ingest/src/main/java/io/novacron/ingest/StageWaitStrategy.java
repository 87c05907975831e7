package io.novacron.ingest;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.Sequencer;
import com.lmax.disruptor.TimeoutException;
import com.lmax.disruptor.WaitStrategy;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// Blocks the two stages until there is work or the timeout passes. An idle ring costs nearly
/// nothing, a stalled journal does not cost the fleet thread's core, and under load each wake-up
/// serves many records: see [Gathering]. A record that is announced as prompt ends the gathering of
/// both stages, of what came before it too.
///
/// The producer wakes the journal thread alone; that one wakes the fleet thread once its batch is
/// out, for nothing is to be done there before.
final class StageWaitStrategy implements WaitStrategy {

    /// Where one stage waits.
    private static final class Place {
        final ReentrantLock lock = new ReentrantLock();
        final Condition signal = lock.newCondition();
        final Gathering gathering = new Gathering();
        final long gatherNs;
        final Rest rest = new Rest();
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

    /// The last record that nobody may gather before. Written by the producer, before the record is
    /// out, and read by the journal thread when it hands it on.
    private volatile long promptSequence = Sequencer.INITIAL_CURSOR_VALUE;

    private long handedOn = Sequencer.INITIAL_CURSOR_VALUE; // by the journal thread, whose it is

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
        if (place == journal) {
            handOn(sequence - 1);
        }
        boolean gathered = cursor.get() >= sequence;
        if (gathered) {
            gather(place, sequence);
        }
        if (dependent.get() < sequence) {
            await(place, sequence, dependent, barrier);
        }
        if (!gathered) {
            gather(place, sequence);
        }
        return dependent.get();
    }

    /// The journal thread's batch is out up to here. It says so itself when it comes for more,
    /// because its sequence has moved only then.
    private void handOn(long sequence) {
        if (sequence > handedOn) {
            boolean prompt = promptSequence > handedOn;
            handedOn = sequence;
            fleet.signal();
            if (prompt) {
                fleet.rest.end();
            }
        }
    }

    /// Waits a little for more, when many come.
    private void gather(Place place, long sequence) {
        if (place.gatherNs > 0
                && place.gathering.busy(System.nanoTime(), sequence)
                && !filling.getAsBoolean()) {
            place.rest.take(place.gatherNs);
        }
    }

    private void await(Place place, long sequence, Sequence dependent, SequenceBarrier barrier)
            throws AlertException, InterruptedException, TimeoutException {
        long remainingNs = timeoutNs;
        place.lock.lock();
        try {
            place.waiting++; // under the lock, and before the sequence is read again
            VarHandle.fullFence();
            while (dependent.get() < sequence) {
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

    /// The producer is about to publish a record that must not wait for others.
    void prompt(long sequence) {
        promptSequence = sequence;
    }

    /// It has published it.
    void promptIsOut() {
        journal.rest.end();
    }

    /// Ends the journal thread's wait as if its time were over.
    void nudge() {
        nudged = true;
        journal.signal();
    }

    /// Both stages look whether they are to stop.
    void wakeAll() {
        journal.signal();
        fleet.signal();
    }
}
