package io.novacron.perf.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A server as a child process. What it prints is in a log in its folder, and its end is quoted
/// when it dies. A shutdown hook kills it and its descendants when this JVM ends first, Ctrl-C
/// included.
final class ServerProcess {
    private static final Path PROC = Path.of("/proc");
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int LOG_TAIL_LINES = 8;

    private final Process process;
    private final Path log;
    private final Thread hook = new Thread(this::kill, "kill-server");

    private ServerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /// What is waited for.
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    /// Starts a server whose output nobody reads but in its log.
    ///
    /// @param folder where it runs
    static ServerProcess start(Path folder, List<String> command, Map<String, String> environment)
            throws IOException {
        Path log = folder.resolve("server.log");
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        return new ServerProcess(builder.start(), log);
    }

    /// Starts a server that is spoken to over its standard input and output; only its standard
    /// error is in the log.
    static ServerProcess startTalking(Path folder, List<String> command) throws IOException {
        Path log = folder.resolve("server.log");
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.redirectError(log.toFile());
        return new ServerProcess(builder.start(), log);
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    Process process() {
        return process;
    }

    ProcessTree use() throws IOException {
        return ProcessTree.read(PROC, process.pid());
    }

    /// Polls until the condition holds; an `IOException` of the condition counts as "not yet".
    ///
    /// @throws IOException when the server dies or patience ends, with the last lines of its log
    void await(String what, Duration patience, Condition condition)
            throws IOException, InterruptedException {
        long startNs = System.nanoTime();
        String reason = "";
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (IOException notYet) {
                reason = " (" + notYet.getMessage() + ")";
            }
            if (!process.isAlive()) {
                throw new IOException(
                        "the server ended with code %s before it was %s: %s"
                                .formatted(process.exitValue(), what, logTail()));
            }
            if (System.nanoTime() - startNs > patience.toNanos()) {
                throw new IOException(
                        "the server was not %s within %s%s: %s"
                                .formatted(what, patience, reason, logTail()));
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /// Asks the server to end in good order and waits for it; kills it when it takes too long.
    void stop() throws InterruptedException {
        process.destroy();
        process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        close();
    }

    /// Kills the server and its descendants. Idempotent.
    void close() throws InterruptedException {
        kill();
        process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            return; // the hook runs already
        }
    }

    private void kill() {
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    private String logTail() {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.filter(line -> !line.isBlank()).toList();
            return String.join(
                    " | ", all.subList(Math.max(0, all.size() - LOG_TAIL_LINES), all.size()));
        } catch (IOException | UncheckedIOException unreadable) {
            return "(no log: %s)".formatted(unreadable.getMessage());
        }
    }

    /// Where a program lies, as the shell and the super-user's shell would find it, or null.
    static @Nullable Path find(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin";
        return Stream.of(path.split(":", -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /// Bytes that a folder's files take on disk, holes left out.
    static long bytesOnDisk(Path folder) throws IOException, InterruptedException {
        Process du =
                new ProcessBuilder("du", "-s", "-B1", folder.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String output = new String(du.getInputStream().readAllBytes(), UTF_8).strip();
        du.waitFor();
        int end = output.indexOf('\t');
        if (end < 0) {
            throw new IOException("du told no size of %s: %s".formatted(folder, output));
        }
        return Long.parseLong(output.substring(0, end));
    }
}
