package io.novacron.perf;

import io.novacron.perf.peers.Comparison;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Our ingest and what a user would pick instead, each as a process of its own, under the same
/// samples in one run. What is counted and how each is set: [Comparison] and the servers beside it.
@Command(
        name = "ingest-peers",
        description = "Server cost a sample beside Kafka, ClickHouse, QuestDB and others")
final class IngestPeersBench extends Measurement {
    private static final String NONE = "none";
    private static final int ROUND_LIMIT = 100;
    private static final long SAMPLE_LIMIT = 100_000_000;
    private static final int AGENT_LIMIT = 400;

    private static final int DELETE_ATTEMPTS = 100;
    private static final long DELETE_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);

    @Option(
            names = "--peers",
            split = ",",
            description = "Which, with commas, or none; default all that can be had")
    private List<String> peers = Comparison.PEERS;

    @Option(
            names = "--rounds",
            description = "How often each is measured; default ${DEFAULT-VALUE}")
    private int rounds = 3;

    @Option(
            names = "--samples",
            description =
                    "Least samples of a measurement, which goes on to 1 CPU-second or 50 times as"
                            + " many; default ${DEFAULT-VALUE}")
    private long samples = 2_000_000;

    @Option(names = "--agents", description = "Of 50 vms each; default ${DEFAULT-VALUE}")
    private int agents = 200;

    @Option(
            names = "--directory",
            description =
                    "Where servers keep data meanwhile; default: the system's temporary folder")
    private @Nullable Path directory;

    @Override
    protected Figures measure() throws IOException, InterruptedException {
        List<String> chosen =
                peers.equals(List.of(NONE)) ? List.of() : peers.stream().distinct().toList();
        for (String peer : chosen) {
            check(
                    Comparison.PEERS.contains(peer),
                    "--peers=%s must be of %s. Maybe none?",
                    peer,
                    Comparison.PEERS);
        }
        check(
                rounds > 0 && rounds <= ROUND_LIMIT,
                "--rounds=%s must be in [1, %s]. Maybe 3?",
                rounds,
                ROUND_LIMIT);
        check(
                samples > 0 && samples <= SAMPLE_LIMIT,
                "--samples=%s must be in [1, %s]. Maybe 2000000?",
                samples,
                SAMPLE_LIMIT);
        check(
                agents > 0 && agents <= AGENT_LIMIT,
                "--agents=%s must be in [1, %s]. Maybe 200?",
                agents,
                AGENT_LIMIT);
        Path folder =
                directory == null
                        ? Files.createTempDirectory("novacron-peers-")
                        : Files.createTempDirectory(directory, "novacron-peers-");
        var hook = new Thread(() -> deleteStubbornly(folder), "delete-servers"); // Ctrl-C
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            var settings = new Comparison.Settings(chosen, rounds, samples, agents, folder);
            Comparison.Report report = new Comparison(settings, line -> report("%s", line)).run();
            report.table().forEach(line -> report("%s", line));
            return figures(report.figures());
        } finally {
            delete(folder);
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private Figures figures(Map<String, Object> values) {
        var figures = new Figures("ingest-peers");
        values.forEach((name, value) -> {
            if (value instanceof Double number) {
                figures.add(name, number);
            } else {
                figures.add(name, String.valueOf(value));
            }
        });
        return figures.add("rounds", rounds).add("vms", agents * 50L);
    }

    /// Servers are killed at the same time and may still write.
    private static void deleteStubbornly(Path folder) {
        for (int i = 0; i < DELETE_ATTEMPTS && Files.exists(folder); i++) {
            try {
                delete(folder);
            } catch (IOException | UncheckedIOException stillWritten) {
                LockSupport.parkNanos(DELETE_PAUSE_NS);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
