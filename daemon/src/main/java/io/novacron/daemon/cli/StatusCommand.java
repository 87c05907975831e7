package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Command;

/// Health, load and progress of the daemon.
@Command(name = "status", description = "Show the daemon's health, load and progress.")
final class StatusCommand extends QueryCommand {
    @Override
    JsonNode ask(RestClient client) {
        return client.get("/api/v1/status");
    }

    @Override
    void show(JsonNode status, PrintWriter out) {
        long upMs = status.path("clockMs").asLong() - status.path("startedAtMs").asLong();
        out.printf(
                "NovaCron %s, up %s, tick %s%n",
                Words.text(status, "version"),
                Words.duration(Duration.ofMillis(Math.max(0, upMs))),
                Words.text(status, "tick"));
        out.printf(
                "%s hosts, %s vms, %s samples, %s forecasts, %s recommendations%n",
                Words.text(status, "hosts"),
                Words.text(status, "vms"),
                Words.text(status, "samplesIngested"),
                Words.text(status, "forecasts"),
                Words.text(status, "recommendations"));
        out.printf(
                Locale.ROOT,
                "%.2f %% of one core, %s resident%n%n",
                Words.number(status.path("cpuPercentOfCore")),
                Words.bytes(status, "rssBytes"));
        var table = new Table("STAGE", "STATE", "REASON");
        for (var component : status.path("components")) {
            table.row(
                    Words.text(component, "name"),
                    Words.text(component, "state"),
                    component.path("reason").asText());
        }
        table.print(out, "No stage has reported yet.");
    }
}
