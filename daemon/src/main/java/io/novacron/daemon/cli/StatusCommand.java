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

    private static void tracks(JsonNode status, PrintWriter out) {
        var table =
                new Table(
                        "ACTION",
                        ">KEPT",
                        ">MEASURED",
                        ">BROKEN",
                        ">VCPUS FREED",
                        ">VCPU HOURS",
                        ">GIB FREED",
                        ">GIB HOURS",
                        ">CONFIDENCE");
        for (var track : status.path("tracks")) {
            table.row(
                    Words.lower(track, "type"),
                    Words.text(track, "kept"),
                    Words.text(track, "measured"),
                    Words.text(track, "broken"),
                    decimal(track.path("vcpusFreed").asDouble()),
                    decimal(track.path("vcpuHours").asDouble()),
                    decimal(track.path("memoryFreedBytes").asDouble() / (1L << 30)),
                    decimal(track.path("memoryGibHours").asDouble()),
                    "× %.2f".formatted(track.path("confidenceFactor").asDouble()));
        }
        table.print(out, "");
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
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
        if (!status.path("tracks").isEmpty()) {
            out.println();
            tracks(status, out);
        }
    }
}
