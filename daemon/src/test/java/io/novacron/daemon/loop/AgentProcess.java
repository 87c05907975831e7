package io.novacron.daemon.loop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// An agent, or a simulated fleet of them, in a process of its own.
final class AgentProcess implements AutoCloseable {
    private final Process process;
    private final Path log;

    private AgentProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// The agent of one host.
    static AgentProcess start(Path log, String... options) throws IOException {
        return start("io.novacron.agent.AgentMain", "32m", log, options);
    }

    /// A simulated fleet.
    static AgentProcess simulate(Path log, String... options) throws IOException {
        return start("io.novacron.agent.simulation.SimulateMain", "128m", log, options);
    }

    private static AgentProcess start(String main, String heap, Path log, String... options)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + jvmOptions());
        command.addAll(List.of("-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(main);
        command.addAll(List.of(options));
        return new AgentProcess(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(log.toFile())
                        .start(),
                log);
    }

    static Path jvmOptions() {
        Path options = Path.of("jvm.options").toAbsolutePath();
        if (!Files.exists(options)) {
            throw new IllegalStateException("%s is not there: run in daemon/".formatted(options));
        }
        return options;
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /// Sends a signal, e.g. `STOP` to make it hang.
    void signal(String signal) {
        try {
            new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Kills it; what it had in hand it can pick up only when it starts again.
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
