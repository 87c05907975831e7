package io.novacron.perf.decisions;

import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.perf.faults.ServerImage;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Kills the whole daemon by SIGKILL at random points of many decisions' lives, in part of the
/// rounds its agents too, and holds every decision against what was done: see [LifecycleCheck].
/// Agents are the real ones; their vms are on paper. Fails when anything is not as it should be.
@Command(
        name = "lifecycle-faults",
        description =
                "Kill the daemon and its agents in the middle of decisions; count what is lost,"
                        + " done twice, or ends wrongly")
public final class LifecycleFaultsBench extends Measurement {
    private static final int MAX_ROUNDS = 100_000;
    private static final int PROBLEMS_SHOWN = 50;

    @Option(names = "--rounds", description = "Kills; default ${DEFAULT-VALUE}")
    private int rounds = 20;

    @Option(
            names = "--rounds-per-life",
            description =
                    "After so many all is looked at and begins anew; default ${DEFAULT-VALUE}")
    private int roundsPerLife = 40;

    @Option(names = "--seed", description = "Of everything random; default ${DEFAULT-VALUE}")
    private long seed = 1;

    @Option(names = "--keep", description = "Leave the folder of a life in which something failed")
    private boolean keep;

    @Option(
            names = "--directory",
            description = "Where journals lie meanwhile; default: the system's temporary folder")
    private @Nullable Path directory;

    private boolean failed;

    @Override
    protected Figures measure() throws IOException {
        check(
                rounds > 0 && rounds <= MAX_ROUNDS,
                "--rounds=%s must be in [1, %s]. Maybe 20?",
                rounds,
                MAX_ROUNDS);
        check(
                roundsPerLife > 0 && roundsPerLife <= 200,
                "--rounds-per-life=%s must be in [1, 200]. Maybe 40?",
                roundsPerLife);
        Path folder =
                directory == null
                        ? Files.createTempDirectory("novacron-lifecycle-")
                        : Files.createTempDirectory(directory, "novacron-lifecycle-");
        try {
            return run(folder);
        } finally {
            if (!keep || !failed) {
                delete(folder);
            }
        }
    }

    private Figures run(Path folder) throws IOException {
        var random = new SplittableRandom(seed);
        var daemonImage = ServerImage.in(folder.resolve("daemon-image"), RehearsalDaemonMain.class);
        var agentsImage = ServerImage.in(folder.resolve("agents-image"), RehearsalAgentsMain.class);
        archive(folder.resolve("trial"), daemonImage, agentsImage);
        var total = new Total();
        long startNs = System.nanoTime();
        for (int done = 0, life = 1; done < rounds; life++) {
            int now = Math.min(roundsPerLife, rounds - done);
            Path home = folder.resolve("life-" + life);
            try (var lives =
                    new RehearsalRounds(
                            home,
                            daemonImage,
                            agentsImage,
                            random.split(),
                            line -> report("%s", line))) {
                lives.run(now);
                total.add(lives);
                lives.check().problems().stream()
                        .limit(PROBLEMS_SHOWN)
                        .forEach(problem -> report("%s", problem));
            }
            done += now;
            report(
                    "%d rounds: %d approved, %d repeated, %d lost, %d with a wrong end; %.1f s a round",
                    done,
                    total.approved,
                    total.repeated,
                    total.lost,
                    total.wrongEndState,
                    (System.nanoTime() - startNs) / 1e9 / done);
            if (!total.failed() || !keep) {
                delete(home);
            }
        }
        failed = total.failed();
        return total.figures(rounds, seed);
    }

    /// Two lives of each, so that later ones need not load and compile what these did.
    private static void archive(Path folder, ServerImage daemonImage, ServerImage agentsImage)
            throws IOException {
        Files.createDirectories(folder);
        try (var daemon =
                        new Child(
                                daemonImage.archiving(),
                                folder.resolve("daemon.log"),
                                line -> line.startsWith("shift") || line.startsWith("told"));
                var agents =
                        new Child(
                                agentsImage.archiving(),
                                folder.resolve("agents.log"),
                                _ -> false)) {
            int port;
            try (var socket =
                    new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
                port = socket.getLocalPort();
            }
            daemon.ask("open %s %d %d %d 0".formatted(folder, port, 6, 1), "serving");
            agents.ask(
                    "open %s %d %d %d 1".formatted(folder, port, RehearsalRounds.HOSTS, 6),
                    "agents");
            for (int i = 0; i < 200 && !daemon.ask("rows 1", "rows ").contains("KEPT"); i++) {
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
            }
            daemon.end();
            agents.end();
        }
    }

    /// Sums over lives.
    private static final class Total {
        private final Map<LifecycleState, Long> found = new EnumMap<>(LifecycleState.class);
        private final Map<LifecycleState, Long> ends = new EnumMap<>(LifecycleState.class);
        private int approved;
        private int repeated;
        private int lost;
        private int wrongEndState;
        private int auditBroken;
        private int daemonKills;
        private int agentKills;
        private int stops;

        void add(RehearsalRounds life) throws IOException {
            approved += life.check().approved();
            repeated += life.check().repeated();
            lost += life.check().lost();
            wrongEndState += life.check().wrongEndState();
            auditBroken += life.auditProblems() + Math.toIntExact(life.auditsSaidBroken());
            daemonKills += life.daemonKills();
            agentKills += life.agentKills();
            stops += life.stops();
            life.foundAfterKill().forEach((state, count) -> found.merge(state, count, Long::sum));
            life.check().ends().forEach((state, count) -> ends.merge(state, count, Long::sum));
        }

        boolean failed() {
            return repeated + lost + wrongEndState + auditBroken > 0;
        }

        Figures figures(int rounds, long seed) {
            var figures =
                    new Figures("lifecycle-faults")
                            .add("rounds", rounds)
                            .add("repeated", repeated)
                            .add("lost", lost)
                            .add("wrongEndState", wrongEndState)
                            .add("auditBroken", auditBroken)
                            .add("approved", approved)
                            .add("daemonKills", daemonKills)
                            .add("agentKills", agentKills)
                            .add("stopsInOrder", stops)
                            .add("seed", seed);
            ends.forEach((state, count) -> figures.add("ended." + state, count));
            found.forEach((state, count) -> figures.add("found." + state, count));
            return figures;
        }
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
