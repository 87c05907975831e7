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

/// Blocks until there is work or the timeout passes, and parks where the Disruptor's own blocking
/// strategies spin: while an earlier stage is still busy with what this one waits for. A stalled
/// journal must not cost the fleet thread's core.
final class TimedBlockingWaitStrategy implements WaitStrategy {
    private static final long SHORTEST_PARK_NS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long LONGEST_PARK_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition published = lock.newCondition();
    private final long timeoutNs;
    private volatile int waiting;

    TimedBlockingWaitStrategy(long timeoutNs) {
        this.timeoutNs = timeoutNs;
    }

    @Override
    public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
            throws AlertException, InterruptedException, TimeoutException {
        if (cursor.get() < sequence) {
            awaitCursor(sequence, cursor, barrier);
        }
        long parkNs = SHORTEST_PARK_NS;
        long available = dependent.get();
        while (available < sequence) {
            barrier.checkAlert();
            LockSupport.parkNanos(this, parkNs);
            parkNs = Math.min(parkNs * 2, LONGEST_PARK_NS);
            available = dependent.get();
        }
        return available;
    }

    private void awaitCursor(long sequence, Sequence cursor, SequenceBarrier barrier)
            throws AlertException, InterruptedException, TimeoutException {
        long remainingNs = timeoutNs;
        lock.lock();
        try {
            waiting++; // under the lock, and before the cursor is read again
            VarHandle.fullFence();
            while (cursor.get() < sequence) {
                barrier.checkAlert();
                remainingNs = published.awaitNanos(remainingNs);
                if (remainingNs <= 0) {
                    throw TimeoutException.INSTANCE;
                }
            }
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    @Override
    public void signalAllWhenBlocking() {
        VarHandle.fullFence(); // the cursor is out before the waiters are counted
        if (waiting > 0) {
            lock.lock();
            try {
                published.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
