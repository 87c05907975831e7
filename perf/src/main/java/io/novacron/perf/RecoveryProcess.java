package io.novacron.perf;

import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.service.Daemon;
import io.novacron.daemon.service.WarmUp;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.checkpoint.CheckpointConfig;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.JournalConfig;
import io.novacron.ingest.statistics.Counter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;

/// The process that [RecoveryBench] kills, and those that start after it.
final class RecoveryProcess {
    static final String SERVING = "serving ";
    static final String ANSWER = "answer ";
    static final FleetConfig FLEET =
            new FleetConfig(10_000, 110_000, 4_096, Duration.ofMinutes(10), Duration.ofDays(1));

    private static final long POLL_NS = 1_000_000;

    private RecoveryProcess() {}

    /// `prepare FOLDER AGENTS MINUTES TAIL-MINUTES`, `ingest FOLDER` or `daemon FOLDER`; then it
    /// waits to be killed.
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "prepare" ->
                    prepare(
                            folder,
                            Integer.parseInt(arguments[2]),
                            Integer.parseInt(arguments[3]),
                            Integer.parseInt(arguments[4]));
            case "ingest" -> startIngest(folder);
            default -> startDaemon(folder);
        }
        while (true) {
            LockSupport.park();
        }
    }

    static Path journal(Path folder) {
        return folder.resolve("journal");
    }

    /// A checkpoint is written when it is asked for, at no other time.
    private static IngestConfig config(Path folder) {
        return IngestConfig.defaults(JournalConfig.in(journal(folder)), FLEET)
                .withCheckpoint(new CheckpointConfig(Duration.ofDays(1), 2));
    }

    private static void prepare(Path folder, int agents, int minutes, int tailMinutes)
            throws IOException {
        var clock = new FleetClock();
        var load = new LoadGenerator(FleetClock.ROUND);
        Ingest ingest = Ingest.open(config(folder), clock, IngestListener.DEAF, null);
        ingest.start();
        var server = new InetSocketAddress("127.0.0.1", ingest.port());
        for (int agent = 0; agent < agents; agent++) {
            load.connect(server);
        }
        var rounds = new LoadRounds(ingest, load, clock);
        rounds.runRounds(minutes - 1);
        ingest.requestCheckpoint();
        rounds.runRounds(1);
        rounds.runRounds(tailMinutes);
        while (ingest.statistics().get(Counter.CHECKPOINTS_WRITTEN) == 0) {
            if (ingest.statistics().get(Counter.CHECKPOINTS_FAILED) > 0) {
                throw new IOException("the checkpoint failed");
            }
            LockSupport.parkNanos(POLL_NS);
        }
        answer(hash(ingest));
    }

    private static void startIngest(Path folder) throws IOException {
        Ingest ingest =
                Ingest.open(config(folder), InstantSource.system(), IngestListener.DEAF, null);
        ingest.start();
        sayServing();
        Ingest.StartedFrom from = ingest.startedFrom();
        if (from.checkpointOrdinal() == 0) {
            throw new IOException("the start did not begin from a checkpoint");
        }
        answer(hash(ingest) + " " + from.tailRecords());
    }

    private static void startDaemon(Path folder) throws IOException {
        WarmUp.begin(); // as the command does
        var config =
                DaemonConfig.parse(
                        """
                        data-directory: %s
                        agents: {listen: "127.0.0.1:0"}
                        control: {listen: "127.0.0.1:0"}
                        query: {listen: "127.0.0.1:0"}
                        tick: {interval: 1h}
                        """
                                .formatted(folder));
        Daemon daemon = Daemon.start(config, InstantSource.system(), "bench");
        sayServing();
        answer(Integer.toString(daemon.agentPort()));
    }

    private static String hash(Ingest ingest) {
        try (FleetView view = ingest.store().pin()) {
            return Long.toHexString(view.stateHash());
        }
    }

    /// The ports are open; with the CPU time that it took this process to come there.
    private static void sayServing() {
        Duration used = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        say(SERVING + used.toMillis());
    }

    private static void answer(String text) {
        say(ANSWER + text);
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
