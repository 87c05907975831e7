package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Rejects a recommendation.
@Command(name = "reject", description = "Reject a recommendation.")
final class RejectCommand extends QueryCommand {
    @Parameters(paramLabel = "ID", description = "Number of the recommendation.")
    private long id;

    @Mixin private final Verdict verdict = new Verdict();

    @Override
    JsonNode ask(RestClient client) {
        return client.post("/api/v1/decisions/%d:reject".formatted(id), verdict.body());
    }

    @Override
    void show(JsonNode decision, PrintWriter out) {
        Decisions.full(decision, out);
    }
}
