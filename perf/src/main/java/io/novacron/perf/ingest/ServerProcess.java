package io.novacron.perf.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A server in a process of its own, which prints `port N` when it listens.
final class ServerProcess implements AutoCloseable {
    private static final long NS_PER_TICK = TimeUnit.SECONDS.toNanos(1) / 100; // USER_HZ
    private static final int UTIME = 11; // fields of /proc/PID/stat after the name
    private static final int STIME = 12;
    private static final long PATIENCE_S = 20;
    private static final long KIB = 1024;

    private final Process process;
    private final BufferedReader output;
    private final Writer input;
    private final int port;

    private ServerProcess(List<String> command) throws IOException {
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        output = process.inputReader(StandardCharsets.US_ASCII);
        input = process.outputWriter(StandardCharsets.US_ASCII);
        String line = nextLine();
        if (line == null || !line.startsWith("port ")) {
            process.destroyForcibly();
            throw new IOException("server %s did not start: %s".formatted(command, line));
        }
        port = Integer.parseInt(line.substring("port ".length()));
    }

    /// Our ingest, on the class path and the JVM flags of this process.
    static ServerProcess ingest(Path directory, int acknowledgeFrames) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.removeIf(argument -> argument.startsWith("-javaagent"));
        command.add("-Xmx512m");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(IngestServerMain.class.getName());
        command.add(directory.toString());
        command.add(Integer.toString(acknowledgeFrames));
        return new ServerProcess(command);
    }

    static ServerProcess of(String... command) throws IOException {
        return new ServerProcess(List.of(command));
    }

    private @Nullable String nextLine() throws IOException {
        String line = output.readLine();
        while (line != null && line.startsWith("WARNING")) {
            line = output.readLine();
        }
        return line;
    }

    int port() {
        return port;
    }

    /// Writes one line to the server's standard input.
    void tell(String line) throws IOException {
        input.write(line);
        input.write('\n');
        input.flush();
    }

    /// Our ingest's counters.
    JsonNode statistics() throws IOException {
        tell("stats");
        String line = nextLine();
        while (line != null && !line.startsWith("{\"")) {
            line = nextLine();
        }
        if (line == null) {
            throw new IOException("the server has ended with " + process.exitValue());
        }
        return new ObjectMapper().readTree(line);
    }

    /// User and system time of the whole process, in steps of 10 ms.
    long cpuNs() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) * NS_PER_TICK;
    }

    long rssBytes() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
            }
        }
        throw new IOException("no VmRSS in " + status);
    }

    @Override
    public void close() throws IOException {
        input.close();
        try {
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
