package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Open recommendations, best first.
@Command(name = "recommendations", description = "List the open recommendations, best first.")
final class RecommendationsCommand extends QueryCommand {
    @Option(names = "--limit", paramLabel = "N", description = "At most N.")
    private int limit;

    @Override
    JsonNode ask(RestClient client) {
        return client.get("/api/v1/recommendations?limit=" + limit);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
        Decisions.table(answer.path("decisions"), out, "No open recommendation.");
    }
}
