package io.novacron.ingest;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One of the two sequences of an agent, data or control: what has been journaled of it, and what
/// its connection has to be told.
final class Stream extends StreamPosition {
    /// Nothing to answer to a hello; session ids are positive.
    static final long NO_ANSWER = 0;

    final AgentEntry agent;
    final int kind;

    // The journal thread's (a replay's before it starts), as is the position.
    long syncing;
    long noticedFrames;
    boolean touched;
    boolean unsynced;

    /// Whether its frames are refused until the next hello: one could not be journaled.
    boolean broken;

    // Written by the journal thread, read by the event loop and by statistics. The loop
    // reads synced before journaled, so it never sends one above the other.
    volatile long publishedJournaled;
    volatile long publishedSynced;

    /// The session whose hello is journaled; negative when that could not be done.
    volatile long answeredSession = NO_ANSWER;

    volatile boolean refused;

    /// Whether it stands in the queue of notices.
    final AtomicBoolean queued = new AtomicBoolean();

    // Written by the event loop, read by any thread.
    volatile @Nullable StreamPeer connection;

    Stream(AgentEntry agent, int kind) {
        this.agent = agent;
        this.kind = kind;
    }

    @Override
    void begin(long spoolEpoch) {
        if (epoch != spoolEpoch) {
            syncing = 0;
            noticedFrames = 0;
            publishedSynced = 0;
            publishedJournaled = 0;
        }
        super.begin(spoolEpoch);
        broken = false;
    }

    /// Goes on where a checkpoint ends; what it knows of is journaled and synced.
    void restore(StreamPosition from) {
        copyFrom(from);
        publishedJournaled = highest;
        publishedSynced = highest;
    }
}
