package io.novacron.training;

import io.novacron.ingest.IngestListener;
import io.novacron.ingest.ReplayedFleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.training.history.HistoryArchive;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `novacron history`: what the fleet store forgets, kept as Parquet.
@Command(
        name = "history",
        mixinStandardHelpOptions = true,
        description = "Keeps the fleet's history as Parquet, for training and other engines.",
        subcommands = HistoryCommand.Export.class)
public final class HistoryCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// Days of a fleet store, out of its newest checkpoint and what the journal holds after it.
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "Writes each day that is over and not there yet, one partition each.",
            footer = {
                "",
                "Reads the newest checkpoint and the journal after it, of a running daemon or a stopped one.",
                "OUT/samples/date=D/part-N.parquet has a row for each entity and 5 minutes: mean and maximum of the",
                "forecast metrics. OUT/entities/date=D/entities.parquet says what the entities were. Days are those of UTC.",
                "The store looks back 7 days: run this once a day, and `novacron train --data OUT` whenever."
            })
    static final class Export implements Callable<Integer> {
        private static final int MAX_KEEP = 36_600;
        // Limits of a store that takes whatever a daemon took.
        private static final FleetConfig ANY =
                new FleetConfig(
                        1 << 17, 1 << 20, 65_535, Duration.ofMinutes(10), Duration.ofDays(7));

        @Spec private CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--data",
                required = true,
                paramLabel = "DIR",
                description = "Data folder of the daemon, or its journal.")
        private Path data = Path.of("");

        @Option(
                names = "--out",
                required = true,
                paramLabel = "OUT",
                description = "Folder of the history.")
        private Path out = Path.of("");

        @Option(
                names = "--keep",
                defaultValue = "400",
                paramLabel = "DAYS",
                description = "Deletes days older than this. Default: ${DEFAULT-VALUE}")
        private int keep = 400;

        @Option(names = "--json", description = "End with one JSON line of figures.")
        private boolean json;

        @Override
        public Integer call() {
            PrintWriter progress = spec.commandLine().getErr();
            try {
                if (keep < 1 || keep > MAX_KEEP) {
                    throw new IllegalArgumentException(
                            "--keep=%d must be in [1, %d]".formatted(keep, MAX_KEEP));
                }
                report(export(journal()));
                return 0;
            } catch (IOException | IllegalArgumentException e) {
                progress.println("history export: " + e.getMessage());
                progress.flush();
                return 1;
            }
        }

        private Path journal() {
            Path inside = data.resolve("journal");
            if (Files.isDirectory(inside)) {
                return inside;
            }
            if (Files.isDirectory(data)) {
                return data;
            }
            throw new IllegalArgumentException(
                    "--data=%s is not a folder. Maybe it is data-directory of the configuration?"
                            .formatted(data));
        }

        private HistoryArchive.Result export(Path journal) throws IOException {
            say("reading " + journal);
            try (var fleet = ReplayedFleet.openFromCheckpoint(journal, ANY, IngestListener.DEAF)) {
                while (fleet.advance()) {
                    // to the end
                }
                try (FleetView view = fleet.store().pin()) {
                    return new HistoryArchive(out, MetricCatalogue.INSTANCE)
                            .write(view, keep, this::say);
                }
            }
        }

        private void say(String line) {
            PrintWriter progress = spec.commandLine().getErr();
            progress.println(line);
            progress.flush();
        }

        private void report(HistoryArchive.Result result) {
            PrintWriter output = spec.commandLine().getOut();
            if (json) {
                Map<String, Object> figures = new LinkedHashMap<>();
                figures.put("days", result.days().size());
                figures.put("rows", result.rows());
                figures.put("bytes", result.bytes());
                figures.put("daysDeleted", result.deleted().size());
                output.println(JsonLine.of("history-export", figures));
            } else if (result.days().isEmpty()) {
                output.println("nothing to write: no day is over that is not in " + out);
            } else {
                output.printf(
                        "%d days, %,d rows, %,d bytes; %d old days deleted%n",
                        result.days().size(),
                        result.rows(),
                        result.bytes(),
                        result.deleted().size());
            }
            output.flush();
        }
    }
}
