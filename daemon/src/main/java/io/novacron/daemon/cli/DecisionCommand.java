package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// One decision in full.
@Command(
        name = "decision",
        description = "Show one decision: reasons, cost, benefit and every step of its lifecycle.")
final class DecisionCommand extends QueryCommand {
    @Parameters(paramLabel = "ID", description = "Number of the decision.")
    private long id;

    @Override
    JsonNode ask(RestClient client) {
        return client.get("/api/v1/decisions/" + id);
    }

    @Override
    void show(JsonNode decision, PrintWriter out) {
        Decisions.full(decision, out);
    }
}
