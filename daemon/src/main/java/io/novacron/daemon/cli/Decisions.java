package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;

/// How decisions are shown: as rows of a table, or one in full.
final class Decisions {
    private Decisions() {}

    static void table(JsonNode decisions, PrintWriter out, String none) {
        var table = new Table(">ID", "STATE", "VM", "CHANGE", ">CONFIDENCE", "SUMMARY");
        for (var decision : decisions) {
            table.row(
                    Words.text(decision, "id"),
                    Words.lower(decision, "state"),
                    Words.text(decision, "vmName"),
                    change(decision),
                    Words.share(decision, "confidence"),
                    Words.text(decision, "summary"));
        }
        table.print(out, none);
    }

    static void full(JsonNode decision, PrintWriter out) {
        out.printf(
                "Decision %s: %s on %s (%s), %s%n",
                Words.text(decision, "id"),
                change(decision),
                Words.text(decision, "vmName"),
                Words.text(decision, "hostName"),
                Words.lower(decision, "state"));
        line(out, "Summary", decision.path("summary").asText());
        line(out, "Confidence", Words.share(decision, "confidence"));
        line(out, "Cost", decision.path("cost").asText());
        line(out, "Benefit", decision.path("benefit").asText());
        line(out, "Model", decision.path("model").asText());
        line(out, "Inputs", decision.path("inputsHash").asText());
        line(out, "Outcome", decision.path("outcome").asText());
        for (var reason : decision.path("reasons")) {
            line(out, "Because", reason.path("text").asText());
        }
        out.println();
        var table = new Table("TIME", "STATE", "WHO", "WHY");
        for (var step : decision.path("transitions")) {
            table.row(
                    Words.time(step, "atMs"),
                    Words.lower(step, "state"),
                    Words.text(step, "who"),
                    step.path("text").asText());
        }
        table.print(out, "No transition is recorded yet.");
    }

    /// `2 → 4 vcpus`, `4 GiB → 8 GiB`, `to host-07` or `4 → 6 members`.
    static String change(JsonNode decision) {
        return switch (decision.path("type").asText()) {
            case "SET_VCPUS" ->
                    "%s → %s vcpus"
                            .formatted(
                                    Words.text(decision, "fromVcpus"),
                                    Words.text(decision, "toVcpus"));
            case "SET_MEMORY" ->
                    "%s → %s"
                            .formatted(
                                    Words.bytes(decision, "fromMemoryBytes"),
                                    Words.bytes(decision, "toMemoryBytes"));
            case "SET_CPU_QUOTA", "SET_CPU_SHARES", "PIN_VCPUS" ->
                    "%s → %s"
                            .formatted(
                                    Words.text(decision, "fromSetting"),
                                    Words.text(decision, "toSetting"));
            case "SCALE_OUT", "SCALE_IN" ->
                    "%s → %s members"
                            .formatted(
                                    Words.text(decision, "fromSetting"),
                                    Words.text(decision, "toSetting"));
            case "LIVE_MIGRATE" -> "to " + Words.text(decision, "targetHostName");
            default -> Words.lower(decision, "type");
        };
    }

    private static void line(PrintWriter out, String title, String text) {
        if (!text.isEmpty() && !text.equals(Words.MISSING)) {
            out.printf("  %-11s %s%n", title, text);
        }
    }
}
