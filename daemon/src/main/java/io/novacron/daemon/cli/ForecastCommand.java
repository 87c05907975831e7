package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The forecast of one metric of one entity.
@Command(name = "forecast", description = "Show the forecast of one metric of a vm or host.")
final class ForecastCommand extends QueryCommand {
    private static final int P10 = 0;
    private static final int P50 = 4;
    private static final int P90 = 8;

    @Parameters(paramLabel = "VM", description = "Vm or host, by name or UUID.")
    private String entity = "";

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            defaultValue = "cpu.usage",
            description = "Metric of the catalogue (default: ${DEFAULT-VALUE}).")
    private String metric = "";

    @Option(
            names = "--days",
            paramLabel = "N",
            description = "Look N days ahead instead, at most 90, from five weeks of hours.")
    private int days;

    @Override
    JsonNode ask(RestClient client) {
        String path =
                "/api/v1/entities/%s/%s/%s"
                        .formatted(
                                RestClient.encode(entity),
                                days == 0 ? "forecasts" : "outlooks",
                                RestClient.encode(metric));
        return client.get(days == 0 ? path : path + "?days=" + days);
    }

    @Override
    void show(JsonNode forecast, PrintWriter out) {
        if (days == 0) {
            showForecast(forecast, out);
        } else {
            showOutlook(forecast, out);
        }
    }

    private static void showOutlook(JsonNode outlook, PrintWriter out) {
        String unit = outlook.path("unit").asText();
        out.printf(
                "%s of %s from %s on, %s, %s a day, from %s days with samples%n%n",
                Words.text(outlook, "metric"),
                Words.text(outlook, "name"),
                Words.time(outlook, "fromMs"),
                Words.text(outlook, "trend"),
                Words.value(Words.number(outlook.path("slopePerDay")), unit),
                Words.text(outlook, "historyDays"));
        var table = new Table(">DAY", ">10 %", ">MEAN", ">90 %", ">USUAL PEAK", ">90 %");
        for (var day : outlook.path("days")) {
            table.row(
                    Words.text(day, "day"),
                    Words.value(Words.number(day.path("meanLow")), unit),
                    Words.value(Words.number(day.path("mean")), unit),
                    Words.value(Words.number(day.path("meanHigh")), unit),
                    Words.value(Words.number(day.path("peak")), unit),
                    Words.value(Words.number(day.path("peakHigh")), unit));
        }
        table.print(out, "The outlook has no days.");
    }

    private static void showForecast(JsonNode forecast, PrintWriter out) {
        out.printf(
                "%s of %s, issued %s at tick %s by %s, confidence %s%n",
                Words.text(forecast, "metric"),
                Words.text(forecast, "name"),
                Words.time(forecast, "issuedAtMs"),
                Words.text(forecast, "tick"),
                Words.text(forecast, "model"),
                Words.share(forecast, "confidence"));
        if (!forecast.path("reason").asText().isEmpty()) {
            out.println("A simpler model answered: " + forecast.path("reason").asText());
        }
        out.println();
        String unit = forecast.path("unit").asText();
        var table = new Table(">IN", ">10 %", ">MEDIAN", ">90 %");
        for (var point : forecast.path("points")) {
            var quantiles = point.path("quantiles");
            table.row(
                    Words.duration(Duration.ofSeconds(point.path("horizonSeconds").asLong())),
                    Words.value(Words.number(quantiles.path(P10)), unit),
                    Words.value(Words.number(quantiles.path(P50)), unit),
                    Words.value(Words.number(quantiles.path(P90)), unit));
        }
        table.print(out, "The forecast has no points yet.");
        if (!forecast.path("accuracy").isEmpty()) {
            showAccuracy(forecast.path("accuracy"), out);
        }
    }

    private static void showAccuracy(JsonNode rows, PrintWriter out) {
        out.println();
        out.println("How such forecasts did lately:");
        var table = new Table(">IN", ">OUTCOMES", ">WAPE", ">COVERS (80 %)", ">SKILL");
        for (var row : rows) {
            table.row(
                    Words.duration(Duration.ofSeconds(row.path("horizonSeconds").asLong())),
                    "%.0f".formatted(Words.number(row.path("outcomes"))),
                    Words.share(row, "wape"),
                    Words.share(row, "coverage80"),
                    Words.share(row, "skill"));
        }
        table.print(out, "");
    }
}
