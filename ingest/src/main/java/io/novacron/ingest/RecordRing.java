package io.novacron.ingest;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import io.novacron.ingest.fleet.OffHeap;
import io.novacron.ingest.journal.RecordLayout;
import io.novacron.ingest.journal.RecordType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Disruptor whose slots stand for records in one circular piece of off-heap memory, so that what
/// waits is bounded in bytes. A record lies there as it goes into the journal, its header first:
///
/// ```text
///  | … released | slot 17: header, payload | slot 18: header, payload | free … | skipped to the end |
///               ^ released                                             ^ head
/// ```
///
/// The event loop claims and publishes and never waits: no room is an answer. Positions only grow;
/// the offset is the position modulo the capacity.
final class RecordRing implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(RecordRing.class);

    static final int NO_ROOM = -1;

    private static final int ALIGNMENT = 8;
    private static final long TIMEOUT_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int REWIND_BYTES = 1024 * 1024;
    private static final int JOURNAL_GATHERS = 1;
    private static final int FLEET_GATHERS = 4;
    private static final int FILLING_SHARE = 4;
    private static final long STOP_TIMEOUT_MS = 10_000;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final UnsafeBuffer buffer;
    private final int capacity;
    private final Disruptor<Slot> disruptor;
    private final RingBuffer<Slot> slots;
    private final List<Thread> stages = new ArrayList<>();
    private final @Nullable StageWaitStrategy waiting;

    // The event loop's.
    private long head;
    private int claimedOffset;
    private long claimedEnd;

    // Written by the fleet thread, read by the event loop: volatile pairs the reuse of memory.
    private volatile long released;
    // Set by the event loop when it found no room, cleared by the fleet thread when it made some.
    private volatile boolean starved;

    /// @param gather how long stages wait for more when many records come: see [Gathering]
    RecordRing(int capacity, int slotCount, boolean spin, Duration gather, ThreadFactory threads) {
        this.capacity = capacity;
        this.memory = OffHeap.allocate(capacity, arena);
        this.buffer = new UnsafeBuffer(memory.address(), capacity);
        long gatherNs = gather.toNanos();
        this.waiting =
                spin
                        ? null
                        : new StageWaitStrategy(
                                TIMEOUT_NS,
                                gatherNs * JOURNAL_GATHERS,
                                gatherNs * FLEET_GATHERS,
                                this::filling);
        WaitStrategy strategy = waiting == null ? new YieldingWaitStrategy() : waiting;
        ThreadFactory remembered =
                task -> {
                    Thread thread = threads.newThread(task);
                    stages.add(thread);
                    return thread;
                };
        this.disruptor =
                new Disruptor<>(Slot::new, slotCount, remembered, ProducerType.SINGLE, strategy);
        this.slots = disruptor.getRingBuffer();
    }

    void start(
            EventHandler<Slot> journal,
            EventHandler<Slot> fleet,
            ExceptionHandler<Slot> exceptions) {
        disruptor.setDefaultExceptionHandler(exceptions);
        disruptor.handleEventsWith(journal).then(fleet);
        disruptor.start();
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    /// A view of the same memory for one more thread.
    ByteBuffer newView() {
        return memory.asByteBuffer();
    }

    /// Finds room for a record.
    ///
    /// @return the offset of its header, to be filled and published, or [#NO_ROOM]
    int claim(int payloadLength) {
        int offset = tryClaim(payloadLength);
        if (offset == NO_ROOM) {
            starved =
                    true; // and look again: the fleet thread may have made room before it saw this
            offset = tryClaim(payloadLength);
        }
        return offset;
    }

    private int tryClaim(int payloadLength) {
        int length = align(RecordLayout.HEADER_LENGTH + payloadLength);
        int offset = (int) (head % capacity);
        long start = head;
        boolean empty = released == head;
        if (length > capacity - offset || (empty && offset > REWIND_BYTES && offset >= length)) {
            start += capacity - offset; // a record lies in one piece; an empty ring starts anew
            offset = 0;
        }
        long end = start + length;
        if (end - released > capacity || !slots.hasAvailableCapacity(1)) {
            return NO_ROOM;
        }
        claimedOffset = offset;
        claimedEnd = end;
        return offset;
    }

    /// Hands on the record last claimed, whose payload has been written.
    void publish(
            RecordType type,
            int payloadLength,
            long timeMs,
            long sequence,
            long sessionId,
            @Nullable Stream stream) {
        publish(type, payloadLength, timeMs, sequence, sessionId, stream, Urgency.ROUTINE);
    }

    /// The same.
    ///
    /// @param urgency whether stages may gather before it; one that is to be synced takes with it
    ///   all that waits for the device
    void publish(
            RecordType type,
            int payloadLength,
            long timeMs,
            long sequence,
            long sessionId,
            @Nullable Stream stream,
            Urgency urgency) {
        int source = stream == null ? RecordLayout.NO_SOURCE : stream.agent.index;
        RecordLayout.write(buffer, claimedOffset, type, source, payloadLength, timeMs, sequence);
        head = claimedEnd;
        long next = slots.next();
        Slot slot = slots.get(next);
        slot.type = type;
        slot.offset = claimedOffset;
        slot.payloadLength = payloadLength;
        slot.endPosition = claimedEnd;
        slot.timeMs = timeMs;
        slot.sequence = sequence;
        slot.sessionId = sessionId;
        slot.stream = stream;
        slot.syncSoon = urgency == Urgency.SYNCED;
        slot.ordinal = 0;
        slot.dropped = false;
        if (waiting == null || urgency == Urgency.ROUTINE) {
            slots.publish(next);
        } else {
            waiting.prompt(next);
            slots.publish(next);
            waiting.promptIsOut();
        }
    }

    /// The fleet thread is done with everything up to this position.
    void release(long endPosition) {
        released = endPosition;
    }

    /// Whether the event loop waits for room and there is some again. Asked by the fleet thread
    /// after each batch, and when it has nothing to do.
    boolean roomAgain() {
        boolean room =
                starved
                        && bytesUsed() <= capacity / 2
                        && slots.remainingCapacity() >= slots.getBufferSize() / 2;
        if (room) {
            starved = false;
        }
        return room;
    }

    /// Whether so much waits that no stage should wait for more. Any thread; approximate.
    private boolean filling() {
        return slotsUsed() > slots.getBufferSize() / FILLING_SHARE
                || bytesUsed() > capacity / FILLING_SHARE;
    }

    /// Has the journal thread look at the journal though no record has come. Any thread.
    void nudge() {
        if (waiting != null) {
            waiting.nudge();
        }
    }

    /// Bytes that wait for the journal or the fleet. Any thread; approximate.
    long bytesUsed() {
        long position = slots.getCursor() < 0 ? 0 : slots.get(slots.getCursor()).endPosition;
        return Math.max(0, position - released);
    }

    long slotsUsed() {
        return slots.getBufferSize() - slots.remainingCapacity();
    }

    private static int align(int length) {
        return length + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /// Lets the stages finish what is in the ring, at most for this long.
    void drain(long timeoutMs) {
        try {
            disruptor.shutdown(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (com.lmax.disruptor.TimeoutException e) {
            LOGGER.warn("records in the ring were not finished within {} ms", timeoutMs);
        }
        halt();
    }

    /// Stops the stages where they stand and waits for their threads to end.
    void halt() {
        disruptor.halt();
        if (waiting != null) {
            waiting.wakeAll(); // the fleet thread too
        }
        boolean interrupted = false;
        for (Thread stage : stages) {
            try {
                stage.join(STOP_TIMEOUT_MS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (stages.stream().anyMatch(Thread::isAlive)) {
            LOGGER.error("a stage has not stopped; the ring's memory is left to it");
        } else if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
