package io.novacron.perf.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A whole ingest in a process of its own under the load of a fleet, over loopback, at a set rate.
/// Every frame is journaled and applied to the fleet store, or the run fails.
///
/// `cpuSecondsPerMillionSamples` is the user and system time of that whole process: compiler,
/// collector and kernel included. `allocatedBytesPerFrame` counts the threads that a frame passes:
/// event loop, journal and fleet thread. In the shape `crowd` the same load goes, in the same run,
/// to a server in C that only reads and acknowledges frames.
@Command(name = "ingest", description = "Samples a second through wire, journal and fleet store")
public final class IngestBench extends Measurement {
    private static final double NS_PER_SECOND = 1e9;
    private static final double NS_PER_MS = 1e6;
    private static final double SAMPLES_PER_MILLION = 1e6;
    private static final double BYTES_PER_MB = 1e6;
    private static final double MAX_WARM_UP_SECONDS = 20;
    private static final double WARM_UP_HASTE = 3;
    private static final int MAX_AGENTS = 12_000;
    private static final int DIGITS = 3;
    private static final int SETTLE_POLLS = 12_000; // of 5 ms
    private static final int CLOCK_AHEAD = 60; // the word of a round may come after its frames

    @Option(names = "--shape", description = "fleet or crowd; default ${DEFAULT-VALUE}")
    private String shapeName = LoadShape.FLEET.name();

    @Option(
            names = "--seconds",
            description = "How long, after a warm-up; default ${DEFAULT-VALUE}")
    private double seconds = 60;

    @Option(names = "--rate", description = "Samples a second; default ${DEFAULT-VALUE}")
    private double rate = 1_050_000;

    @Option(names = "--agents", description = "Connections; default 200, in a crowd 10000")
    private @Nullable Integer agents;

    private double modestRate = 50_000;

    @Option(
            names = "--directory",
            description =
                    "Where the journal lies meanwhile; default: the system's temporary folder")
    private @Nullable Path directory;

    @Override
    protected Figures measure() throws IOException {
        checkSeconds(seconds);
        LoadShape shape =
                switch (shapeName) {
                    case "fleet" -> LoadShape.FLEET;
                    case "crowd" -> LoadShape.CROWD;
                    default -> throw usage("--shape=%s must be fleet or crowd", shapeName);
                };
        if (agents != null) {
            check(
                    agents > 0 && agents <= MAX_AGENTS,
                    "--agents=%s must be in [1, %s]",
                    agents,
                    MAX_AGENTS);
            double share = (double) agents / shape.agents(); // rounds keep their length
            rate *= share;
            modestRate *= share;
            shape = shape.withAgents(agents);
        }
        Path folder =
                directory == null
                        ? Files.createTempDirectory("novacron-bench-")
                        : Files.createTempDirectory(directory, "novacron-bench-");
        try {
            return measure(shape, folder);
        } finally {
            delete(folder);
        }
    }

    private Figures measure(LoadShape shape, Path folder) throws IOException {
        var figures = new Figures("ingest").add("shape", shape.name());
        double cpu = ingest(shape, folder.resolve("journal"), figures);
        if (shape.name().equals(LoadShape.CROWD.name())) {
            Path program = BareEpoll.compile(folder);
            if (program == null) {
                report("no C compiler (cc) was found: cpuRatioToBareEpoll is left out");
            } else {
                double bare = bare(shape, program);
                figures.add("bareCpuSecondsPerMillionSamples", bare);
                figures.add("cpuRatioToBareEpoll", cpu / bare);
            }
        }
        return figures;
    }

    private double ingest(LoadShape shape, Path journal, Figures figures) throws IOException {
        try (var server = ServerProcess.ingest(journal, shape.acknowledgeFrames());
                var load = new AgentLoad(shape)) {
            report("connecting %d agents …", shape.agents());
            server.tell("round " + CLOCK_AHEAD);
            server.statistics(); // its answer says that the clock is set
            load.connect(server.port(), true);
            var rounds =
                    new AgentLoad.Rounds() {
                        @Override
                        public void begin(long round) throws IOException {
                            server.tell("round " + (round + CLOCK_AHEAD));
                        }

                        @Override
                        public void halfOf(long round) throws IOException {
                            if (round > 1) {
                                server.tell("tick " + (round - 1));
                            }
                        }
                    };
            report("warming up …");
            load.run(warmUpRate(shape), warmUpSeconds(), rounds, new Histogram(DIGITS));
            load.run(rate, warmUpSeconds() / 2, rounds, new Histogram(DIGITS));
            report("measuring %s at %.0f samples/s for %.0f s …", shape.name(), rate, seconds);
            var latency = new Histogram(DIGITS);
            JsonNode before = settled(server, load, shape);
            long cpuNs = server.cpuNs();
            long startNs = System.nanoTime();
            long framesBefore = load.framesSent();
            load.run(rate, seconds, rounds, latency);
            long wallNs = System.nanoTime() - startNs;
            JsonNode after = settled(server, load, shape);
            cpuNs = server.cpuNs() - cpuNs;
            long frames = load.framesSent() - framesBefore;
            double samples = (double) frames * shape.samplesPerFrame();
            double cpuSeconds = cpuNs / NS_PER_SECOND / (samples / SAMPLES_PER_MILLION);
            figures.add("samplesPerSecond", samples * NS_PER_SECOND / wallNs)
                    .add("cpuSecondsPerMillionSamples", cpuSeconds)
                    .add("ackP50Ms", latency.getValueAtPercentile(50) / NS_PER_MS)
                    .add("ackP99Ms", latency.getValueAtPercentile(99) / NS_PER_MS)
                    .add("ackMaxMs", latency.getMaxValue() / NS_PER_MS)
                    .add(
                            "bytesPerSample",
                            difference(before, after, "recordBytesAppended") / samples)
                    .add(
                            "allocatedBytesPerFrame",
                            difference(before, after, "allocatedBytes") / (double) frames)
                    .add("rssMb", server.rssBytes() / BYTES_PER_MB)
                    .add("agents", shape.agents())
                    .add("samples", (long) samples)
                    .add("samplesLate", difference(before, after, "samplesLate"))
                    .add("writesStalled", load.writesStalled());
            if (shape.name().equals(LoadShape.FLEET.name())) {
                report("measuring latency at %.0f samples/s …", modestRate);
                var modest = new Histogram(DIGITS);
                load.run(
                        modestRate,
                        seconds < 8 ? seconds : Math.max(8, seconds / 3),
                        rounds,
                        modest);
                figures.add("ackP50MsAt50k", modest.getValueAtPercentile(50) / NS_PER_MS)
                        .add("ackP99MsAt50k", modest.getValueAtPercentile(99) / NS_PER_MS);
            }
            return cpuSeconds;
        }
    }

    private double bare(LoadShape shape, Path program) throws IOException {
        var nothing =
                new AgentLoad.Rounds() {
                    @Override
                    public void begin(long round) {}

                    @Override
                    public void halfOf(long round) {}
                };
        try (var server = BareEpoll.start(program, shape.acknowledgeFrames());
                var load = new AgentLoad(shape)) {
            load.connect(server.port(), false);
            report("measuring the bare server for %.0f s …", seconds);
            load.run(rate, warmUpSeconds(), nothing, new Histogram(DIGITS));
            long cpuNs = server.cpuNs();
            long framesBefore = load.framesSent();
            load.run(rate, seconds, nothing, new Histogram(DIGITS));
            double samples = (double) (load.framesSent() - framesBefore) * shape.samplesPerFrame();
            return (server.cpuNs() - cpuNs) / NS_PER_SECOND / (samples / SAMPLES_PER_MILLION);
        }
    }

    /// Large frames are few: more of them, so that the compiler sees the code sooner.
    private double warmUpRate(LoadShape shape) {
        return shape.name().equals(LoadShape.FLEET.name()) ? WARM_UP_HASTE * rate : rate;
    }

    private double warmUpSeconds() {
        return Math.min(seconds, MAX_WARM_UP_SECONDS);
    }

    /// Waits until everything sent is applied, and nothing else was.
    private static JsonNode settled(ServerProcess server, AgentLoad load, LoadShape shape)
            throws IOException {
        long expected = load.framesSent() * shape.samplesPerFrame();
        JsonNode counters = server.statistics();
        for (int i = 0;
                i < SETTLE_POLLS && counters.get("samplesApplied").asLong() < expected;
                i++) {
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
            counters = server.statistics();
        }
        if (counters.get("samplesApplied").asLong() != expected) {
            throw new IOException(
                    "%d samples must be applied. Counters: %s".formatted(expected, counters));
        }
        return counters;
    }

    private static long difference(JsonNode before, JsonNode after, String counter) {
        return after.get(counter).asLong() - before.get(counter).asLong();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
