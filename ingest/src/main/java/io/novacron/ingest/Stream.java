package io.novacron.ingest;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One of the two sequences of an agent, data or control: what has been journaled of it, and what
/// its connection has to be told.
///
/// Frames are known by (agent, spool epoch, sequence). Of the last 64 sequences it is known exactly
/// which came, so that one that was overtaken is kept and one that was resent is dropped; anything
/// older is taken as resent.
final class Stream {
    /// Nothing to answer to a hello; session ids are positive.
    static final long NO_ANSWER = 0;

    enum Verdict {
        NEW,
        REORDERED,
        DUPLICATE
    }

    final AgentEntry agent;
    final int kind;

    // The journal thread's (a replay's before it starts).
    long epoch;
    long highest;
    long frames;
    long syncing;
    boolean inBatch;
    boolean unsynced;
    private long recent;

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

    void begin(long spoolEpoch) {
        if (epoch != spoolEpoch) {
            epoch = spoolEpoch;
            highest = 0;
            frames = 0;
            syncing = 0;
            recent = 0;
            publishedSynced = 0;
            publishedJournaled = 0;
        }
        broken = false;
    }

    Verdict verdict(long sequence) {
        if (sequence > highest) {
            return Verdict.NEW;
        }
        long back = highest - sequence;
        boolean seen = back >= Long.SIZE || (recent >>> back & 1) != 0;
        return seen ? Verdict.DUPLICATE : Verdict.REORDERED;
    }

    /// Sequences between the last one and this one.
    long gapBefore(long sequence) {
        return Math.max(0, sequence - highest - 1);
    }

    /// The frame is in the journal.
    void commit(long sequence) {
        if (sequence > highest) {
            long ahead = sequence - highest;
            recent = ahead >= Long.SIZE ? 1 : recent << ahead | 1;
            highest = sequence;
        } else {
            recent |= 1L << highest - sequence;
        }
        frames++;
    }
}
