package io.novacron.agent.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/// A spool in a folder of segment files, which survives its process and its machine.
///
/// A kill leaves at most one record that is not whole; it is cut off, and as nothing is sent before
/// it is appended, its sequence may be given again. A power loss may take whole records that were
/// sent already, so sequences are reserved on disk in blocks of [#RESERVED_BLOCK]: a spool that was
/// not closed in order, and finds the machine booted since, goes on after the reserved block. The
/// gap is seen by the receiver, and it is honest, for frames may indeed be gone.
///
/// Segments are trimmed whole; a segment that is half trimmed counts with its other half. One
/// writer and one reader are expected, and any thread may ask.
public final class FileSpool implements Spool {
    static final long RESERVED_BLOCK = 4096;

    private final Path folder;
    private final long epoch;
    private final String bootId;
    private final SpoolLimits limits;
    private final Consumer<IOException> onError;
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private final ArrayDeque<Segment> segments = new ArrayDeque<>();
    private final List<Runnable> appendListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> trimListeners = new CopyOnWriteArrayList<>();

    private long lastSequence;
    private long reservedSequence;
    private long syncedSequence;

    /// Bytes of the oldest segment that are synced already.
    private long trimPosition;

    private long bytes;
    private long framesDropped;
    private boolean closed;

    /// Where the reader is, so that reading on needs no search.
    private @Nullable Segment readSegment;

    private long readPosition;

    private FileSpool(
            Path folder,
            long epoch,
            String bootId,
            SpoolLimits limits,
            Consumer<IOException> onError) {
        this.folder = folder;
        this.epoch = epoch;
        this.bootId = bootId;
        this.limits = limits;
        this.onError = onError;
    }

    /// Opens the spool of an epoch. A folder that belongs to another epoch is emptied.
    ///
    /// @param bootId changes with each boot of the machine; empty when nobody knows
    /// @param onError is told of trouble with the disk, after which the spool goes on as it can
    public static FileSpool open(
            Path folder,
            long epoch,
            String bootId,
            SpoolLimits limits,
            Consumer<IOException> onError)
            throws IOException {
        Files.createDirectories(folder);
        var spool = new FileSpool(folder, epoch, bootId, limits, onError);
        spool.recover();
        return spool;
    }

    private void recover() throws IOException {
        SpoolMark mark = SpoolMark.read(folder);
        boolean ours = mark != null && mark.epoch() == epoch;
        List<Path> paths;
        try (var files = Files.list(folder)) {
            paths = files.filter(Segment::isSegment).sorted().toList();
        }
        for (Path path : paths) {
            if (ours) {
                Segment segment = Segment.open(path);
                if (segment.isEmpty() || segment.firstSequence() <= lastSequence) {
                    segment.delete();
                } else {
                    segments.add(segment);
                    lastSequence = segment.lastSequence();
                    bytes += segment.lengthInBytes();
                }
            } else {
                Files.delete(path);
            }
        }
        if (mark != null && ours) {
            lastSequence = Math.max(lastSequence, mark.floor());
            boolean sameBoot = !bootId.isEmpty() && bootId.equals(mark.bootId());
            if (!mark.clean() && !sameBoot) {
                lastSequence = Math.max(lastSequence, mark.reserved());
            }
        }
        reserve();
    }

    private void reserve() throws IOException {
        reservedSequence = lastSequence + RESERVED_BLOCK;
        writeMark(false, true);
    }

    private void writeMark(boolean clean, boolean sync) throws IOException {
        String boot = bootId.isEmpty() ? "unknown" : bootId;
        new SpoolMark(epoch, lastSequence, reservedSequence, boot, clean).write(folder, sync);
    }

    @Override
    public long append(long nowMs, FrameMaker maker) {
        long sequence;
        synchronized (this) {
            sequence = lastSequence + 1;
            int length = maker.make(sequence, buffer);
            if (closed || !store(sequence, nowMs, length)) {
                framesDropped++;
                return 0;
            }
            lastSequence = sequence;
        }
        appendListeners.forEach(Runnable::run);
        return sequence;
    }

    private boolean store(long sequence, long nowMs, int length) {
        long needed = Segment.HEADER_LENGTH + length;
        if (needed > limits.maxBytes() || length > Segment.MAX_FRAME_LENGTH) {
            return false;
        }
        try {
            dropOld(nowMs, needed);
            if (sequence > reservedSequence) {
                reserve();
            }
            Segment segment = segments.peekLast();
            if (segment == null
                    || segment.isSealed()
                    || segment.lengthInBytes() + needed > limits.segmentBytes()
                    || nowMs - segment.firstTimeMs() > limits.segmentAgeMs()) {
                segment = Segment.create(folder, sequence);
                segments.add(segment);
            }
            segment.append(sequence, nowMs, buffer.byteArray(), length, limits.syncEachFrame());
            bytes += needed;
            return true;
        } catch (IOException e) {
            onError.accept(e);
            return false;
        }
    }

    private void dropOld(long nowMs, long needed) throws IOException {
        while (!segments.isEmpty()) {
            Segment oldest = segments.getFirst();
            boolean tooLarge = bytes + needed > limits.maxBytes();
            boolean tooOld = nowMs - oldest.lastTimeMs() > limits.maxAgeMs();
            if (!tooLarge && !tooOld && !oldest.isEmpty()) {
                return;
            }
            framesDropped +=
                    Math.max(
                            0,
                            oldest.lastSequence()
                                    - Math.max(syncedSequence, oldest.firstSequence() - 1));
            removeFirst();
        }
    }

    private void removeFirst() throws IOException {
        Segment oldest = segments.removeFirst();
        bytes -= oldest.lengthInBytes();
        trimPosition = 0;
        if (readSegment == oldest) {
            readSegment = null;
        }
        if (segments.isEmpty()) {
            writeMark(false, false); // its last sequence would be forgotten with it
        }
        oldest.delete();
    }

    @Override
    public synchronized boolean read(long fromSequence, SpooledFrame into) {
        try {
            while (!closed && seek(Math.max(fromSequence, syncedSequence + 1))) {
                Segment segment = readSegment;
                if (segment == null) {
                    return false;
                }
                long next = segment.read(readPosition, into);
                if (next > 0) {
                    readPosition = next;
                    return true;
                }
                // damaged since it was written: give up the rest of this segment
                long last = segment.lastSequence();
                framesDropped += last - Math.max(fromSequence, segment.firstSequence()) + 1;
                bytes -= segment.lengthInBytes() - readPosition;
                segment.cutAt(readPosition);
                fromSequence = last + 1;
                readSegment = null;
            }
        } catch (IOException e) {
            onError.accept(e);
        }
        return false;
    }

    /// Puts the reader before the first record at or after a sequence.
    private boolean seek(long sequence) throws IOException {
        Segment segment = readSegment;
        if (segment == null
                || readPosition >= segment.lengthInBytes()
                || segment.sequenceAt(readPosition) != sequence) {
            segment = find(sequence);
            readSegment = segment;
            readPosition = 0;
        }
        if (segment == null) {
            return false;
        }
        for (long at = segment.sequenceAt(readPosition);
                at >= 0 && at < sequence;
                at = segment.sequenceAt(readPosition)) {
            readPosition = segment.after(readPosition);
        }
        return true;
    }

    private @Nullable Segment find(long sequence) {
        for (Segment segment : segments) {
            if (segment.lastSequence() >= sequence && !segment.isEmpty()) {
                return segment;
            }
        }
        return null;
    }

    @Override
    public void trim(long synced) {
        synchronized (this) {
            if (synced <= syncedSequence || closed) {
                return;
            }
            syncedSequence = Math.min(synced, lastSequence);
            try {
                while (!segments.isEmpty() && isDone(segments.getFirst())) {
                    removeFirst();
                }
                Segment oldest = segments.peekFirst();
                while (oldest != null
                        && trimPosition < oldest.lengthInBytes()
                        && isUpTo(syncedSequence, oldest.sequenceAt(trimPosition))) {
                    trimPosition = oldest.after(trimPosition);
                }
            } catch (IOException e) {
                onError.accept(e);
            }
        }
        trimListeners.forEach(Runnable::run);
    }

    private static boolean isUpTo(long limit, long sequence) {
        return sequence >= 0 && sequence <= limit;
    }

    /// The last segment stays while it is small, so that a quiet agent does not make and delete a
    /// file for each frame.
    private boolean isDone(Segment segment) {
        return segment.lastSequence() <= syncedSequence
                && (segment != segments.getLast()
                        || segment.lengthInBytes() > limits.segmentBytes() / 2);
    }

    @Override
    public synchronized void skipPast(long sequence) {
        if (sequence > lastSequence) {
            lastSequence = sequence;
            try {
                reserve();
            } catch (IOException e) {
                onError.accept(e);
            }
        }
    }

    @Override
    public synchronized long firstSequence() {
        for (Segment segment : segments) {
            if (segment.lastSequence() > syncedSequence) {
                return Math.max(segment.firstSequence(), syncedSequence + 1);
            }
        }
        return 0;
    }

    @Override
    public synchronized long lastSequence() {
        return lastSequence;
    }

    @Override
    public synchronized long bytes() {
        return bytes - trimPosition;
    }

    @Override
    public synchronized long framesDropped() {
        return framesDropped;
    }

    @Override
    public void onAppend(Runnable listener) {
        appendListeners.add(listener);
    }

    @Override
    public void onTrim(Runnable listener) {
        trimListeners.add(listener);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            for (Segment segment : segments) {
                segment.close();
            }
            writeMark(true, true);
        } catch (IOException e) {
            onError.accept(e);
        }
    }
}
