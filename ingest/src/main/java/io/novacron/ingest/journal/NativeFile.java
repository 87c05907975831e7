package io.novacron.ingest.journal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/// A file descriptor of our own on a journal file, for the two calls that Java does not have:
/// `fallocate`, so that a full disk is an error code and not a SIGBUS in a mapped page, and
/// `fdatasync`, which writes out the pages that Chronicle dirtied through its mapping.
///
/// Opened by the journal thread, which also allocates; the sync thread calls [#sync]. Closing waits
/// for a sync under way.
final class NativeFile implements AutoCloseable {
    static final int ENOSPC = 28;
    private static final int EOPNOTSUPP = 95;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_HANDLE =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle OPEN =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("open"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                    ERRNO,
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle FALLOCATE =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("fallocate"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
                    ERRNO);
    private static final MethodHandle FDATASYNC =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("fdatasync"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT),
                    ERRNO);
    private static final MethodHandle CLOSE =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("close"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    // statx(2): the layout of its answer is the same on all processors
    private static final int AT_FDCWD = -100;
    private static final int STATX_BLOCKS = 0x400;
    private static final long STATX_LENGTH = 256;
    private static final long STATX_BLOCKS_OFFSET = 48;
    private static final long STATX_BLOCK_LENGTH = 512;
    private static final MethodHandle STATX =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("statx"),
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

    private final Path path;
    private final int descriptor;
    private final Object closing = new Object();
    private boolean closed;

    private NativeFile(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    static NativeFile open(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int descriptor =
                    (int)
                            OPEN.invokeExact(
                                    state,
                                    arena.allocateFrom(path.toString()),
                                    O_RDWR | O_CLOEXEC,
                                    0);
            if (descriptor < 0) {
                throw new IOException("open(%s) failed: errno %d".formatted(path, errno(state)));
            }
            return new NativeFile(path, descriptor);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /// Reserves blocks without changing the file's length.
    ///
    /// @return 0, also where the file system cannot do it, or the error number
    int allocate(long offset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result =
                    (int)
                            FALLOCATE.invokeExact(
                                    state, descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
            int error = result == 0 ? 0 : errno(state);
            return error == EOPNOTSUPP ? 0 : error;
        } catch (Throwable t) {
            throw new IllegalStateException("fallocate cannot be called", t);
        }
    }

    /// Gives back blocks that were reserved and are not used; what is read there is zero from then
    /// on.
    void release(long offset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored =
                    (int)
                            FALLOCATE.invokeExact(
                                    arena.allocate(STATE),
                                    descriptor,
                                    FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE,
                                    offset,
                                    length);
        } catch (Throwable t) {
            throw new IllegalStateException("fallocate cannot be called", t);
        }
    }

    /// Returns when everything that was written to the file before the call is on the device.
    void sync() throws IOException {
        synchronized (closing) {
            if (closed) {
                return;
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = arena.allocate(STATE);
                int result = (int) FDATASYNC.invokeExact(state, descriptor);
                if (result != 0) {
                    throw new IOException(
                            "fdatasync(%s) failed: errno %d. Maybe the device is failing; what was"
                                            .formatted(path, errno(state))
                                    + " written since the last sync must be sent again");
                }
            } catch (Throwable t) {
                throw rethrow(t);
            }
        }
    }

    /// What a file takes up on disk: less than its length where it has holes, more where blocks are
    /// reserved behind its end. 0 when there is no such file.
    static long allocatedBytes(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(STATX_LENGTH, Long.BYTES);
            int result =
                    (int)
                            STATX.invokeExact(
                                    AT_FDCWD,
                                    arena.allocateFrom(path.toString()),
                                    0,
                                    STATX_BLOCKS,
                                    answer);
            return result == 0
                    ? answer.get(JAVA_LONG, STATX_BLOCKS_OFFSET) * STATX_BLOCK_LENGTH
                    : 0;
        } catch (Throwable t) {
            throw new IllegalStateException("statx cannot be called", t);
        }
    }

    @Override
    public void close() {
        synchronized (closing) {
            if (!closed) {
                closed = true;
                try {
                    int ignored = (int) CLOSE.invokeExact(descriptor);
                } catch (Throwable t) {
                    throw new IllegalStateException("close cannot be called", t);
                }
            }
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO_HANDLE.get(state, 0L);
    }

    private static IOException rethrow(Throwable t) {
        return switch (t) {
            case IOException io -> io;
            case RuntimeException runtime -> throw runtime;
            case Error error -> throw error;
            default -> new IOException(t);
        };
    }
}
