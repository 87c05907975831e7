package io.novacron.perf.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/// A file system that can be filled: a small tmpfs of its own where this process may mount one,
/// else a folder whose room the server is made to misjudge.
final class SmallDisk implements AutoCloseable {
    private static final String SIZE = "96m";
    private static final int BLOCK = 64 * 1024;
    private static final long WAIT_S = 10;

    private final Path folder;
    private final boolean mounted;

    private SmallDisk(Path folder, boolean mounted) {
        this.folder = folder;
        this.mounted = mounted;
    }

    static SmallDisk mount(Path folder) throws IOException {
        Files.createDirectories(folder);
        boolean mounted =
                run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", folder.toString());
        return new SmallDisk(folder, mounted);
    }

    Path folder() {
        return folder;
    }

    /// Whether it is a file system of its own.
    boolean real() {
        return mounted;
    }

    /// Takes room away until only so many bytes are free.
    void fillUpTo(FaultServer server, long free) throws IOException {
        if (!mounted) {
            server.tell("space " + free);
            return;
        }
        try (OutputStream out =
                Files.newOutputStream(
                        folder.resolve("ballast"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND)) {
            var block = new byte[BLOCK];
            long usable = folder.toFile().getUsableSpace();
            while (usable > free) {
                out.write(block, 0, (int) Math.min(BLOCK, usable - free));
                usable = folder.toFile().getUsableSpace();
            }
        } catch (IOException e) {
            if (folder.toFile().getUsableSpace() > 0) {
                throw e; // "no space left" is what we want
            }
        }
    }

    /// Gives all of it back.
    void free(FaultServer server) throws IOException {
        if (mounted) {
            Files.deleteIfExists(folder.resolve("ballast"));
        } else {
            server.tell("space -1");
        }
    }

    private static boolean run(String... command) throws IOException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor(WAIT_S, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    @Override
    public void close() throws IOException {
        if (mounted && !run("umount", folder.toString())) {
            run("umount", "--lazy", folder.toString()); // a process that died late has it open
        }
    }
}
