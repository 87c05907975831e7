package io.novacron.perf;

import io.novacron.agent.host.SelfMeter;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.journal.JournalConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A whole ingest in this process under the load of a fleet: agents × 50 entities × 20 metrics,
/// 1,000 samples a frame, over loopback. Every frame is journaled and applied, or the run fails.
///
/// The server's cost is the CPU time of all Java threads but the calling one, which is the load
/// generator; what the JVM spends on compiling and collecting is in `processCpuSeconds…` too.
@Command(name = "ingest", description = "Samples a second through wire, journal and fleet store")
final class IngestBench extends Measurement {
    private static final int AGENT_LIMIT = 2_000;
    private static final double WARM_UP_SHARE = 0.5;
    private static final double MAX_WARM_UP_SECONDS = 10;
    private static final double NS_PER_SECOND = 1e9;
    private static final double SAMPLES_PER_MILLION = 1e6;
    private static final double BYTES_PER_MB = 1e6;

    @Option(
            names = "--seconds",
            description =
                    "How long, after a warm-up of half as long or 10 s;"
                            + " default ${DEFAULT-VALUE}")
    private double seconds = 20;

    @Option(names = "--agents", description = "Connections; default ${DEFAULT-VALUE}")
    private int agents = 200;

    @Option(
            names = "--directory",
            description =
                    "Where the journal lies meanwhile; default: the" + " system's temporary folder")
    private @Nullable Path directory;

    @Override
    Figures measure() throws IOException {
        checkSeconds(seconds);
        check(
                agents > 0 && agents <= AGENT_LIMIT,
                "--agents=%s must be in [1, %s]. Maybe 200?",
                agents,
                AGENT_LIMIT);
        Path folder =
                directory == null
                        ? Files.createTempDirectory("novacron-bench-")
                        : Files.createTempDirectory(directory, "novacron-bench-");
        try {
            return measure(folder);
        } finally {
            delete(folder);
        }
    }

    private Figures measure(Path folder) throws IOException {
        var clock = new FleetClock();
        var config = IngestConfig.defaults(JournalConfig.in(folder), FleetConfig.DEFAULT);
        try (var load = new LoadGenerator(FleetClock.ROUND);
                var meter = new SelfMeter(Path.of("/proc"));
                var ingest = Ingest.open(config, clock, new IgnoredEvents(), null)) {
            ingest.start();
            var server = new InetSocketAddress(config.host(), ingest.port());
            for (int agent = 0; agent < agents; agent++) {
                load.connect(server);
            }
            var rounds = new LoadRounds(ingest, load, clock);
            report("warming up with %d agents …", agents);
            rounds.run(Math.min(seconds * WARM_UP_SHARE, MAX_WARM_UP_SECONDS));
            report("measuring …");
            var before = IngestUse.now(ingest, meter);
            rounds.run(seconds);
            return figures(IngestUse.now(ingest, meter).since(before), meter.rssBytes());
        }
    }

    private Figures figures(IngestUse use, long rssBytes) {
        double millions = use.samples() / SAMPLES_PER_MILLION;
        return new Figures("ingest")
                .add("samplesPerSecond", use.samples() * NS_PER_SECOND / use.wallNs())
                .add("cpuSecondsPerMillionSamples", use.serverCpuNs() / NS_PER_SECOND / millions)
                .add(
                        "processCpuSecondsPerMillionSamples",
                        (use.processCpuNs() - use.generatorCpuNs()) / NS_PER_SECOND / millions)
                .add(
                        "generatorCpuSecondsPerMillionSamples",
                        use.generatorCpuNs() / NS_PER_SECOND / millions)
                .add("bytesPerSample", (double) use.journalBytes() / use.samples())
                .add("allocatedBytesPerFrame", (double) use.allocatedBytes() / use.frames())
                .add("rssMb", rssBytes / BYTES_PER_MB)
                .add("agents", agents)
                .add("samples", use.samples());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
