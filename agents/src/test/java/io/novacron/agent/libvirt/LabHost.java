package io.novacron.agent.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.novacron.agent.AgentLog;
import io.novacron.agent.HypervisorSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// One host of a [LibvirtLab].
public final class LabHost implements AutoCloseable {
    private static final Duration VIRSH_LIMIT = Duration.ofMinutes(2);
    private static final long STOP_SECONDS = 10;

    private final String name;
    private final String address;
    private final Path folder;
    private final Path disks; // shared by all hosts of the lab
    private final Path guestFiles;
    private final UUID uuid = UUID.randomUUID();
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    LabHost(String name, String address, Path lab, Path guestFiles) throws IOException {
        this.name = name;
        this.address = address;
        this.folder = Files.createDirectories(lab.resolve(name));
        this.disks = lab;
        this.guestFiles = guestFiles;
        Files.writeString(folder.resolve("uuid"), uuid.toString());
        process =
                new ProcessBuilder(
                                "unshare",
                                "--mount",
                                "--uts",
                                "--net",
                                "--pid",
                                "--fork",
                                "--kill-child",
                                "--mount-proc",
                                "bash",
                                lab.resolve("host.sh").toString(),
                                name,
                                address,
                                folder.toString())
                        .redirectError(folder.resolve("host.err").toFile())
                        .start();
        commands = process.outputWriter(UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        expectReady("start");
    }

    public String name() {
        return name;
    }

    /// The host's id, which its libvirtd shows as well.
    public UUID uuid() {
        return uuid;
    }

    /// What an agent of this host connects to.
    public String uri() {
        return "qemu:///system?socket=" + folder.resolve("run/libvirt-sock");
    }

    /// What another host of the lab migrates to. Not reachable from outside the lab.
    public String migrationUri() {
        return "qemu+tcp://" + address + "/system";
    }

    /// Creates a guest and waits until it answers.
    public LabGuest boot(LabGuest.Size size) {
        var guest = create(size);
        guest.awaitBooted();
        return guest;
    }

    /// Creates a guest and does not wait, so that several can boot at once.
    public LabGuest create(LabGuest.Size size) {
        virsh("create", description(size));
        return new LabGuest(size, this);
    }

    /// As [#create], but the guest has a definition that outlives its run.
    public LabGuest define(LabGuest.Size size) {
        virsh("define", description(size));
        virsh("start", size.name());
        return new LabGuest(size, this);
    }

    /// Only a definition: what members of a group are cloned from. It is never started.
    public LabGuest defineTemplate(LabGuest.Size size) {
        virsh("define", description(size));
        return new LabGuest(size, this);
    }

    /// What an agent of this host would act through.
    ///
    /// @param options for the agent's part of the URI, each beginning with `&`
    LibvirtHypervisor open(String options, AgentLog log) {
        return LibvirtHypervisor.open(
                new HypervisorSettings(
                        uri()
                                + "&novacron.unsafe-migration=true&novacron.slow-interval=500ms"
                                + options,
                        uuid,
                        Path.of("/proc"),
                        Path.of("/sys"),
                        System::nanoTime,
                        log));
    }

    private String description(LabGuest.Size size) {
        try {
            var file = folder.resolve(size.name() + ".xml");
            var disk = disks.resolve(size.name() + ".img");
            try (var image = new RandomAccessFile(disk.toFile(), "rw")) {
                image.setLength(LabGuest.DISK_BYTES);
            }
            return Files.writeString(file, size.xml(guestFiles, disk)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Somebody else's hand on this host.
    public String virsh(String... arguments) {
        var command = new ArrayList<>(List.of("virsh", "-q", "-c", uri()));
        command.addAll(List.of(arguments));
        return LibvirtLab.run(VIRSH_LIMIT, command.toArray(String[]::new));
    }

    /// Ends libvirtd; guests go on.
    public void stopLibvirtd(String signal) {
        command("stop-libvirtd " + signal);
    }

    public void startLibvirtd() {
        command("start-libvirtd");
    }

    /// The file of a socket that the host has under `/run/libvirt`.
    Path runFile(String file) {
        return folder.resolve("run").resolve(file);
    }

    /// The host's first process, as the test sees it.
    long firstPid() {
        return process.toHandle().children().findFirst().orElseThrow().pid();
    }

    /// The pid of a guest's QEMU on this host, as the test sees it.
    long processOf(LabGuest guest) {
        // QEMU daemonises, and then its parent is the host's first process.
        return process.toHandle()
                .descendants()
                .filter(each -> isQemuOf(each.pid(), guest))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException(guest.name() + " has no process on " + name))
                .pid();
    }

    private static boolean isQemuOf(long pid, LabGuest guest) {
        try {
            return Files.readString(Path.of("/proc", "" + pid, "cmdline"))
                    .contains(guest.uuid().toString());
        } catch (IOException e) {
            return false; // it ended
        }
    }

    void command(String line) {
        try {
            commands.write(line + "\n");
            commands.flush();
            expectReady(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            commands.close();
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        removeCgroup();
    }

    /// The kernel keeps a cgroup when all in it have ended.
    private void removeCgroup() {
        var cgroup = Path.of("/sys/fs/cgroup/cpu/nclab-%s-%s".formatted(disks.getFileName(), name));
        if (!Files.isDirectory(cgroup)) {
            return;
        }
        try (var files = Files.walk(cgroup)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (Files.isDirectory(file)) {
                    Files.delete(file);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // a process is still ending; the next lab removes it
        }
    }

    private void expectReady(String what) throws IOException {
        var answer = answers.readLine();
        if (!"ready".equals(answer)) {
            throw new IllegalStateException(
                    "%s on %s: %s %s"
                            .formatted(
                                    what,
                                    name,
                                    answer,
                                    Files.readString(folder.resolve("host.err"))));
        }
    }
}
