package io.novacron.ingest;

import io.novacron.ingest.checkpoint.CheckpointReader;
import io.novacron.ingest.checkpoint.CheckpointWriter;
import java.io.IOException;

/// Which frames of one stream have come.
///
/// Frames are known by (agent, spool epoch, sequence). Of the last 64 sequences it is known exactly
/// which came, so that one that was overtaken is kept and one that was resent is dropped; anything
/// older is taken as resent.
sealed class StreamPosition permits Stream {
    enum Verdict {
        NEW,
        REORDERED,
        DUPLICATE
    }

    long epoch;
    long highest;
    long frames;
    private long recent;
    private long markedHighest;
    private long markedFrames;
    private long markedRecent;

    void begin(long spoolEpoch) {
        if (epoch != spoolEpoch) {
            epoch = spoolEpoch;
            highest = 0;
            frames = 0;
            recent = 0;
        }
    }

    final Verdict verdict(long sequence) {
        if (sequence > highest) {
            return Verdict.NEW;
        }
        long back = highest - sequence;
        boolean seen = back >= Long.SIZE || (recent >>> back & 1) != 0;
        return seen ? Verdict.DUPLICATE : Verdict.REORDERED;
    }

    /// Sequences between the last one and this one.
    final long gapBefore(long sequence) {
        return Math.max(0, sequence - highest - 1);
    }

    /// The frame is in the journal, or will be with its block.
    final void commit(long sequence) {
        if (sequence > highest) {
            long ahead = sequence - highest;
            recent = ahead >= Long.SIZE ? 1 : recent << ahead | 1;
            highest = sequence;
        } else {
            recent |= 1L << highest - sequence;
        }
        frames++;
    }

    /// Remembers where it stands, for [#rollback].
    final void mark() {
        markedHighest = highest;
        markedFrames = frames;
        markedRecent = recent;
    }

    /// What was committed since the mark did not come into the journal.
    final void rollback() {
        highest = markedHighest;
        frames = markedFrames;
        recent = markedRecent;
    }

    final void copyFrom(StreamPosition other) {
        epoch = other.epoch;
        highest = other.highest;
        frames = other.frames;
        recent = other.recent;
    }

    final void write(CheckpointWriter out) throws IOException {
        out.putLong(epoch);
        out.putLong(highest);
        out.putLong(frames);
        out.putLong(recent);
    }

    final void read(CheckpointReader in) throws IOException {
        epoch = in.getLong();
        highest = in.getLong();
        frames = in.getLong();
        recent = in.getLong();
    }
}
