package io.novacron.inference.serving;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;

/// A bound on what the ensembles of all metrics keep, counted in bytes. One thread owns it.
public final class MemoryBudget {
    private final long limitBytes;
    private final LongFunction<MemorySegment> allocator;
    private final Map<Long, Deque<MemorySegment>> free = new HashMap<>();
    private long usedBytes;
    private long refused;

    /// Memory on the heap.
    public MemoryBudget(long limitBytes) {
        this(limitBytes, bytes -> MemorySegment.ofArray(new short[Math.toIntExact(bytes / 2)]));
    }

    /// @param allocator gives memory of so many bytes, aligned to two; what is not needed any more
    ///   is used again
    public MemoryBudget(long limitBytes, LongFunction<MemorySegment> allocator) {
        this.allocator = allocator;
        if (limitBytes < 0) {
            throw new IllegalArgumentException(
                    "limitBytes=%d must not be negative".formatted(limitBytes));
        }
        this.limitBytes = limitBytes;
    }

    boolean take(long bytes) {
        if (usedBytes + bytes > limitBytes) {
            refused++;
            return false;
        }
        usedBytes += bytes;
        return true;
    }

    void giveBack(long bytes, MemorySegment memory) {
        usedBytes -= bytes;
        free.computeIfAbsent(memory.byteSize(), _ -> new ArrayDeque<>()).add(memory);
    }

    MemorySegment memory(long bytes) {
        Deque<MemorySegment> unused = free.get(bytes);
        MemorySegment again = unused == null ? null : unused.poll();
        return again == null ? allocator.apply(bytes) : again;
    }

    public long limitBytes() {
        return limitBytes;
    }

    public long usedBytes() {
        return usedBytes;
    }

    /// How often there was no room for a block of 64 series.
    public long refused() {
        return refused;
    }
}
