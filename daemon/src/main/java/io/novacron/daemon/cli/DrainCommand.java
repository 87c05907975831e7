package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Empties a host, shows how far that is, or lets the host take vms again.
@Command(
        name = "drain",
        description =
                "Empty a host by waves of live migrations and keep it empty; without HOST, show what is being emptied, what stays and why.")
final class DrainCommand extends QueryCommand {
    @Parameters(arity = "0..1", paramLabel = "HOST", description = "Name or UUID.")
    private @Nullable String host;

    @Option(names = "--end", description = "Let the host take vms again.")
    private boolean end;

    @Option(
            names = "--in-window",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description =
                    "Begin when the host is predicted to be used least for so long, within a day.")
    private @Nullable Duration window;

    @Mixin private final Verdict verdict = new Verdict();

    @Override
    JsonNode ask(RestClient client) {
        if (host == null) {
            return client.get("/api/v1/drains");
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.setAll((ObjectNode) verdict.body());
        if (window != null && !end) {
            JsonNode best =
                    WindowCommand.find(client, host, window, Duration.ofDays(1))
                            .path("windows")
                            .path(0);
            if (best.isMissingNode()) {
                throw new CliFailure(
                        CliFailure.FAILED,
                        "NOT_FOUND",
                        "nothing is predicted for host %s yet. Maybe leave --in-window out?"
                                .formatted(host));
            }
            body.put("fromMs", best.path("fromMs").asText());
        }
        return client.post(
                "/api/v1/hosts/%s:%s".formatted(RestClient.encode(host), end ? "undrain" : "drain"),
                body);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
        if (host != null) {
            String name = answer.path("hostName").asText();
            out.println(
                    end
                            ? name + " takes vms again."
                            : "%s is emptied from %s; see: novacron drain"
                                    .formatted(name, Words.time(answer, "fromMs")));
            return;
        }
        var table = new Table("HOST", "FROM", "WHO", ">VMS LEFT", "UNDER WAY", "REASON");
        for (var drain : answer.path("drains")) {
            var underWay = new ArrayList<String>();
            drain.path("underWay").forEach(id -> underWay.add(id.asText()));
            table.row(
                    Words.text(drain, "hostName"),
                    Words.time(drain, "fromMs"),
                    Words.text(drain, "who"),
                    drain.path("vmsLeft").asText("0"),
                    String.join(", ", underWay),
                    drain.path("reason").asText());
        }
        table.print(out, "No host is being emptied.");
        for (var drain : answer.path("drains")) {
            for (var stay : drain.path("stays")) {
                out.printf(
                        "%s stays: %s%n",
                        stay.path("vmName").asText(), stay.path("reason").asText());
            }
        }
    }
}
