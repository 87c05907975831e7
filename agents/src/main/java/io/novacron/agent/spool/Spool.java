package io.novacron.agent.spool;

import org.agrona.MutableDirectBuffer;

/// One stream of frames, numbered from 1 without gaps, that waits for its receiver. When it is full
/// the oldest frames go and are counted. Thread-safe.
public interface Spool extends AutoCloseable {

    /// Has a frame made for the next sequence, and keeps it.
    ///
    /// @param nowMs the time by which the frame ages
    /// @return the frame's sequence, or 0 when it could not be kept: it is counted as dropped, and
    ///   its sequence goes to the next frame
    long append(long nowMs, FrameMaker maker);

    /// Copies out the first frame at or after a sequence.
    ///
    /// @return false when there is none
    boolean read(long fromSequence, SpooledFrame into);

    /// Forgets every frame up to a sequence that the receiver has on disk.
    void trim(long syncedSequence);

    /// Makes the next frame's sequence come after the given one, which the receiver has already
    /// seen from us although we do not remember it.
    void skipPast(long sequence);

    /// The oldest sequence kept, or 0 when nothing is.
    long firstSequence();

    /// The last sequence given out, or 0 before the first.
    long lastSequence();

    /// Bytes of the frames kept.
    long bytes();

    /// Frames lost so far: pushed out by newer ones, aged, damaged, or refused by the disk.
    long framesDropped();

    /// Has somebody told, on the appending thread, that there is a new frame.
    void onAppend(Runnable listener);

    /// Has somebody told, on the trimming thread, that frames were forgotten.
    void onTrim(Runnable listener);

    @Override
    void close();

    /// Encodes a whole frame at offset 0 of a buffer that expands.
    @FunctionalInterface
    interface FrameMaker {

        /// @return the frame's length
        int make(long sequence, MutableDirectBuffer buffer);
    }
}
