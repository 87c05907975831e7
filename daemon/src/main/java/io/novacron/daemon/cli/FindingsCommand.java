package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What the last tick noticed.
@Command(
        name = "findings",
        description = "List anomalies, bottlenecks, waste and shortfalls of the last tick.")
final class FindingsCommand extends QueryCommand {
    @Option(names = "--limit", paramLabel = "N", description = "At most N findings.")
    private int limit;

    @Override
    JsonNode ask(RestClient client) {
        return client.get("/api/v1/findings?limit=" + limit);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
        var table = new Table("TIME", "KIND", "ENTITY", "METRIC", ">SCORE", "TEXT");
        for (var finding : answer.path("findings")) {
            table.row(
                    Words.time(finding, "atMs"),
                    Words.text(finding, "kind"),
                    Words.text(finding, "name"),
                    Words.text(finding, "metric"),
                    String.format(Locale.ROOT, "%.2f", Words.number(finding.path("score"))),
                    Words.text(finding, "text"));
        }
        table.print(out, "Nothing found at the last tick.");
    }
}
