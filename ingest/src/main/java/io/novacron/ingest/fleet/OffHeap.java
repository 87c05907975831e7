package io.novacron.ingest.fleet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Zeroed memory straight from the kernel. `Arena.allocate` would touch every page at once and
/// count against the heap's limit; pages of a mapping cost nothing until they are used.
public final class OffHeap {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final long FAILED = -1;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle MMAP =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("mmap"),
                    FunctionDescriptor.of(
                            ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("munmap"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

    private OffHeap() {}

    /// Maps memory that goes back to the kernel when the arena closes.
    public static MemorySegment allocate(long length, Arena arena) {
        try {
            MemorySegment address =
                    (MemorySegment)
                            MMAP.invokeExact(
                                    MemorySegment.NULL,
                                    length,
                                    PROT_READ_WRITE,
                                    MAP_PRIVATE_ANONYMOUS,
                                    -1,
                                    0L);
            if (address.address() == FAILED) {
                throw new OutOfMemoryError("mmap of %d bytes failed".formatted(length));
            }
            return address.reinterpret(length, arena, segment -> unmap(segment, length));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException("mmap cannot be called", t);
        }
    }

    private static void unmap(MemorySegment segment, long length) {
        try {
            int ignored = (int) MUNMAP.invokeExact(segment, length);
        } catch (Throwable t) {
            throw new IllegalStateException("munmap cannot be called", t);
        }
    }
}
