package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Best hosts for a new vm.
@Command(name = "place", description = "Find the best hosts for a new vm.")
final class PlaceCommand extends QueryCommand {
    @Option(names = "--vcpus", paramLabel = "N", required = true, description = "Vcpus it wants.")
    private int vcpus;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            required = true,
            converter = ByteCountConverter.class,
            description = "Memory it wants, e.g. 4GiB.")
    private long memoryBytes;

    @Option(
            names = "--near",
            paramLabel = "VM",
            description = "On the host of this vm (name or UUID; may be repeated).")
    private List<String> near = new ArrayList<>();

    @Option(
            names = "--away-from",
            paramLabel = "VM",
            description = "Not on the host of this vm (name or UUID; may be repeated).")
    private List<String> awayFrom = new ArrayList<>();

    @Option(names = "--limit", paramLabel = "N", description = "At most N hosts.")
    private int limit;

    @Override
    JsonNode ask(RestClient client) {
        var body =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("vcpus", vcpus)
                        .put("memoryBytes", Long.toString(memoryBytes))
                        .put("limit", limit);
        var affinity = body.putArray("affinity");
        near.forEach(affinity::add);
        var antiAffinity = body.putArray("antiAffinity");
        awayFrom.forEach(antiAffinity::add);
        return client.post("/api/v1/place", body);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
        var table = new Table("HOST", ">SCORE", ">CONFIDENCE", "REASONS");
        for (var host : answer.path("hosts")) {
            var reasons = new ArrayList<String>();
            host.path("reasons").forEach(reason -> reasons.add(reason.path("text").asText()));
            table.row(
                    Words.text(host, "hostName"),
                    String.format(Locale.ROOT, "%.3f", Words.number(host.path("score"))),
                    Words.share(host, "confidence"),
                    String.join("; ", reasons));
        }
        table.print(out, "No host fits.");
        for (var rejection : answer.path("rejections").properties()) {
            out.printf(
                    "%s hosts left out: %s%n", rejection.getValue().asText(), rejection.getKey());
        }
    }
}
