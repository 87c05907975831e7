package io.novacron.agent.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Finds processes in `/proc`: the guests' by the `-uuid` that libvirt gives each QEMU, and the
/// management daemon's by the socket it listens on.
final class ProcessFinder {
    private static final Set<String> DAEMONS = Set.of("libvirtd", "virtqemud");
    private static final List<String> SOCKETS =
            List.of("/run/libvirt/virtqemud-sock", "/run/libvirt/libvirt-sock");
    private static final int UUID_LENGTH = 36;

    private final Path procRoot;

    ProcessFinder(Path procRoot) {
        this.procRoot = procRoot;
    }

    /// The folders of all guests' processes.
    ///
    /// @param daemonPid the management daemon, or [Posix#UNKNOWN]; when it is known, only processes
    ///   of its pid namespace count: with two daemons on one machine, a migration makes two
    ///   processes with the same UUID
    Map<UUID, Path> guests(int daemonPid) {
        var namespace =
                daemonPid == Posix.UNKNOWN ? "" : pidNamespace(procRoot.resolve("" + daemonPid));
        var found = new HashMap<UUID, Path>();
        try (var folders = Files.newDirectoryStream(procRoot, "[1-9]*")) {
            for (var folder : folders) {
                if (comm(folder).startsWith("qemu")
                        && (namespace.isEmpty() || namespace.equals(pidNamespace(folder)))) {
                    var uuid = uuidOf(folder);
                    if (uuid != null) {
                        found.put(uuid, folder);
                    }
                }
            }
        } catch (IOException e) {
            // no such folder: then there is no fast path
        }
        return found;
    }

    /// The management daemon that serves a connection URI, or [Posix#UNKNOWN]. May block as long as
    /// it does not accept connections.
    int daemon(LibvirtUri uri) {
        var socket = uri.socket();
        for (var path : socket.isEmpty() ? SOCKETS : List.of(socket)) {
            if (Files.exists(Path.of(path))) {
                int pid = Posix.listenerOf(path);
                // Under systemd's socket activation the listener is systemd.
                if (pid != Posix.UNKNOWN && DAEMONS.contains(comm(procRoot.resolve("" + pid)))) {
                    return pid;
                }
            }
        }
        return onlyDaemon();
    }

    private int onlyDaemon() {
        int found = Posix.UNKNOWN;
        try (var folders = Files.newDirectoryStream(procRoot, "[1-9]*")) {
            for (var folder : folders) {
                if (DAEMONS.contains(comm(folder))) {
                    if (found != Posix.UNKNOWN) {
                        return Posix.UNKNOWN; // which of them is anyone's guess
                    }
                    found = Integer.parseInt(folder.getFileName().toString());
                }
            }
        } catch (IOException e) {
            return Posix.UNKNOWN;
        }
        return found;
    }

    private static @Nullable UUID uuidOf(Path folder) {
        try {
            var arguments =
                    new String(Files.readAllBytes(folder.resolve("cmdline")), UTF_8).split("\0");
            for (int i = 0; i + 1 < arguments.length; i++) {
                if (arguments[i].equals("-uuid") && arguments[i + 1].length() == UUID_LENGTH) {
                    return UUID.fromString(arguments[i + 1]);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            return null; // it ended, or is no guest of libvirt
        }
        return null;
    }

    private static String comm(Path folder) {
        try {
            return Files.readString(folder.resolve("comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static String pidNamespace(Path folder) {
        try {
            return Files.readSymbolicLink(folder.resolve("ns/pid")).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
