package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.audit.AuditAnchor.Head;
import io.novacron.daemon.audit.AuditVerification;
import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.config.DaemonConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Checks or prints the audit log, of a running daemon or of a stopped one.
@Command(
        name = "audit",
        description = "Verify or export the audit log, in use or not",
        subcommands = {AuditCommand.Verify.class, AuditCommand.Export.class})
public final class AuditCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// Where the log and its anchor are.
    static final class Place {
        @Option(names = "--dir", description = "Data folder of the daemon")
        private @Nullable Path folder;

        @Option(
                names = "--config",
                description = "Configuration of the daemon, for data-directory and audit.anchor")
        private @Nullable Path config;

        Path log() {
            Path data = folder;
            if (data == null && config != null) {
                data = DaemonConfig.load(config).dataDirectory();
            }
            return (data == null ? usual() : data).resolve("audit.jsonl");
        }

        /// That of `novacron up`, else the service's.
        private static Path usual() {
            String home = System.getenv("NOVACRON_HOME");
            Path up = home == null ? Path.of(".novacron") : Path.of(home, ".novacron");
            Path ofUp = up.resolve("daemon");
            return Files.isDirectory(ofUp) ? ofUp : DaemonConfig.DEFAULT.dataDirectory();
        }

        Path anchor() {
            var settings = config == null ? AuditConfig.DEFAULT : DaemonConfig.load(config).audit();
            return settings.anchorOf(log());
        }

        Path existingLog() {
            Path log = log();
            if (!Files.exists(log)) {
                throw new CliFailure(
                        CliFailure.FAILED,
                        "NOT_FOUND",
                        "%s does not exist. Maybe --dir must be data-directory of the configuration?"
                                .formatted(log));
            }
            return log;
        }
    }

    /// Finds every edit, cut and reorder.
    @Command(
            name = "verify",
            description =
                    "Check every record's hash, the chain, and its head against the anchor;"
                            + " exit code 1 when anything is broken")
    static final class Verify implements Callable<Integer> {
        private static final Pattern KNOWN = Pattern.compile("(\\d{1,18}):([0-9a-f]{64})");

        @Spec private @Nullable CommandSpec spec;

        @Mixin private final Place place = new Place();

        @Option(names = "--anchor", description = "File with the head, instead of audit.anchor")
        private @Nullable Path anchor;

        @Option(
                names = "--head",
                paramLabel = "LINES:HASH",
                description = "A head that was kept elsewhere, e.g. from /health; may be repeated")
        private List<String> heads = new ArrayList<>();

        @Option(names = "--json", description = "End with one JSON line of figures")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            CommandLine command = Objects.requireNonNull(spec).commandLine();
            PrintWriter out = command.getOut();
            var result =
                    AuditVerification.of(
                            place.log(),
                            anchor == null ? place.anchor() : anchor,
                            heads.stream().map(Verify::head).toList());
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("records", result.records());
            figures.put("broken", result.broken());
            figures.put("firstRecord", result.firstRecord());
            figures.put("anchoredRecords", result.anchored());
            PrintWriter words = json ? command.getErr() : out;
            result.problems().forEach(words::println);
            if (json) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("benchmark", "audit-verify");
                line.put("figures", figures);
                out.println(new ObjectMapper().writeValueAsString(line));
            } else {
                figures.forEach((name, value) -> out.printf("%-20s %s%n", name, value));
                out.printf("%-20s %s%n", "head", result.head());
                out.println(result.ok() ? "the chain is whole" : "THE CHAIN IS BROKEN");
            }
            words.flush();
            out.flush();
            return result.ok() ? 0 : CliFailure.FAILED;
        }

        private static Head head(String text) {
            var known = KNOWN.matcher(text);
            if (!known.matches()) {
                throw new CliFailure(
                        CliFailure.FAILED,
                        "INVALID_ARGUMENT",
                        "--head=%s must be a number of lines, a colon and 64 hexadecimal digits. Maybe take it from the component audit of /health?"
                                .formatted(text));
            }
            return new Head(Long.parseLong(known.group(1)), known.group(2));
        }
    }

    /// Prints records as they are, so that their hashes can be checked anywhere.
    @Command(
            name = "export",
            description = "Print records as JSON lines, as they are in the log, hashes included")
    static final class Export implements Callable<Integer> {
        @Spec private @Nullable CommandSpec spec;

        @Mixin private final Place place = new Place();

        @Option(names = "--from", paramLabel = "TIME", description = "e.g. 2026-11-01T00:00:00Z")
        private @Nullable String from;

        @Option(names = "--to", paramLabel = "TIME", description = "Before this time")
        private @Nullable String to;

        @Option(names = "--decision", paramLabel = "ID", description = "Of one decision")
        private @Nullable Long decision;

        @Option(names = "--out", paramLabel = "FILE", description = "Instead of standard output")
        private @Nullable Path file;

        @Override
        public Integer call() throws IOException {
            long fromMs = time("--from", from, Long.MIN_VALUE);
            long toMs = time("--to", to, Long.MAX_VALUE);
            Path log = place.existingLog();
            CommandLine command = Objects.requireNonNull(spec).commandLine();
            Path target = file;
            if (target == null) {
                export(log, fromMs, toMs, command.getOut());
                command.getOut().flush();
                return 0;
            }
            long lines;
            try (var out = new PrintWriter(Files.newBufferedWriter(target))) {
                lines = export(log, fromMs, toMs, out);
                if (out.checkError()) {
                    throw new IOException("%s cannot be written".formatted(target));
                }
            }
            command.getErr().printf("%d records in %s%n", lines, target);
            command.getErr().flush();
            return 0;
        }

        private long export(Path log, long fromMs, long toMs, PrintWriter out) throws IOException {
            var mapper = new ObjectMapper();
            long lines = 0;
            try (BufferedReader reader = Files.newBufferedReader(log)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    JsonNode read = mapper.readTree(line);
                    long atMs = read.path("atMs").asLong();
                    boolean wanted =
                            read.has("line")
                                    && atMs >= fromMs
                                    && atMs < toMs
                                    && (decision == null
                                            || read.path("decision").asLong() == decision);
                    if (wanted) {
                        out.print(line);
                        out.print('\n');
                        lines++;
                    }
                }
            }
            return lines;
        }

        private static long time(String option, @Nullable String text, long otherwise) {
            if (text == null) {
                return otherwise;
            }
            try {
                return Instant.parse(text).toEpochMilli();
            } catch (DateTimeParseException _) {
                throw new CliFailure(
                        CliFailure.FAILED,
                        "INVALID_ARGUMENT",
                        "%s=%s is not a time. Maybe 2026-11-01T00:00:00Z?".formatted(option, text));
            }
        }
    }
}
