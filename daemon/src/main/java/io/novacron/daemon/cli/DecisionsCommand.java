package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Every decision with its state, newest first.
@Command(name = "decisions", description = "List the decisions with their state, newest first.")
final class DecisionsCommand extends QueryCommand {
    @Option(names = "--limit", paramLabel = "N", description = "At most N.")
    private int limit;

    @Override
    JsonNode ask(RestClient client) {
        return client.get("/api/v1/decisions?limit=" + limit);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
        Decisions.table(answer.path("decisions"), out, "No decision yet.");
    }
}
