package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// When the fleet, groups of hosts and hosts run out.
@Command(
        name = "capacity",
        description = "Show when hosts, groups of them and the fleet run out of CPU and memory.")
final class CapacityCommand extends QueryCommand {
    @Option(
            names = "--by",
            paramLabel = "LABEL",
            description = "A label of hosts, such as rack: also a row for each of its values.")
    private String by = "";

    @Option(names = "--hosts", description = "Also a row for each host.")
    private boolean hosts;

    @Option(
            names = "--limit-percent",
            paramLabel = "P",
            defaultValue = "90",
            description = "Used up means a peak hour of P percent (default: ${DEFAULT-VALUE}).")
    private double limitPercent;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "90",
            description = "Look N days ahead, at most 90 (default: ${DEFAULT-VALUE}).")
    private int days;

    @Override
    JsonNode ask(RestClient client) {
        return client.get(
                "/api/v1/capacity?by=%s&limit_percent=%s&days=%d&hosts=%s"
                        .formatted(RestClient.encode(by), limitPercent, days, hosts));
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
        long fromMs = answer.path("fromMs").asLong();
        int ahead = answer.path("days").asInt();
        var table =
                new Table(
                        "WHAT",
                        ">HOSTS",
                        "METRIC",
                        ">PEAK NOW",
                        ">IN %d DAYS".formatted(ahead),
                        ">A DAY",
                        "RUNS OUT",
                        "BETWEEN",
                        "AND");
        for (var row : answer.path("rows")) {
            boolean known = !row.path("trend").asText().isEmpty();
            table.row(
                    Words.text(row, "name"),
                    Words.text(row, "hosts"),
                    Words.text(row, "metric"),
                    Words.percent(row, "peakNow"),
                    Words.percent(row, "peakThen"),
                    known
                            ? "%+.2f".formatted(Words.number(row.path("slopePerDay")))
                            : Words.MISSING,
                    known ? date(row, "expectedDay", fromMs, ahead) : "too little history",
                    known ? date(row, "earliestDay", fromMs, ahead) : "",
                    known ? date(row, "latestDay", fromMs, ahead) : "");
        }
        out.printf(
                "A peak hour of %.0f %% is the limit; eight of ten dates lie within the bounds.%n%n",
                Words.number(answer.path("limitPercent")));
        table.print(out, "No hosts yet. Maybe no agent has connected: see novacron status");
    }

    private static String date(JsonNode row, String field, long fromMs, int ahead) {
        if (!row.has(field)) {
            return "not in %d days".formatted(ahead);
        }
        int day = row.path(field).asInt();
        return day == 0
                ? "now"
                : LocalDate.ofInstant(
                                Instant.ofEpochMilli(fromMs).plus(Duration.ofDays(day)),
                                ZoneId.systemDefault())
                        .toString();
    }
}
