package io.novacron.daemon.up;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One process of `up`: started, restarted when it dies unasked, and stopped with SIGTERM before
/// SIGKILL. What it writes goes to a log file. One thread.
final class ChildProcess implements AutoCloseable {
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    private final String name;
    private final List<String> command;
    private final Path log;
    private @Nullable Process process;
    private int restarts;
    private double cpuSecondsOfEarlierRuns;
    private double lastCpuSeconds;
    private double peakRssMb;

    ChildProcess(String name, List<String> command, Path log) {
        this.name = name;
        this.command = List.copyOf(command);
        this.log = log;
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    int restarts() {
        return restarts;
    }

    long pid() {
        return process == null ? -1 : process.pid();
    }

    void start() throws IOException {
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /// Starts it again when it has died.
    ///
    /// @return whether it had
    boolean restartIfDead() throws IOException {
        if (isAlive()) {
            return false;
        }
        cpuSecondsOfEarlierRuns += lastCpuSeconds;
        lastCpuSeconds = 0;
        restarts++;
        start();
        return true;
    }

    /// CPU used so far, by all runs, in seconds.
    double cpuSeconds() {
        if (isAlive()) {
            lastCpuSeconds = Math.max(lastCpuSeconds, ProcessUse.cpuSeconds(pid()));
        }
        return cpuSecondsOfEarlierRuns + lastCpuSeconds;
    }

    /// Resident set now, in MiB; 0 when it is not running.
    double rssMb() {
        double now = isAlive() ? ProcessUse.rssMb(pid()) : 0;
        peakRssMb = Math.max(peakRssMb, now);
        return now;
    }

    double peakRssMb() {
        return peakRssMb;
    }

    @Override
    public void close() {
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
