package io.novacron.agent.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// One or two real libvirt hosts with tiny real guests, on this machine, for tests.
///
/// Each host is a libvirtd in mount, uts, net and pid namespaces of its own, begun by `host.sh`.
/// Everything of a host hangs on one pipe from this process: closed, or gone with the process, the
/// kernel ends the host's first process and with it all of its guests, mounts and devices. Guests
/// are emulated (TCG), for KVM does not work everywhere; they boot in some 4 s.
///
/// ```java
/// assumeTrue(LibvirtLab.missing().isEmpty(), LibvirtLab.missing());
/// try (var lab = LibvirtLab.start(2)) {
///     var guest = lab.host(0).boot(new LabGuest.Size("web", 1, 4, 192));
///     guest.tell("load 1");
///     // lab.host(0).uri() is what an agent connects to
/// }
/// ```
public final class LibvirtLab implements AutoCloseable {
    private static final List<String> PROGRAMS =
            List.of(
                    "libvirtd",
                    "virsh",
                    "qemu-system-x86_64",
                    "busybox",
                    "cpio",
                    "ip",
                    "unshare",
                    "nsenter",
                    "dpkg");
    private static final List<String> SCRIPTS = List.of("host.sh", "guest.sh", "init");
    private static final Duration GUEST_BUILD_LIMIT = Duration.ofMinutes(10);

    private final Path folder;
    private final Path guestFiles;
    private final List<LabHost> hosts = new ArrayList<>();
    private final FileChannel turn;
    private final Thread hook = new Thread(this::stop, "lab-stop");

    private LibvirtLab(Path folder, Path guestFiles, FileChannel turn) {
        this.folder = folder;
        this.guestFiles = guestFiles;
        this.turn = turn;
    }

    /// One lab at a time, of all processes: guests without hardware help need the cores.
    private static FileChannel awaitTurn(Path guestFiles) throws IOException {
        Files.createDirectories(guestFiles);
        var turn =
                FileChannel.open(
                        guestFiles.resolve("turn"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        turn.lock(); // until the channel is closed, at the latest with this process
        return turn;
    }

    /// What this machine lacks for a lab, in words; empty when nothing.
    public static String missing() {
        var lacking = new ArrayList<String>();
        for (var program : PROGRAMS) {
            if (List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin").stream()
                    .noneMatch(bin -> Files.isExecutable(Path.of(bin, program)))) {
                lacking.add(program);
            }
        }
        if (!lacking.isEmpty()) {
            return "not installed: "
                    + String.join(", ", lacking)
                    + ". Maybe apt-get install --no-install-recommends libvirt-daemon libvirt-clients"
                    + " qemu-system-x86 busybox-static cpio iproute2?";
        }
        try {
            if (!"0"
                    .equals(
                            String.valueOf(
                                    Files.getAttribute(Path.of("/proc/self"), "unix:uid")))) {
                return "namespaces need root";
            }
            if (Files.readAllLines(Path.of("/etc/passwd")).stream()
                    .noneMatch(line -> line.startsWith("libvirt-qemu:"))) {
                return "no user libvirt-qemu. Maybe groupadd -r libvirt-qemu && useradd -r -g libvirt-qemu libvirt-qemu?";
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "";
    }

    /// Starts hosts, linked to each other when there are two.
    public static LibvirtLab start(int hosts) {
        try {
            var folder = Files.createTempDirectory("nclab"); // short: socket paths end at 107 bytes
            for (var script : SCRIPTS) {
                try (var source = LibvirtLab.class.getResourceAsStream("/libvirt-lab/" + script)) {
                    Files.copy(source, folder.resolve(script));
                }
            }
            Path guestFiles = guestCache();
            var lab = new LibvirtLab(folder, guestFiles, awaitTurn(guestFiles));
            Runtime.getRuntime().addShutdownHook(lab.hook);
            try {
                run(
                        GUEST_BUILD_LIMIT,
                        "bash",
                        folder.resolve("guest.sh").toString(),
                        lab.guestFiles.toString());
                for (int i = 0; i < hosts; i++) {
                    lab.hosts.add(
                            new LabHost(
                                    "hv" + (char) ('a' + i),
                                    "10.77.0." + (i + 1),
                                    folder,
                                    lab.guestFiles));
                }
                if (hosts == 2) {
                    lab.link(lab.hosts.get(0), lab.hosts.get(1));
                }
                return lab;
            } catch (RuntimeException e) {
                lab.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public LabHost host(int index) {
        return hosts.get(index);
    }

    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the virtual machine is ending, and the hook runs
        }
    }

    /// Waits until something holds that comes about by itself in another process.
    public static void await(String what, Duration limit, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("%s: not within %s".formatted(what, limit));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /// Runs a program to its end and returns what it printed.
    static String run(Duration limit, String... command) {
        try {
            var process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectInput(new File("/dev/null"))
                            .start();
            var watchdog =
                    Thread.ofPlatform()
                            .daemon()
                            .start(() -> {
                                try {
                                    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                                        process.destroyForcibly();
                                    }
                                } catch (InterruptedException e) {
                                    process.destroyForcibly();
                                }
                            });
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            int status = process.waitFor();
            watchdog.interrupt();
            if (status != 0) {
                throw new IllegalStateException(
                        "%s ended with %d: %s".formatted(List.of(command), status, output));
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// Where the kernel package is kept: `-Dnovacron.lab.cache=…`, or below the agents' module.
    private static Path guestCache() {
        var given = System.getProperty("novacron.lab.cache");
        if (given != null) {
            return Path.of(given).toAbsolutePath();
        }
        for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("agents/pom.xml"))) {
                return at.resolve("agents/target/libvirt-lab");
            }
        }
        return Path.of("target/libvirt-lab").toAbsolutePath();
    }

    private void link(LabHost one, LabHost other) {
        run(
                Duration.ofMinutes(1),
                "nsenter",
                "--target",
                "" + one.firstPid(),
                "--net",
                "ip",
                "link",
                "add",
                "cable",
                "type",
                "veth",
                "peer",
                "name",
                "cable",
                "netns",
                "" + other.firstPid());
        one.command("address cable");
        other.command("address cable");
    }

    private synchronized void stop() {
        hosts.forEach(LabHost::close);
        hosts.clear();
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // stopped before, or a file is still open: it lies in the temporary folder
        }
        try {
            turn.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
