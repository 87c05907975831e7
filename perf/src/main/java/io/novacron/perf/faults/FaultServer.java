package io.novacron.perf.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The other end of [FaultServerMain]. One thread owns it.
final class FaultServer implements AutoCloseable {
    /// What a server is opened with.
    ///
    /// @param agents that may ever report
    /// @param connections at once
    /// @param timeoutMs for a hello, and for a frame that has begun
    /// @param reservedBytes of free space below which agents are refused
    record Limits(int agents, int connections, long timeoutMs, long reservedBytes) {
        static final Limits USUAL = new Limits(256, 24_000, 10_000, 0);

        Limits withAgents(int count) {
            return new Limits(count, connections, timeoutMs, reservedBytes);
        }

        Limits withTimeoutMs(long ms) {
            return new Limits(agents, connections, ms, reservedBytes);
        }
    }

    private static final long PATIENCE_S = 30;
    private static final long KIB = 1024;

    private final Process process;
    private final BufferedReader output;
    private final Writer input;
    private int port;

    private FaultServer(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.input = process.outputWriter(StandardCharsets.UTF_8);
    }

    /// Starts a process that has opened nothing yet.
    ///
    /// @param log takes what it says on standard error
    static FaultServer start(List<String> command, Path log) throws IOException {
        var builder = new ProcessBuilder(command);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return new FaultServer(builder.start());
    }

    /// Opens ingest on a directory and waits until it serves.
    void open(Path directory, Limits limits) throws IOException {
        String line =
                ask(
                        "open %s %d %d %d %d"
                                .formatted(
                                        directory,
                                        limits.agents(),
                                        limits.connections(),
                                        limits.timeoutMs(),
                                        limits.reservedBytes()),
                        "port ");
        port = Integer.parseInt(line.substring("port ".length()));
    }

    int port() {
        return port;
    }

    /// Closes ingest in order; the process stays for the next [#open].
    void closeIngest() throws IOException {
        ask("close", "closed");
    }

    JsonNode statistics() throws IOException {
        return new ObjectMapper().readTree(ask("stats", "{"));
    }

    /// Closes a tick and waits until it is published.
    ///
    /// @return a digest of the fleet store
    long hashAfterTick(long tick, long timeMs) throws IOException {
        tell("tick " + tick + " " + timeMs);
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (System.nanoTime() - deadlineNs < 0) {
            String[] words = ask("hash", "hash ").split(" ");
            if (Long.parseLong(words[2]) == tick) {
                return Long.parseLong(words[1]);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
        throw new IOException("tick %d was not published".formatted(tick));
    }

    /// Writes one line to the server's standard input.
    void tell(String line) throws IOException {
        input.write(line);
        input.write('\n');
        input.flush();
    }

    private String ask(String question, String prefix) throws IOException {
        tell(question);
        String line = output.readLine();
        while (line != null && !line.startsWith(prefix)) {
            line = output.readLine();
        }
        if (line == null) {
            throw new IOException("the server has ended; it was asked to " + question);
        }
        return line;
    }

    /// Ends it by SIGKILL, wherever it stands, and waits until the kernel has let go of it.
    void kill() {
        process.destroyForcibly();
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends it in order.
    void end(long patienceS) throws IOException {
        input.close();
        try {
            if (!process.waitFor(patienceS, TimeUnit.SECONDS)) {
                throw new IOException("the server did not end within %d s".formatted(patienceS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long rssBytes() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        @Nullable String rss = null;
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                rss = line.replaceAll("\\D", "");
            }
        }
        if (rss == null) {
            throw new IOException("no VmRSS in " + status);
        }
        return Long.parseLong(rss) * KIB;
    }

    @Override
    public void close() {
        kill();
    }
}
