package io.novacron.agent.spool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.ExpandableArrayBuffer;

/// A spool that dies with its process, for simulated hosts. Bounded in bytes.
public final class MemorySpool implements Spool {
    private final long maxBytes;
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private final List<Runnable> appendListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> trimListeners = new CopyOnWriteArrayList<>();

    /// Frames by growing sequence, from index `first` on; what lies before is forgotten.
    private final ArrayList<Frame> frames = new ArrayList<>();

    private int first;
    private long lastSequence;
    private long bytes;
    private long framesDropped;
    private boolean closed;

    private record Frame(long sequence, byte[] bytes) {}

    private static final Frame FORGOTTEN = new Frame(0, new byte[0]);

    public MemorySpool(long maxBytes) {
        if (maxBytes <= 0) {
            throw new IllegalArgumentException("maxBytes=%d must be positive".formatted(maxBytes));
        }
        this.maxBytes = maxBytes;
    }

    @Override
    public long append(long nowMs, FrameMaker maker) {
        long sequence;
        synchronized (this) {
            sequence = lastSequence + 1;
            int length = maker.make(sequence, buffer);
            if (length > maxBytes) {
                framesDropped++;
                return 0;
            }
            lastSequence = sequence;
            frames.add(new Frame(sequence, Arrays.copyOf(buffer.byteArray(), length)));
            bytes += length;
            while (bytes > maxBytes) {
                forgetFirst();
                framesDropped++;
            }
            compact();
        }
        appendListeners.forEach(Runnable::run);
        return sequence;
    }

    @Override
    public synchronized boolean read(long fromSequence, SpooledFrame into) {
        int low = first;
        int high = frames.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (frames.get(middle).sequence < fromSequence) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == frames.size()) {
            return false;
        }
        Frame frame = frames.get(low);
        into.prepare(frame.sequence, frame.bytes.length).put(frame.bytes).flip();
        return true;
    }

    @Override
    public void trim(long syncedSequence) {
        synchronized (this) {
            while (first < frames.size() && frames.get(first).sequence <= syncedSequence) {
                forgetFirst();
            }
            compact();
            notifyAll();
        }
        trimListeners.forEach(Runnable::run);
    }

    /// Waits until there is room, so that a source which can wait loses nothing.
    ///
    /// @return false when the spool was closed
    public synchronized boolean awaitBytesBelow(long limit) throws InterruptedException {
        while (bytes >= limit && !closed) {
            wait();
        }
        return !closed;
    }

    private void forgetFirst() {
        bytes -= frames.get(first).bytes.length;
        frames.set(first++, FORGOTTEN);
    }

    /// Moves the frames to the front once half the list is forgotten: amortised constant time.
    private void compact() {
        if (first >= 64 && first * 2 >= frames.size()) {
            frames.subList(0, first).clear();
            first = 0;
        }
    }

    @Override
    public synchronized void skipPast(long sequence) {
        lastSequence = Math.max(lastSequence, sequence);
    }

    @Override
    public synchronized long firstSequence() {
        return first == frames.size() ? 0 : frames.get(first).sequence;
    }

    @Override
    public synchronized long lastSequence() {
        return lastSequence;
    }

    @Override
    public synchronized long bytes() {
        return bytes;
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
        closed = true;
        notifyAll();
    }
}
