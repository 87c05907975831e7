package io.novacron.perf.budget;

import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.up.ProcessUse;
import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A whole daemon in a process of its own, with the flags of its unit, serving a simulated fleet in
/// real time: 50 vms a host, every metric once a minute, after a past that is sent first. Its CPU
/// time comes from `/proc`, in percent of all processors, over the measured time alone: ingest,
/// forecasts, solver, decisions, compiler and collector together.
///
/// `leftOutPercent` is the share of entities with due forecasts that had to wait at a tick because
/// of the budget; one that waits twice counts twice.
@Command(name = "budget", description = "CPU of a whole daemon under a fleet in real time")
public final class BudgetBench extends Measurement {
    private static final int VMS_PER_HOST = 50;
    private static final int MOST_VMS = 100_000;
    private static final double MS_PER_S = 1e3;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    @Option(names = "--vms", description = "In the fleet; default ${DEFAULT-VALUE}")
    private int vms = 10_000;

    @Option(names = "--seconds", description = "Measured; default ${DEFAULT-VALUE}")
    private double seconds = 1_800;

    @Option(names = "--warm-up", description = "Seconds before; default ${DEFAULT-VALUE}")
    private double warmUp = 600;

    @Option(names = "--backfill", description = "The fleet's past; default ${DEFAULT-VALUE}")
    private String backfill = "3h";

    @Option(names = "--tick", description = "Interval of ticks; default ${DEFAULT-VALUE}")
    private String tick = "60s";

    @Option(names = "--cpu", description = "The budget; default ${DEFAULT-VALUE}")
    private String cpu = DaemonConfig.DEFAULT.budget().cpu().toString();

    @Option(names = "--directory", description = "Where the journal lies meanwhile")
    private @Nullable Path directory;

    @Override
    protected Figures measure() throws Exception {
        check(
                vms >= 1 && vms <= MOST_VMS,
                "--vms=%s must be in [1, %s]. Maybe 10000?",
                vms,
                MOST_VMS);
        check(seconds >= 1, "--seconds=%s must be at least 1. Maybe 1800?", seconds);
        check(warmUp >= 0, "--warm-up=%s must not be negative. Maybe 600?", warmUp);
        Path folder =
                directory == null
                        ? Files.createTempDirectory("novacron-budget-")
                        : Files.createTempDirectory(directory, "novacron-budget-");
        List<Process> processes = new ArrayList<>();
        var killed = new Thread(() -> processes.forEach(Process::destroyForcibly));
        Runtime.getRuntime().addShutdownHook(killed);
        try {
            return measure(folder, processes);
        } finally {
            processes.reversed().forEach(Process::destroy);
            for (Process process : processes) {
                process.onExit().join();
            }
            Runtime.getRuntime().removeShutdownHook(killed);
            delete(folder);
        }
    }

    private Figures measure(Path folder, List<Process> processes) throws Exception {
        int agentPort = freePort();
        int controlPort = freePort();
        Path config = folder.resolve("daemon.yaml");
        Files.writeString(config, yaml(folder, agentPort, controlPort));
        Process daemon =
                start(
                        folder.resolve("daemon.log"),
                        List.of(
                                "-Xms128m",
                                vms > 20_000 ? "-Xmx3g" : "-Xmx768m",
                                "-XX:+UseSerialGC"),
                        "io.novacron.daemon.cli.Novacron",
                        "daemon",
                        "--config",
                        config.toString());
        processes.add(daemon);
        awaitServing(daemon, controlPort, folder.resolve("daemon.log"));
        int hosts = Math.max(1, vms / VMS_PER_HOST);
        report("%d hosts with %d vms, their past of %s first …", hosts, vms, backfill);
        Process fleet =
                start(
                        folder.resolve("fleet.log"),
                        List.of("-Xmx2g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                        "io.novacron.agent.simulation.SimulateMain",
                        "--daemon",
                        "127.0.0.1:" + agentPort,
                        "--hosts",
                        Integer.toString(hosts),
                        "--vms",
                        Integer.toString(vms),
                        "--interval",
                        "60s",
                        "--backfill",
                        backfill);
        processes.add(fleet);
        var logs = Map.of(daemon, folder.resolve("daemon.log"), fleet, folder.resolve("fleet.log"));
        try (var probe = new AcknowledgementProbe(agentPort, InstantSource.system())) {
            run(probe, daemon, logs, warmUp, "warming up", controlPort);
            probe.reset();
            Map<String, Double> before = metrics(controlPort);
            double cpuBefore = ProcessUse.cpuSeconds(daemon.pid());
            long startNs = System.nanoTime();
            run(probe, daemon, logs, seconds, "measuring", controlPort);
            double elapsed = (System.nanoTime() - startNs) / 1e9;
            double cpuSeconds = ProcessUse.cpuSeconds(daemon.pid()) - cpuBefore;
            Map<String, Double> after = metrics(controlPort);
            return figures(daemon, probe, elapsed, cpuSeconds, before, after);
        }
    }

    private Figures figures(
            Process daemon,
            AcknowledgementProbe probe,
            double elapsed,
            double cpuSeconds,
            Map<String, Double> before,
            Map<String, Double> after) {
        int processors = Runtime.getRuntime().availableProcessors();
        double due = difference(before, after, "novacron_budget_entities_due_total");
        double leftOut = difference(before, after, "novacron_budget_entities_left_out_total");
        return new Figures("budget")
                .add("daemonCpuPercentOfMachine", 100 * cpuSeconds / elapsed / processors)
                .add("leftOutPercent", due > 0 ? 100 * leftOut / due : 0)
                .add("rssMb", ProcessUse.rssMb(daemon.pid()))
                .add("ackP99Ms", probe.p99Ms())
                .add("vms", vms)
                .add("seconds", elapsed)
                .add("processors", processors)
                .add("daemonCpuSeconds", cpuSeconds)
                .add("ticks", difference(before, after, "novacron_analysis_ticks_analysed_total"))
                .add(
                        "ticksSkipped",
                        difference(before, after, "novacron_analysis_ticks_skipped_total"))
                .add("samples", difference(before, after, "novacron_ingest_samples_applied_total"))
                .add(
                        "withoutAnalysisPercent",
                        after.getOrDefault("novacron_budget_other_cpu_percent", Double.NaN))
                .add(
                        "adviceDropped",
                        difference(before, after, "novacron_decisions_advice_dropped_total"));
    }

    private static double difference(
            Map<String, Double> before, Map<String, Double> after, String name) {
        return after.getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0);
    }

    private String yaml(Path folder, int agentPort, int controlPort) throws IOException {
        return """
        data-directory: "%s"
        tick: {interval: %s}
        agents: {listen: "127.0.0.1:%d", sample-interval: 60s}
        control: {listen: "127.0.0.1:%d"}
        query: {listen: "127.0.0.1:%d"}
        budget: {cpu: %s}
        """
                .formatted(folder.resolve("data"), tick, agentPort, controlPort, freePort(), cpu);
    }

    /// Drives the probe for so long, and says how it goes once a minute.
    private void run(
            AcknowledgementProbe probe,
            Process daemon,
            Map<Process, Path> logs,
            double time,
            String what,
            int controlPort)
            throws Exception {
        long startNs = System.nanoTime();
        double lastCpu = ProcessUse.cpuSeconds(daemon.pid());
        double reported = 0;
        double now = 0;
        while (now < time) {
            probe.step();
            for (Map.Entry<Process, Path> one : logs.entrySet()) {
                if (!one.getKey().isAlive()) {
                    throw new IOException(
                            "a process ended with %d:%n%s"
                                    .formatted(
                                            one.getKey().exitValue(),
                                            Files.readString(one.getValue())));
                }
            }
            now = (System.nanoTime() - startNs) / 1e9;
            if (now - reported >= 60) {
                double used = ProcessUse.cpuSeconds(daemon.pid());
                report(
                        "%s: %.0f of %.0f s, %.2f %% of a core, %.0f entities left out so far",
                        what,
                        now,
                        time,
                        100 * (used - lastCpu) / (now - reported),
                        metrics(controlPort)
                                .getOrDefault("novacron_budget_entities_left_out_total", 0.0));
                lastCpu = used;
                reported = now;
            }
        }
    }

    private void awaitServing(Process daemon, int port, Path log) throws Exception {
        long startNs = System.nanoTime();
        while (daemon.isAlive() && System.nanoTime() - startNs < START_LIMIT.toNanos()) {
            try {
                metrics(port);
                return;
            } catch (IOException _) {
                Thread.sleep((long) (0.2 * MS_PER_S));
            }
        }
        throw new IOException(
                "the daemon does not serve after %s:%n%s"
                        .formatted(START_LIMIT, Files.readString(log)));
    }

    /// Of `/metrics`, those without labels.
    private Map<String, Double> metrics(int port) throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                        .timeout(Duration.ofSeconds(10))
                        .build();
        Map<String, Double> metrics = new HashMap<>();
        Http.CLIENT
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> !line.startsWith("#") && !line.contains("{"))
                .map(line -> line.split(" "))
                .filter(words -> words.length >= 2)
                .forEach(words -> metrics.put(words[0], Double.parseDouble(words[1])));
        return metrics;
    }

    private static Process start(Path log, List<String> flags, String main, String... arguments)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.removeIf(argument ->
                argument.startsWith("-Xm")
                        || argument.startsWith("-XX:+Use")
                        || argument.startsWith("-Xshare")
                        || argument.startsWith("-javaagent"));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /// Made at first use: every command of the command line makes this object.
    private static final class Http {
        static final HttpClient CLIENT = HttpClient.newHttpClient();
    }
}
