package io.novacron.perf.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Our server and peers under the same samples in one run.
///
/// All are started and warmed up, then measured in turn, ours before every peer: ours, A, ours, B,
/// … for each round. A peer's ratio of a round is its cost over ours just before. The calling
/// thread makes the samples and sends them, so that a server's cost is that of its own process
/// tree.
///
/// `/proc` counts in ticks of 10 ms, so a measurement goes on until the server has used a second,
/// or [#MOST_SAMPLES] times the samples asked for. Work that a server puts off until after it has
/// stored the samples (merges, compaction) is waited for and not counted, which flatters peers.
///
/// Sizes are of the files that grow with samples, once at the end, of all samples so far, warm-up
/// included. Each server gets the same stream from its beginning; how far along it a measurement is
/// depends on how long the warm-up was.
public final class Comparison {
    /// The peers, in the order in which they are measured.
    public static final List<String> PEERS =
            List.of("kafka", "clickhouse", "questdb", "victoriametrics", "prometheus", "influxdb");

    private static final int MOST_SAMPLES = 50;
    private static final long WARM_UP_CPU_NS = TimeUnit.SECONDS.toNanos(15);
    private static final long MEASURED_CPU_NS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration QUIET_PATIENCE = Duration.ofSeconds(5);
    private static final long QUIET_WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final double QUIET_SHARE = 0.15; // of a core, all servers together
    private static final long SEED = 11;

    private final Settings settings;
    private final Consumer<String> progress;
    private final List<Runner> runners = new ArrayList<>();

    /// What is compared and for how long.
    ///
    /// @param peers of [#PEERS]
    /// @param rounds how often each is measured
    /// @param samples that a measurement has at least
    /// @param agents of 50 vms each
    /// @param folder empty; every server gets a folder in it
    public record Settings(List<String> peers, int rounds, long samples, int agents, Path folder) {}

    /// One server, where it is in the stream of samples, and what became of it.
    private final class Runner {
        final Server server;
        final Outcome outcome;
        final GaugeStream stream = new GaugeStream(SEED, settings.agents());
        long index;

        Runner(Server server) {
            this.server = server;
            this.outcome = new Outcome(server.name());
        }

        void start() throws IOException, InterruptedException {
            outcome.version(server.version());
            server.start(
                    Files.createDirectories(
                            settings.folder().toAbsolutePath().resolve(server.name())));
        }

        Cost feed(long cpuNs) throws IOException, InterruptedException {
            long beforeNs = server.process().use().cpuNs();
            long first = index;
            long samples;
            do {
                server.send(stream.round(index));
                index++;
                samples = (index - first) * stream.samplesPerRound();
            } while (samples < settings.samples()
                    || (samples < MOST_SAMPLES * settings.samples()
                            && server.process().use().cpuNs() - beforeNs < cpuNs));
            server.awaitStored();
            ProcessTree use = server.process().use();
            return new Cost(samples, use.cpuNs() - beforeNs, use.rssBytes());
        }

        /// Checks that all is there, then takes its size.
        void finish() throws IOException, InterruptedException {
            long sent = index * stream.samplesPerRound();
            long stored = server.samplesStored();
            if (stored != sent) {
                throw new IOException(
                        "it stored %s samples, must be the %s that were sent"
                                .formatted(stored, sent));
            }
            outcome.bytesPerSample((double) server.bytesOnDisk() / sent);
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    /// Prepares a comparison; [#run] makes it.
    ///
    /// @param progress is told what is going on, a line at a time
    public Comparison(Settings settings, Consumer<String> progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /// Starts, measures and stops everything. A peer that is absent or fails is left out, and says
    /// why in its row.
    ///
    /// @throws IOException when our own server fails
    public Report run() throws IOException, InterruptedException {
        var ours = new Runner(new NovaCronServer(settings.agents()));
        runners.add(ours);
        PeerJars jars = PeerJars.ofThisTree();
        for (String peer : settings.peers()) {
            runners.add(new Runner(server(peer, jars)));
        }
        try {
            return run(ours, runners.subList(1, runners.size()));
        } finally {
            for (Runner runner : runners) {
                close(runner);
            }
        }
    }

    /// Whatever happens to one, the others are closed too.
    private void close(Runner runner) throws InterruptedException {
        try {
            runner.server.close();
        } catch (IOException problem) {
            tell(
                    "%s was not closed cleanly: %s"
                            .formatted(runner.server.name(), String.valueOf(problem.getMessage())));
        }
    }

    private Report run(Runner ours, List<Runner> peers) throws IOException, InterruptedException {
        ours.start();
        for (Runner peer : peers) {
            String absence = peer.server.absence();
            if (absence == null) {
                tell("starting %s".formatted(peer.server.name()));
                attempt(peer, peer::start);
            } else {
                peer.outcome.problem(absence);
                tell("%s is %s".formatted(peer.server.name(), absence));
            }
        }
        tell("warming up novacron");
        ours.feed(WARM_UP_CPU_NS);
        for (Runner peer : peers) {
            attempt(
                    peer,
                    () -> {
                        tell("warming up %s".formatted(peer.server.name()));
                        peer.feed(WARM_UP_CPU_NS);
                    });
        }
        for (int round = 1; round <= settings.rounds(); round++) {
            if (peers.stream().noneMatch(peer -> peer.outcome.measured())) {
                ours.outcome.add(measure(round, ours));
            }
            for (Runner peer : peers) {
                if (peer.outcome.measured()) {
                    Cost before = measure(round, ours);
                    ours.outcome.add(before);
                    int number = round;
                    attempt(peer, () -> peer.outcome.add(measure(number, peer), before));
                }
            }
        }
        for (Runner peer : peers) {
            attempt(
                    peer,
                    () -> {
                        tell("taking the size of %s".formatted(peer.server.name()));
                        peer.finish();
                    });
        }
        ours.finish();
        return new Report(ours.outcome, peers.stream().map(peer -> peer.outcome).toList());
    }

    private Cost measure(int round, Runner runner) throws IOException, InterruptedException {
        awaitQuiet();
        Cost cost = runner.feed(MEASURED_CPU_NS);
        tell(
                "round %d: %-16s %.4f CPU-s per million samples (%,d samples)"
                        .formatted(
                                round,
                                runner.server.name(),
                                cost.cpuSecondsPerMillionSamples(),
                                cost.samples()));
        return cost;
    }

    /// Waits until no server works any more, or patience ends.
    private void awaitQuiet() throws IOException {
        long startNs = System.nanoTime();
        long usedNs = Long.MAX_VALUE;
        while (usedNs > QUIET_WINDOW_NS * QUIET_SHARE
                && System.nanoTime() - startNs < QUIET_PATIENCE.toNanos()) {
            long beforeNs = cpuOfAllNs();
            LockSupport.parkNanos(QUIET_WINDOW_NS);
            usedNs = cpuOfAllNs() - beforeNs;
        }
    }

    private long cpuOfAllNs() throws IOException {
        long sum = 0;
        for (Runner runner : runners) {
            if (runner.outcome.measured()) {
                sum += runner.server.process().use().cpuNs();
            }
        }
        return sum;
    }

    /// A peer that fails is stopped and left out from now on.
    private void attempt(Runner peer, Step step) throws InterruptedException {
        if (!peer.outcome.measured()) {
            return;
        }
        try {
            step.run();
        } catch (IOException failure) {
            peer.outcome.problem("failed: " + failure.getMessage());
            tell(
                    "%s failed: %s"
                            .formatted(peer.server.name(), String.valueOf(failure.getMessage())));
            close(peer);
        }
    }

    private static Server server(String name, PeerJars jars) {
        return switch (name) {
            case "kafka" -> new KafkaServer(jars);
            case "clickhouse" -> new ClickHouseServer();
            case "questdb" -> new QuestDbServer(jars);
            case "victoriametrics" -> new VictoriaMetricsServer();
            case "prometheus" -> new PrometheusServer();
            case "influxdb" -> new InfluxDbServer();
            default -> throw new IllegalArgumentException("unknown peer: " + name);
        };
    }

    private void tell(String line) {
        progress.accept(line);
    }

    /// What was measured.
    public static final class Report {
        private final Outcome ours;
        private final List<Outcome> peers;

        Report(Outcome ours, List<Outcome> peers) {
            this.ours = ours;
            this.peers = peers;
        }

        /// Names and values, a `Double` or a `String`; ours have no prefix, a peer's ratios are its
        /// figures over ours, so that more than 1 is dearer than ours.
        public Map<String, Object> figures() {
            var figures = new LinkedHashMap<String, Object>();
            put(figures, "", ours);
            for (Outcome peer : peers) {
                figures.put(peer.name() + ".status", peer.status());
                if (peer.measured()) {
                    put(figures, peer.name() + ".", peer);
                    String ratio = "ratio." + peer.name();
                    put(figures, ratio + ".cpu", peer.cpuRatio());
                    double bytes = peer.bytesPerSample() / ours.bytesPerSample();
                    put(figures, ratio + ".bytes", new Spread(bytes, bytes, bytes));
                }
            }
            return figures;
        }

        private static void put(Map<String, Object> figures, String prefix, Outcome outcome) {
            figures.put(prefix + "version", outcome.version());
            put(
                    figures,
                    prefix + "cpuSecondsPerMillionSamples",
                    outcome.cpuSecondsPerMillionSamples());
            figures.put(prefix + "bytesPerSample", outcome.bytesPerSample());
            figures.put(prefix + "rssMb", outcome.rssMb().median());
        }

        private static void put(Map<String, Object> figures, String name, Spread spread) {
            figures.put(name, spread.median());
            figures.put(name + ".min", spread.min());
            figures.put(name + ".max", spread.max());
        }

        /// For people: a line a server.
        public List<String> table() {
            var lines = new ArrayList<String>();
            lines.add(
                    "%-16s %-26s %-26s %8s %7s %6s"
                            .formatted(
                                    "",
                                    "CPU-s per million samples",
                                    "ratio to ours",
                                    "bytes",
                                    "ratio",
                                    "RSS"));
            lines.add(
                    "%-16s %8s %8s %8s %8s %8s %8s %8s %7s %6s"
                            .formatted(
                                    "server",
                                    "min",
                                    "median",
                                    "max",
                                    "min",
                                    "median",
                                    "max",
                                    "a sample",
                                    "",
                                    "MB"));
            lines.add(row(ours, new Spread(1, 1, 1)));
            for (Outcome peer : peers) {
                lines.add(
                        peer.measured()
                                ? row(peer, peer.cpuRatio())
                                : "%-16s %s".formatted(peer.name(), peer.status()));
            }
            return lines;
        }

        private String row(Outcome outcome, Spread ratio) {
            Spread cpu = outcome.cpuSecondsPerMillionSamples();
            return "%-16s %8.4f %8.4f %8.4f %8.2f %8.2f %8.2f %8.2f %7.2f %6.0f"
                    .formatted(
                            outcome.name(),
                            cpu.min(),
                            cpu.median(),
                            cpu.max(),
                            ratio.min(),
                            ratio.median(),
                            ratio.max(),
                            outcome.bytesPerSample(),
                            outcome.bytesPerSample() / ours.bytesPerSample(),
                            outcome.rssMb().median());
        }
    }
}
