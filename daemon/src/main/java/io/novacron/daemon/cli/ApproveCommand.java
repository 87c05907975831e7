package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Approves a recommendation, which is then carried out.
@Command(name = "approve", description = "Approve a recommendation; it is dispatched to its agent.")
final class ApproveCommand extends QueryCommand {
    @Parameters(paramLabel = "ID", description = "Number of the recommendation.")
    private long id;

    @Mixin private final Verdict verdict = new Verdict();

    @Override
    JsonNode ask(RestClient client) {
        return client.post("/api/v1/decisions/%d:approve".formatted(id), verdict.body());
    }

    @Override
    void show(JsonNode decision, PrintWriter out) {
        Decisions.full(decision, out);
    }
}
