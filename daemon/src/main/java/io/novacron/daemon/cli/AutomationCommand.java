package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Shows, stops or resumes what is done without a person.
@Command(
        name = "automation",
        description = "Show what is done without a person; stop it all at once, or let it go on.")
final class AutomationCommand extends QueryCommand {
    /// What to do.
    enum Verb {
        SHOW,
        STOP,
        RESUME
    }

    @Parameters(
            arity = "0..1",
            paramLabel = "show|stop|resume",
            defaultValue = "show",
            description = "stop is the kill switch; it holds at once and after a restart.")
    private Verb verb = Verb.SHOW;

    @Mixin private final Verdict verdict = new Verdict();

    @Override
    JsonNode ask(RestClient client) {
        return verb == Verb.SHOW
                ? client.get("/api/v1/automation")
                : client.post(
                        "/api/v1/automation:" + verb.name().toLowerCase(Locale.ROOT),
                        verdict.body());
    }

    @Override
    void show(JsonNode automation, PrintWriter out) {
        boolean stopped = automation.path("stopped").asBoolean();
        out.printf(
                "Mode %s, %s%n",
                automation.path("mode").asText(), stopped ? "STOPPED" : "not stopped");
        if (!automation.path("who").asText().isEmpty()) {
            out.printf(
                    "%s by %s at %s: %s%n",
                    stopped ? "Stopped" : "Resumed",
                    automation.path("who").asText(),
                    Words.time(automation, "sinceMs"),
                    automation.path("reason").asText());
        }
        automation.path("allow").forEach(rule -> out.printf("Allows %s%n", rule.asText()));
        out.printf(
                "%s approvals without a person since the start%n",
                automation.path("approvals").asText("0"));
        if (automation.path("mode").asText().equals("observe")) {
            out.printf(
                    Locale.ROOT,
                    "Would have saved %.1f vCPU hours and %.1f GiB hours since %s; %s changes are advised now%n",
                    automation.path("observedVcpuHours").asDouble(),
                    automation.path("observedMemoryGibHours").asDouble(),
                    Words.time(automation, "observedSinceMs"),
                    automation.path("observedChanges").asText("0"));
        }
    }
}
