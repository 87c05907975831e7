package io.novacron.agent.systemd;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/// Talks to the service manager as `sd_notify(3)` says: datagrams to the socket that
/// `NOTIFY_SOCKET` names. Does nothing when there is none. The JDK has no datagram Unix sockets,
/// hence the three C calls. Any thread.
public final class SystemdNotifier {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int PATH_LIMIT = 108;

    private final String socket;
    private final Duration watchdog;

    private SystemdNotifier(String socket, Duration watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /// @param environment of this process, normally [System#getenv()]
    public static SystemdNotifier of(Map<String, String> environment) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        String pid = environment.getOrDefault("WATCHDOG_PID", "");
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        boolean forUs = pid.isEmpty() || pid.equals(Long.toString(ProcessHandle.current().pid()));
        Duration watchdog =
                forUs && micros.matches("\\d{1,15}")
                        ? Duration.ofNanos(Long.parseLong(micros) * 1_000)
                        : Duration.ZERO;
        return new SystemdNotifier(socket.length() < PATH_LIMIT - 1 ? socket : "", watchdog);
    }

    public boolean isManaged() {
        return !socket.isEmpty();
    }

    /// How often [#alive] must be called at the least; zero when there is no watchdog. Call it
    /// twice as often.
    public Duration watchdog() {
        return watchdog;
    }

    public boolean ready(String status) {
        return send("READY=1\nSTATUS=" + status);
    }

    public boolean alive() {
        return send("WATCHDOG=1");
    }

    public boolean stopping() {
        return send("STOPPING=1");
    }

    /// @return whether the manager took it
    private boolean send(String message) {
        if (socket.isEmpty()) {
            return false;
        }
        try (var arena = Arena.ofConfined()) {
            var linker = Linker.nativeLinker();
            byte[] path = socket.getBytes(StandardCharsets.UTF_8);
            MemorySegment address = arena.allocate(2 + PATH_LIMIT);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, 2, path.length);
            if (path[0] == '@') {
                address.set(ValueLayout.JAVA_BYTE, 2, (byte) 0); // the abstract namespace
            }
            byte[] text = message.getBytes(StandardCharsets.UTF_8);
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, text);
            int descriptor =
                    (int) call(linker, "socket").invokeExact(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            if (descriptor < 0) {
                return false;
            }
            long sent =
                    (long)
                            sendTo(linker)
                                    .invokeExact(
                                            descriptor,
                                            bytes,
                                            (long) text.length,
                                            0,
                                            address,
                                            2 + path.length);
            int closed = (int) close(linker).invokeExact(descriptor);
            return sent == text.length && closed == 0;
        } catch (
                Throwable e) { // MethodHandle.invokeExact declares it; nothing here is worth a stop
            return false;
        }
    }

    private static MethodHandle call(Linker linker, String name) {
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT));
    }

    private static MethodHandle sendTo(Linker linker) {
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("sendto"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT));
    }

    private static MethodHandle close(Linker linker) {
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("close"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }
}
