package io.novacron.perf;

import io.novacron.ingest.IngestListener;
import io.novacron.ingest.ReplayedFleet;
import io.novacron.ingest.checkpoint.CheckpointFiles;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.statistics.Counter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A process that has taken in two hours of a fleet, written a checkpoint and taken in ten minutes
/// more is killed with SIGKILL; how long until a new one serves. Time is virtual until the kill,
/// and real from then on: it counts from the start of the process, the JVM's own start included,
/// until the ports are open.
///
/// The state must be the killed one's, and that of a replay of the whole journal, or the run fails.
@Command(name = "recovery", description = "From kill -9 to serving again")
final class RecoveryBench extends Measurement {
    private static final int VM_LIMIT = 100_000;
    private static final int STARTS = 3;
    private static final double NS_PER_SECOND = 1e9;
    private static final double MS_PER_SECOND = 1e3;
    private static final double BYTES_PER_MB = 1e6;

    @Option(names = "--vms", description = "Entities; default ${DEFAULT-VALUE}")
    private int vms = 10_000;

    @Option(
            names = "--minutes",
            description = "Data before the checkpoint; default ${DEFAULT-VALUE}")
    private int minutes = 120;

    @Option(
            names = "--tail-minutes",
            description = "Data between checkpoint and kill; default ${DEFAULT-VALUE}")
    private int tailMinutes = 10;

    @Option(names = "--directory", description = "Where the journal lies meanwhile")
    private @Nullable Path directory;

    /// What one start told.
    private record Start(double seconds, double cpuSeconds, String answer) {}

    @Override
    protected Figures measure() throws IOException {
        check(
                vms >= LoadGenerator.ENTITIES && vms <= VM_LIMIT,
                "--vms=%s must be in [%s, %s]. Maybe 10000?",
                vms,
                LoadGenerator.ENTITIES,
                VM_LIMIT);
        check(minutes > 1, "--minutes=%s must be more than 1. Maybe 120?", minutes);
        check(tailMinutes > 0, "--tail-minutes=%s must be positive. Maybe 10?", tailMinutes);
        Path folder =
                directory == null
                        ? Files.createTempDirectory("novacron-recovery-")
                        : Files.createTempDirectory(directory, "novacron-recovery-");
        try {
            return measure(folder);
        } finally {
            delete(folder);
        }
    }

    private Figures measure(Path folder) throws IOException {
        int agents = (vms + LoadGenerator.ENTITIES - 1) / LoadGenerator.ENTITIES;
        report("%d minutes of %d vms, a checkpoint, %d minutes …", minutes, vms, tailMinutes);
        String killed =
                start(
                                "prepare",
                                Process::destroyForcibly,
                                folder,
                                Integer.toString(agents),
                                Integer.toString(minutes),
                                Integer.toString(tailMinutes))
                        .answer();
        var ingest = new ArrayList<Start>();
        var daemon = new ArrayList<Start>();
        report("a start that is stopped in order, as an installed daemon's first one …");
        start("daemon", Process::destroy, folder);
        for (int i = 0; i < STARTS; i++) {
            report("killed; start %d of %d …", i + 1, STARTS);
            ingest.add(start("ingest", Process::destroyForcibly, folder));
            daemon.add(start("daemon", Process::destroyForcibly, folder));
        }
        String[] restarted = ingest.getLast().answer().split(" ");
        report("the whole journal …");
        long startNs = System.nanoTime();
        Replayed replayed = replay(RecoveryProcess.journal(folder));
        double replaySeconds = (System.nanoTime() - startNs) / NS_PER_SECOND;
        if (!killed.equals(restarted[0]) || !killed.equals(replayed.hash())) {
            throw new IOException(
                    "state hashes differ: killed %s, restarted %s, replayed %s"
                            .formatted(killed, restarted[0], replayed.hash()));
        }
        long checkpointBytes =
                Files.size(
                        CheckpointFiles.of(RecoveryProcess.journal(folder))
                                .newestFirst()
                                .getFirst()
                                .path());
        return new Figures("recovery")
                .add("secondsToServing", median(daemon, Start::seconds))
                .add(
                        "secondsToServingMax",
                        daemon.stream().mapToDouble(Start::seconds).max().orElse(0))
                .add("cpuSecondsToServing", median(daemon, Start::cpuSeconds))
                .add("ingestSecondsToServing", median(ingest, Start::seconds))
                .add("ingestCpuSecondsToServing", median(ingest, Start::cpuSeconds))
                .add("fullReplaySeconds", replaySeconds)
                .add("fullReplaySamplesPerSecond", replayed.samples() / replaySeconds)
                .add("checkpointMb", checkpointBytes / BYTES_PER_MB)
                .add("tailRecords", Long.parseLong(restarted[1]))
                .add("vms", vms)
                .add("samples", replayed.samples())
                .add("stateHash", killed);
    }

    private static double median(List<Start> starts, ToDoubleFunction<Start> of) {
        return starts.stream().mapToDouble(of).sorted().toArray()[starts.size() / 2];
    }

    private record Replayed(String hash, long samples) {}

    private static Replayed replay(Path journal) throws IOException {
        try (var fleet = ReplayedFleet.open(journal, RecoveryProcess.FLEET, IngestListener.DEAF)) {
            while (fleet.advance()) {
                // to the end
            }
            try (FleetView view = fleet.store().pin()) {
                return new Replayed(
                        Long.toHexString(view.stateHash()),
                        fleet.statistics().get(Counter.SAMPLES_APPLIED));
            }
        }
    }

    /// Runs a process with the flags of the daemon's unit until it has told its answer.
    ///
    /// @param end how it ends then: killed as it stands, or asked to stop, which leaves an archive
    ///   of loaded classes for the next start
    private Start start(String role, Consumer<Process> end, Path folder, String... arguments)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.removeIf(argument ->
                argument.startsWith("-Xmx")
                        || argument.startsWith("-XX:")
                        || argument.startsWith("-Xshare")
                        || argument.startsWith("-javaagent"));
        command.addAll(List.of("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC"));
        command.add("-XX:+AutoCreateSharedArchive");
        command.add("-XX:SharedArchiveFile=" + folder.resolve(role + ".jsa"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(RecoveryProcess.class.getName(), role, folder.toString()));
        command.addAll(List.of(arguments));
        long startNs = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectError(log(folder).toFile()).start();
        try (var out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            double seconds = 0;
            double cpuSeconds = 0;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(RecoveryProcess.SERVING)) {
                    seconds = (System.nanoTime() - startNs) / NS_PER_SECOND;
                    String cpuMs = line.substring(RecoveryProcess.SERVING.length());
                    cpuSeconds = Long.parseLong(cpuMs) / MS_PER_SECOND;
                } else if (line.startsWith(RecoveryProcess.ANSWER)) {
                    return new Start(
                            seconds, cpuSeconds, line.substring(RecoveryProcess.ANSWER.length()));
                }
            }
            throw new IOException(
                    "the process '%s' ended without an answer:%n%s"
                            .formatted(role, Files.readString(log(folder))));
        } finally {
            end.accept(process);
            process.onExit().join();
        }
    }

    private static Path log(Path folder) {
        return folder.resolve("process.log");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
