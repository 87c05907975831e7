package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.ReplayedFleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.statistics.Counter;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Rebuilds a fleet store from a journal that is only read, as fast as it goes; time is that of the
/// records. The same journal always ends in the same hash, and that is the live daemon's at the
/// same tick.
@Command(
        name = "replay",
        description = "Rebuild the fleet store from a journal; prints its speed and a hash")
final class JournalReplayCommand implements Callable<Integer> {
    private static final double NS_PER_SECOND = 1e9;
    private static final double MS_PER_SECOND = 1e3;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"--journal", "--data"},
            description = "Folder of the journal, or the data folder of the daemon")
    private @Nullable Path journal;

    @Option(
            names = "--config",
            description = "The daemon's configuration, for its limits; default: the usual ones")
    private @Nullable Path config;

    @Option(
            names = "--from-checkpoint",
            description = "Begin from the newest checkpoint that can be used")
    private boolean fromCheckpoint;

    @Option(names = "--json", description = "End with one JSON line of figures")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Map<String, Object> figures = replay(JournalCommand.folder(journal), limits());
        if (json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("benchmark", "journal-replay");
            line.put("figures", figures);
            out.println(new ObjectMapper().writeValueAsString(line));
        } else {
            figures.forEach((name, value) -> out.printf("%-24s %s%n", name, value));
        }
        out.flush();
        return 0;
    }

    private FleetConfig limits() {
        DaemonConfig from = config == null ? DaemonConfig.DEFAULT : DaemonConfig.load(config);
        return new FleetConfig(
                from.agents().maxAgents(),
                from.store().maxEntities(),
                from.agents().maxEntitiesPerAgent(),
                FleetConfig.DEFAULT.vanishedGrace(),
                from.store().forgetAfter());
    }

    private Map<String, Object> replay(Path folder, FleetConfig limits) throws IOException {
        var ticks = new Ticks();
        var threads = ManagementFactory.getThreadMXBean();
        long startNs = System.nanoTime();
        long startCpuNs = threads.getCurrentThreadCpuTime();
        try (var fleet =
                fromCheckpoint
                        ? ReplayedFleet.openFromCheckpoint(folder, limits, ticks)
                        : ReplayedFleet.open(folder, limits, ticks)) {
            while (fleet.advance()) {
                // to the end
            }
            double seconds = (System.nanoTime() - startNs) / NS_PER_SECOND;
            double cpuSeconds = (threads.getCurrentThreadCpuTime() - startCpuNs) / NS_PER_SECOND;
            double coveredSeconds = (ticks.lastMs - ticks.firstMs) / MS_PER_SECOND;
            long samples = fleet.statistics().get(Counter.SAMPLES_APPLIED);
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("records", fleet.recordsApplied());
            figures.put("ticks", ticks.count);
            figures.put("samples", samples);
            figures.put("checkpointRecord", fleet.checkpointOrdinal());
            figures.put("seconds", rounded(seconds));
            figures.put("cpuSeconds", rounded(cpuSeconds));
            figures.put("samplesPerSecond", Math.round(samples / seconds));
            figures.put("samplesPerCpuSecond", Math.round(samples / cpuSeconds));
            figures.put("replayRatio", rounded(coveredSeconds / cpuSeconds));
            try (FleetView view = fleet.store().pin()) {
                figures.put("tick", view.tick());
                figures.put("stateHash", "%016x".formatted(view.stateHash()));
            }
            return figures;
        }
    }

    private static double rounded(double value) {
        return Math.round(value * MS_PER_SECOND) / MS_PER_SECOND;
    }

    /// Counts ticks and the time that they cover.
    private static final class Ticks implements IngestListener {
        private long count;
        private long firstMs;
        private long lastMs;

        @Override
        public void onTick(long tick, long timeMs, boolean replaying) {
            firstMs = count == 0 ? timeMs : firstMs;
            lastMs = timeMs;
            count++;
        }
    }
}
