package io.novacron.ingest;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/// Tells the event loop which streams have something to say to their agents: a watermark has moved,
/// a hello is journaled, a frame was refused. The journal thread writes, the event loop reads.
///
/// A stream stands in the queue at most once, so the queue never fills and an agent that is slow
/// gets one acknowledgement for many frames.
final class Notices implements Runnable {
    private final OneToOneConcurrentArrayQueue<Stream> queue;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Executor eventLoop;

    Notices(int maxAgents, Executor eventLoop) {
        this.queue = new OneToOneConcurrentArrayQueue<>(2 * maxAgents);
        this.eventLoop = eventLoop;
    }

    /// Called after the stream's published fields are set.
    void add(Stream stream) {
        if (stream.queued.compareAndSet(false, true)) {
            queue.offer(stream);
        }
    }

    /// Wakes the event loop, once for all that were added since it last ran.
    void flush() {
        if (!queue.isEmpty() && scheduled.compareAndSet(false, true)) {
            eventLoop.execute(this);
        }
    }

    @Override
    public void run() {
        scheduled.set(false);
        for (Stream stream = queue.poll(); stream != null; stream = queue.poll()) {
            stream.queued.set(false); // before the fields are read: what comes later is told again
            StreamPeer connection = stream.connection;
            if (connection != null) {
                connection.onNotice();
            }
        }
    }
}
