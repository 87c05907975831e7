package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// When a host is predicted to be used least, for maintenance.
@Command(
        name = "window",
        description = "Find when a host is predicted to be used least, the best time first.")
final class WindowCommand extends QueryCommand {
    @Parameters(paramLabel = "HOST", description = "Name or UUID.")
    private String host = "";

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "2h",
            converter = DurationConverter.class,
            description = "How long the work takes, in whole hours (default: ${DEFAULT-VALUE}).")
    private Duration duration = Duration.ofHours(2);

    @Option(
            names = "--within",
            paramLabel = "TIME",
            defaultValue = "24h",
            converter = DurationConverter.class,
            description = "How far ahead to look, at most 7d (default: ${DEFAULT-VALUE}).")
    private Duration within = Duration.ofHours(24);

    @Override
    JsonNode ask(RestClient client) {
        return find(client, host, duration, within);
    }

    static JsonNode find(RestClient client, String host, Duration duration, Duration within) {
        return client.get(
                "/api/v1/hosts/%s/windows?duration_seconds=%d&within_seconds=%d"
                        .formatted(
                                RestClient.encode(host), duration.toSeconds(), within.toSeconds()));
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
        var table = new Table("FROM", "TO", ">PEAK", ">MEAN");
        for (var window : answer.path("windows")) {
            table.row(
                    Words.time(window, "fromMs"),
                    Words.time(window, "toMs"),
                    percent(window, "peakPercent"),
                    percent(window, "meanPercent"));
        }
        table.print(out, "Nothing is predicted for this host yet.");
    }

    private static String percent(JsonNode window, String name) {
        return String.format(Locale.ROOT, "%.0f %%", window.path(name).asDouble());
    }
}
