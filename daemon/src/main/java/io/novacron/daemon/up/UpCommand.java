package io.novacron.daemon.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.novacron.daemon.config.Durations;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Starts the daemon, this machine's agent and a simulated fleet, and watches them until Ctrl-C or
/// the end of `--duration`. A child that dies is started again.
@Command(
        name = "up",
        description =
                "Run the whole loop on this machine: daemon, agent and a simulated fleet with history")
public final class UpCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(500);

    @Option(
            names = "--duration",
            defaultValue = "0s",
            description = "Stop after this time, e.g. 120s; 0s runs until Ctrl-C")
    private String duration = "0s";

    @Option(
            names = "--hosts",
            defaultValue = "20",
            description = "Simulated hosts (${DEFAULT-VALUE})")
    private int hosts = 20;

    @Option(names = "--vms", defaultValue = "400", description = "Simulated vms (${DEFAULT-VALUE})")
    private int vms = 400;

    @Option(
            names = "--backfill",
            defaultValue = "3d",
            description = "History of the simulated fleet (${DEFAULT-VALUE})")
    private String backfill = "3d";

    @Option(names = "--seed", defaultValue = "7", description = "Seed of the simulated fleet")
    private long seed = 7;

    @Option(
            names = "--tick",
            defaultValue = "10s",
            description = "Analysis cycle (${DEFAULT-VALUE})")
    private String tick = "10s";

    @Option(
            names = "--libvirt",
            defaultValue = "qemu:///system",
            description = "libvirt URI of this machine, or none (${DEFAULT-VALUE})")
    private String libvirt = "qemu:///system";

    @Option(
            names = "--data",
            description = "Folder for journal and logs (default: .novacron in the project)")
    private @Nullable Path data;

    @Option(names = "--keep", description = "Go on with the data of the last run")
    private boolean keep;

    @Option(
            names = "--port",
            defaultValue = "7070",
            description = "First of three ports (${DEFAULT-VALUE})")
    private int port = 7070;

    @Option(names = "--json", description = "End with one JSON line of figures")
    private boolean json;

    private final List<ChildProcess> children = new ArrayList<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CountDownLatch cleanedUp = new CountDownLatch(1);
    private PrintStream out = System.err;

    @Override
    public Integer call() throws Exception {
        out = json ? System.err : System.out;
        Duration limit = Durations.parse(duration);
        Installation installation = Installation.find();
        Path folder = data == null ? installation.home().resolve(".novacron") : data;
        for (int p = port; p < port + 3; p++) {
            if (!isFree(p)) {
                out.printf(
                        "novacron up: port %d is taken. Maybe another `novacron up` is running? Else use --port.%n",
                        p);
                return 1;
            }
        }
        if (!keep) {
            delete(folder.resolve("daemon"));
            delete(folder.resolve("agent"));
            delete(folder.resolve("logs"));
        }
        Files.createDirectories(folder.resolve("logs"));
        Path config = writeConfig(folder);
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndWait, "novacron-up-stop"));
        long startNs = System.nanoTime();
        try {
            var daemon = child("daemon", installation.daemon(config), folder);
            var agent =
                    child(
                            "agent",
                            installation.agent(port + 1, folder.resolve("agent"), libvirt),
                            folder);
            child(
                    "fleet",
                    installation.simulatedFleet(port + 1, hosts, vms, seed, backfill),
                    folder);
            return watch(daemon, agent, limit, startNs);
        } finally {
            children.reversed().forEach(ChildProcess::close);
            cleanedUp.countDown();
        }
    }

    private int watch(ChildProcess daemon, ChildProcess agent, Duration limit, long startNs)
            throws IOException, InterruptedException {
        out.printf("Dashboard: http://127.0.0.1:%d/   (Ctrl-C stops everything)%n", port);
        out.printf(
                "Starting daemon, this machine's agent, and %d hosts with %d vms …%n", hosts, vms);
        var asked = new StatusClient(port);
        var progress = new Progress(asked);
        long limitNs = limit.toNanos();
        var steady = new SteadyUse();
        JsonNode status = MissingNode.getInstance();
        while (!stopped.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
            double seconds = (System.nanoTime() - startNs) / 1e9;
            for (ChildProcess child : children) {
                if (child.restartIfDead()) {
                    out.printf(
                            "%6.1f s  %s died and was started again (log: %s)%n",
                            seconds, child.name(), child.log());
                    if (child.restarts() > 20) {
                        out.printf("%s keeps dying; giving up%n", child.name());
                        return 1;
                    }
                }
            }
            JsonNode fresh = asked.get("/api/v1/status");
            if (fresh != null) {
                status = fresh;
                progress.report(fresh, seconds);
            }
            if (limitNs == 0 || seconds * 1e9 > limitNs / 2.0) {
                steady.sample(daemon, agent, seconds);
            }
            daemon.rssMb();
            agent.rssMb();
            if (limitNs > 0 && System.nanoTime() - startNs >= limitNs) {
                break;
            }
        }
        var figures = figures(status, progress, steady, daemon, agent);
        if (json) {
            System.out.println(
                    new ObjectMapper()
                            .writeValueAsString(orderedMap("benchmark", "up", "figures", figures)));
        } else {
            out.println("Stopping.");
        }
        return progress.firstRecommendation < 0 && limitNs > 0 ? 1 : 0;
    }

    private Map<String, Object> figures(
            JsonNode status,
            Progress progress,
            SteadyUse steady,
            ChildProcess daemon,
            ChildProcess agent) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("samplesIngested", status.path("samplesIngested").asLong());
        figures.put("hosts", status.path("hosts").asInt());
        figures.put("vms", status.path("vms").asInt());
        figures.put("forecasts", status.path("forecasts").asLong());
        figures.put("recommendations", status.path("recommendations").asLong());
        figures.put("secondsToFirstForecast", round(progress.firstForecast));
        figures.put("secondsToFirstRecommendation", round(progress.firstRecommendation));
        figures.put("daemonCpuPercentOfCore", round(steady.daemonPercent()));
        figures.put("agentCpuPercentOfCore", round(steady.agentPercent()));
        figures.put("daemonRssMb", round(daemon.rssMb()));
        figures.put("agentRssMb", round(agent.rssMb()));
        figures.put("daemonCpuSecondsWholeRun", round(daemon.cpuSeconds()));
        figures.put("daemonRestarts", daemon.restarts());
        return figures;
    }

    private static double round(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    private static Map<String, Object> orderedMap(
            String key1, Object value1, String key2, Object value2) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(key1, value1);
        map.put(key2, value2);
        return map;
    }

    private ChildProcess child(String name, List<String> command, Path folder) throws IOException {
        var child = new ChildProcess(name, command, folder.resolve("logs").resolve(name + ".log"));
        children.add(child);
        child.start();
        return child;
    }

    private void stopAndWait() {
        stopped.countDown();
        try {
            if (!cleanedUp.await(25, TimeUnit.SECONDS)) {
                children.forEach(ChildProcess::close);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Path writeConfig(Path folder) throws IOException {
        Path file = folder.resolve("up.yaml");
        Files.writeString(
                file,
                """
                # Written by `novacron up`.
                data-directory: "%s"
                tick: {interval: %s}
                control: {listen: "127.0.0.1:%d"}
                agents: {listen: "127.0.0.1:%d"}
                query: {listen: "127.0.0.1:%d"}
                """
                        .formatted(
                                folder.resolve("daemon").toAbsolutePath(),
                                tick,
                                port,
                                port + 1,
                                port + 2));
        return file;
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new java.net.InetSocketAddress("127.0.0.1", port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /// CPU over the steady part of the run: its second half, or all of it without an end.
    private static final class SteadyUse {
        private double startSeconds = -1;
        private double endSeconds;
        private double daemonStart;
        private double agentStart;
        private double daemonEnd;
        private double agentEnd;

        void sample(ChildProcess daemon, ChildProcess agent, double seconds) {
            daemonEnd = daemon.cpuSeconds();
            agentEnd = agent.cpuSeconds();
            endSeconds = seconds;
            if (startSeconds < 0) {
                startSeconds = seconds;
                daemonStart = daemonEnd;
                agentStart = agentEnd;
            }
        }

        double daemonPercent() {
            return percent(daemonEnd - daemonStart);
        }

        double agentPercent() {
            return percent(agentEnd - agentStart);
        }

        private double percent(double cpuSeconds) {
            double wall = endSeconds - startSeconds;
            return wall > 0 ? 100 * cpuSeconds / wall : 0;
        }
    }

    /// Says each new thing once.
    private final class Progress {
        private final StatusClient asked;
        private double firstForecast = -1;
        private double firstRecommendation = -1;
        private int vmsSeen;

        Progress(StatusClient asked) {
            this.asked = asked;
        }

        void report(JsonNode status, double seconds) throws InterruptedException {
            int seen = status.path("vms").asInt();
            if (seen > 0 && vmsSeen == 0) {
                out.printf(
                        "%6.1f s  %d hosts and %d vms are streaming%n",
                        seconds, status.path("hosts").asInt(), seen);
            }
            vmsSeen = Math.max(seen, vmsSeen);
            if (firstForecast < 0 && status.path("forecasts").asLong() > 0) {
                firstForecast = seconds;
                out.printf(
                        "%6.1f s  first forecasts: %d series from %,d samples%n",
                        seconds,
                        status.path("forecasts").asLong(),
                        status.path("samplesIngested").asLong());
            }
            if (firstRecommendation < 0 && status.path("recommendations").asLong() > 0) {
                firstRecommendation = seconds;
                showRecommendations(seconds);
            }
        }

        private void showRecommendations(double seconds) throws InterruptedException {
            JsonNode list = asked.get("/api/v1/recommendations?limit=5");
            out.printf("%6.1f s  first recommendations:%n", seconds);
            if (list != null) {
                for (JsonNode one : list.path("decisions")) {
                    out.printf(
                            "          #%s  %s  (confidence %.2f)%n",
                            one.path("id").asText(),
                            one.path("summary").asText(),
                            one.path("confidence").asDouble());
                }
            }
            out.printf("          Approve one with: ./novacron approve ID%n");
        }
    }
}
