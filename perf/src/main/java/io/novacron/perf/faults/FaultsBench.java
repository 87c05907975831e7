package io.novacron.perf.faults;

import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Breaks a whole ingest, in a process of its own, in every way it must survive, under load, and
/// counts frames: acknowledged = journaled = applied, nothing twice. Fails when that does not hold.
@Command(
        name = "ingest-faults",
        description = "Kill, starve and confuse ingest under load; count what is lost or doubled")
public final class FaultsBench extends Measurement {
    private static final int MAX_ROUNDS = 10_000;
    private static final int LOG_LINES_SHOWN = 20;

    /// One way to break it.
    @FunctionalInterface
    interface Fault {
        FaultResult run(Stage stage) throws IOException;
    }

    private static final Map<String, Fault> FAULTS = faults();

    @Option(names = "--rounds", description = "Rounds of kill -9; default ${DEFAULT-VALUE}")
    private int rounds = 20;

    @Option(names = "--faults", split = ",", description = "Which ones; default: all")
    private @Nullable List<String> chosen;

    @Option(names = "--seed", description = "Of everything random; default ${DEFAULT-VALUE}")
    private long seed = 1;

    @Option(
            names = "--scale",
            description = "Share of the full size of crowds and loads; default ${DEFAULT-VALUE}")
    private double scale = 1;

    @Option(
            names = "--directory",
            description = "Where journals lie meanwhile; default: the system's temporary folder")
    private @Nullable Path directory;

    private boolean failed;

    private static Map<String, Fault> faults() {
        var faults = new LinkedHashMap<String, Fault>();
        faults.put("kill", ServerFaults::kill);
        faults.put("torn", ServerFaults::torn);
        faults.put("disk-full", ServerFaults::diskFull);
        faults.put("stalled", ServerFaults::stalled);
        faults.put("clock", ServerFaults::clock);
        faults.put("agent-killed", AgentFaults::agentKilled);
        faults.put("proxy", AgentFaults::proxy);
        faults.put("corrupt", AgentFaults::corrupt);
        faults.put("slow-agent", AgentFaults::slowAgent);
        faults.put("reconnect", AgentFaults::reconnect);
        faults.put("strangers", AgentFaults::strangers);
        return faults;
    }

    @Override
    protected Figures measure() throws IOException {
        check(
                rounds > 0 && rounds <= MAX_ROUNDS,
                "--rounds=%s must be in [1, %s]. Maybe 20?",
                rounds,
                MAX_ROUNDS);
        check(scale > 0 && scale <= 1, "--scale=%s must be in (0, 1]. Maybe 0.1?", scale);
        List<String> names = chosen == null ? List.copyOf(FAULTS.keySet()) : chosen;
        for (String name : names) {
            check(
                    FAULTS.containsKey(name),
                    "--faults=%s must be of %s. Maybe kill?",
                    name,
                    FAULTS.keySet());
        }
        Path folder =
                directory == null
                        ? Files.createTempDirectory("novacron-faults-")
                        : Files.createTempDirectory(directory, "novacron-faults-");
        try {
            return figures(run(names, folder));
        } finally {
            delete(folder);
        }
    }

    private List<FaultResult> run(List<String> names, Path folder) throws IOException {
        var results = new ArrayList<FaultResult>();
        try (var stage = new Stage(folder, seed, rounds, scale, line -> report("%s", line))) {
            for (String name : names) {
                report("%s …", name);
                long startNs = System.nanoTime();
                try {
                    FaultResult result = faultOf(name).run(stage);
                    results.add(result);
                    result.problems().forEach(problem -> report("%s: %s", name, problem));
                } catch (IOException | RuntimeException e) {
                    showEndOf(stage.log());
                    report("%s did not come to its end: %s", name, e);
                    results.add(FaultResult.broken(name, String.valueOf(e.getMessage())));
                }
                report("%s took %.1f s", name, (System.nanoTime() - startNs) / 1e9);
            }
        }
        return results;
    }

    private static Fault faultOf(String name) {
        return java.util.Objects.requireNonNull(FAULTS.get(name));
    }

    private void showEndOf(Path log) throws IOException {
        List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        lines.stream()
                .skip(Math.max(0, lines.size() - LOG_LINES_SHOWN))
                .forEach(line -> report("%s", line));
    }

    private Figures figures(List<FaultResult> results) {
        long acknowledged = results.stream().mapToLong(FaultResult::acknowledged).sum();
        long lost = results.stream().mapToLong(FaultResult::lost).sum();
        long duplicated = results.stream().mapToLong(FaultResult::duplicated).sum();
        int done = results.stream().mapToInt(FaultResult::rounds).sum();
        failed = !results.stream().allMatch(FaultResult::well);
        report(
                "%-14s %8s %14s %10s %6s %10s",
                "fault", "rounds", "acknowledged", "journaled", "lost", "duplicated");
        var figures =
                new Figures("ingest-faults")
                        .add("acknowledged", acknowledged)
                        .add("lost", lost)
                        .add("duplicated", duplicated)
                        .add("rounds", done)
                        .add("seed", seed)
                        .add("problems", results.stream().mapToInt(r -> r.problems().size()).sum());
        for (FaultResult result : results) {
            report(
                    "%-14s %8d %14d %10d %6d %10d",
                    result.fault(),
                    result.rounds(),
                    result.acknowledged(),
                    result.journaled(),
                    result.lost(),
                    result.duplicated());
            String prefix = result.fault() + ".";
            figures.add(prefix + "rounds", result.rounds())
                    .add(prefix + "acknowledged", result.acknowledged())
                    .add(prefix + "lost", result.lost())
                    .add(prefix + "duplicated", result.duplicated());
            result.figures()
                    .forEach((name, value) -> {
                        if (value instanceof Double fraction) {
                            figures.add(prefix + name, fraction.doubleValue());
                        } else {
                            figures.add(prefix + name, value.longValue());
                        }
                    });
        }
        return figures;
    }

    @Override
    protected int exitCode() {
        return failed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
