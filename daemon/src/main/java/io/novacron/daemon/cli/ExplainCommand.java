package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Why a change was proposed.
@Command(
        name = "explain",
        description =
                "Explain one decision: what decided, what lost and by how much, the forecast behind"
                        + " it, and the smallest change of inputs that would have flipped it.")
final class ExplainCommand extends QueryCommand {
    @Parameters(paramLabel = "ID", description = "Number of the decision.")
    private long id;

    @Override
    JsonNode ask(RestClient client) {
        return client.get("/api/v1/decisions/" + id + "/explanation");
    }

    @Override
    void show(JsonNode explanation, PrintWriter out) {
        out.printf(
                "Decision %s (%s): %s, confidence %s%n",
                Words.text(explanation, "id"),
                Words.lower(explanation, "state"),
                explanation.path("summary").asText(),
                Words.share(explanation, "confidence"));
        explanation.path("reasons").forEach(reason -> line(out, reason.path("text").asText()));
        if (explanation.path("factors").isEmpty()) {
            line(
                    out,
                    "Nothing more was journaled with it: an earlier version proposed it, or a rule.");
            return;
        }
        out.printf("%nWhat decided%n");
        var factors = new Table("FACTOR", ">VALUE", ">LIMIT", "WHAT IT SAYS");
        for (var factor : explanation.path("factors")) {
            String unit = factor.path("unit").asText();
            factors.row(
                    Words.text(factor, "name"),
                    number(factor.path("value"), unit),
                    number(factor.path("limit"), unit),
                    factor.path("text").asText());
        }
        factors.print(out, "");
        out.printf("%nWhat lost%n");
        var others = new Table("ALTERNATIVE", ">VALUE", ">LOST BY", "WHY");
        for (var other : explanation.path("alternatives")) {
            String unit = other.path("unit").asText();
            others.row(
                    Words.text(other, "what"),
                    number(other.path("value"), unit),
                    number(other.path("lostBy"), unit),
                    other.path("text").asText());
        }
        others.print(out, "Nothing else was looked at.");
        out.printf("%nWhat would have flipped it%n");
        var flips = new Table("INPUT", ">IS", ">WOULD BE", "THEN");
        for (var flip : explanation.path("flips")) {
            String unit = flip.path("unit").asText();
            flips.row(
                    Words.text(flip, "input"),
                    number(flip.path("from"), unit),
                    number(flip.path("to"), unit),
                    flip.path("text").asText());
        }
        flips.print(out, "Nothing that is known.");
        forecasts(explanation, out);
    }

    /// The middle and the last quantile at each step: the whole table is in `--json`.
    private static void forecasts(JsonNode explanation, PrintWriter out) {
        out.printf("%nForecast behind it (%s)%n", Words.text(explanation, "model"));
        var table = new Table("METRIC", ">STEP", ">MEDIAN", ">HIGHEST QUANTILE");
        for (var forecast : explanation.path("forecasts")) {
            int levels = Math.max(1, forecast.path("levels").asInt());
            JsonNode values = forecast.path("values");
            for (int step = 0; step < values.size() / levels; step++) {
                table.row(
                        Words.text(forecast, "metric"),
                        Integer.toString(step + 1),
                        number(values.path(step * levels + levels / 2), ""),
                        number(values.path(step * levels + levels - 1), ""));
            }
        }
        table.print(out, "None.");
    }

    private static String number(JsonNode value, String unit) {
        String text = String.format(Locale.ROOT, "%.2f", value.asDouble());
        return unit.isEmpty() ? text : text + " " + unit;
    }

    private static void line(PrintWriter out, String text) {
        out.printf("  %s%n", text);
    }
}
