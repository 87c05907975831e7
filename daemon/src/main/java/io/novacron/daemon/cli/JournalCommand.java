package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.ingest.journal.JournalDump;
import io.novacron.ingest.journal.JournalVerification;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Looks into a journal, of a running daemon or of a stopped one.
@Command(
        name = "journal",
        description = "Verify, print or replay a journal, in use or not",
        subcommands = {
            JournalCommand.Verify.class,
            JournalCommand.Dump.class,
            JournalReplayCommand.class
        })
public final class JournalCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// The folder of the journal: as told, else that of `novacron up`, else the service's.
    static Path folder(@Nullable Path data) {
        if (data != null) {
            return existing(data);
        }
        String home = System.getenv("NOVACRON_HOME");
        Path up = home == null ? Path.of(".novacron") : Path.of(home, ".novacron");
        Path ofUp = up.resolve("daemon").resolve("journal");
        return Files.isDirectory(ofUp) ? ofUp : existing(Path.of("/var/lib/novacron"));
    }

    private static Path existing(Path data) {
        Path inside = data.resolve("journal");
        if (Files.isDirectory(inside)) {
            return inside;
        }
        if (Files.isDirectory(data)) {
            return data;
        }
        throw new CliFailure(
                CliFailure.FAILED,
                "NOT_FOUND",
                "--data=%s is not a folder. Maybe it is data-directory of the configuration?"
                        .formatted(data));
    }

    /// Holds the journal against what agents were promised.
    @Command(
            name = "verify",
            description = "Check that every acknowledged frame is there, and only once")
    static final class Verify implements Callable<Integer> {
        @Spec private @Nullable CommandSpec spec;

        @Option(names = "--data", description = "Data folder of the daemon")
        private @Nullable Path data;

        @Option(names = "--json", description = "End with one JSON line of figures")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            var result = JournalVerification.of(folder(data));
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("framesAcknowledged", result.framesAcknowledged());
            figures.put("framesJournaled", result.framesJournaled());
            figures.put("missing", result.missing());
            figures.put("duplicated", result.duplicated());
            figures.put("firstRecord", result.firstOrdinal());
            figures.put("records", result.records());
            figures.put("recordsDamaged", result.recordsDamaged());
            figures.put("recordsLost", result.recordsLost());
            figures.put("tailsCut", result.tailsCut());
            figures.put("spools", result.spools().size());
            if (json) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("benchmark", "journal-verify");
                line.put("figures", figures);
                out.println(new ObjectMapper().writeValueAsString(line));
            } else {
                figures.forEach((name, value) -> out.printf("%-20s %s%n", name, value));
                for (var spool : result.spools()) {
                    if (spool.missing() + spool.duplicated() > 0) {
                        out.printf(
                                "agent %s epoch %x: %d missing, %d twice%n",
                                spool.agentId(),
                                spool.spoolEpoch(),
                                spool.missing(),
                                spool.duplicated());
                    }
                }
                if (result.firstOrdinal() > 1) {
                    out.printf("records before %d are retired%n", result.firstOrdinal());
                }
                out.println(result.ok() ? "every promise is kept" : "A PROMISE IS BROKEN");
            }
            out.flush();
            return result.ok() ? 0 : CliFailure.FAILED;
        }
    }

    /// Prints records, one a line.
    @Command(name = "dump", description = "Print records, one a line")
    static final class Dump implements Callable<Integer> {
        @Spec private @Nullable CommandSpec spec;

        @Option(names = "--data", description = "Data folder of the daemon")
        private @Nullable Path data;

        @Option(names = "--from", defaultValue = "1", description = "First record")
        private long from = 1;

        @Option(names = "--limit", defaultValue = "100", description = "Most records to print")
        private long limit = 100;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            JournalDump.print(folder(data), from, limit, out::println);
            out.flush();
            return 0;
        }
    }
}
