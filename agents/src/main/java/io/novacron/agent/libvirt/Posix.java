package io.novacron.agent.libvirt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The few calls into Linux that Java has no class for.
final class Posix {
    /// What a call could not tell.
    static final int UNKNOWN = -1;

    private static final int THREAD_CPU_CLOCK = 3;
    private static final int SCHEDULER_CLOCK = 2;
    private static final int FAMILY_UNIX = 1;
    private static final int STREAM_CLOSE_ON_EXEC = 0x80001;
    private static final int SOCKET_LEVEL = 1;
    private static final int PEER_CREDENTIALS = 17;
    private static final int MAX_PATH_LENGTH = 107;

    private static final MethodHandle CLOCK_GETTIME = bind("clock_gettime", JAVA_INT, ADDRESS);
    private static final MethodHandle GETPAGESIZE = bind("getpagesize");
    private static final MethodHandle SOCKET = bind("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CONNECT = bind("connect", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            bind("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle CLOSE = bind("close", JAVA_INT);

    private Posix() {}

    /// CPU time of a whole process, to the nanosecond, in one system call.
    ///
    /// `/proc/PID/stat` counts in ticks of 10 ms, longer than the calls whose cost is wanted here.
    /// Linux numbers the CPU clock of process `pid` as `~pid << 3 | 2` (`clock_getcpuclockid(3)`),
    /// and any user may read it.
    static long processCpuNs(int pid) {
        return clockNs(~pid << 3 | SCHEDULER_CLOCK);
    }

    /// CPU time of the calling thread.
    static long threadCpuNs() {
        return clockNs(THREAD_CPU_CLOCK);
    }

    static int pageSize() {
        try {
            return (int) GETPAGESIZE.invokeExact();
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// The process that listens on a Unix socket. May block as long as that one does not accept.
    static int listenerOf(String socketPath) {
        byte[] path = socketPath.getBytes(UTF_8);
        if (path.length > MAX_PATH_LENGTH) {
            return UNKNOWN;
        }
        try (var arena = Arena.ofConfined()) {
            int socket = (int) SOCKET.invokeExact(FAMILY_UNIX, STREAM_CLOSE_ON_EXEC, 0);
            if (socket < 0) {
                return UNKNOWN;
            }
            try {
                var address = arena.allocate(JAVA_SHORT.byteSize() + MAX_PATH_LENGTH + 1, 2);
                address.set(JAVA_SHORT, 0, (short) FAMILY_UNIX);
                MemorySegment.copy(MemorySegment.ofArray(path), 0, address, 2, path.length);
                if ((int) CONNECT.invokeExact(socket, address, (int) address.byteSize()) != 0) {
                    return UNKNOWN;
                }
                var credentials = arena.allocate(12, 4); // pid, uid, gid
                var length = arena.allocateFrom(JAVA_INT, 12);
                int result =
                        (int)
                                GETSOCKOPT.invokeExact(
                                        socket,
                                        SOCKET_LEVEL,
                                        PEER_CREDENTIALS,
                                        credentials,
                                        length);
                int pid = credentials.get(JAVA_INT, 0);
                return result == 0 && pid > 0 ? pid : UNKNOWN;
            } finally {
                int unused = (int) CLOSE.invokeExact(socket);
            }
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static long clockNs(int clock) {
        try (var arena = Arena.ofConfined()) {
            var time = arena.allocate(16, 8);
            return (int) CLOCK_GETTIME.invokeExact(clock, time) == 0
                    ? time.get(JAVA_LONG, 0) * 1_000_000_000 + time.get(JAVA_LONG, 8)
                    : UNKNOWN;
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static MethodHandle bind(String name, MemoryLayout... parameters) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static IllegalStateException broken(Throwable e) {
        return new IllegalStateException("a call into the C library could not be made", e);
    }
}
