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

    @Override
    JsonNode ask(RestClient client) {
        return client.get(
                "/api/v1/entities/%s/forecasts/%s"
                        .formatted(RestClient.encode(entity), RestClient.encode(metric)));
    }

    @Override
    void show(JsonNode forecast, PrintWriter out) {
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
    }
}
