package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The hosts and their load.
@Command(name = "hosts", description = "List the hosts with their load and agent state.")
final class HostsCommand extends QueryCommand {
    @Option(names = "--limit", paramLabel = "N", description = "At most N hosts.")
    private int limit;

    @Override
    JsonNode ask(RestClient client) {
        return client.get("/api/v1/hosts?limit=" + limit);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
        var table =
                new Table(
                        "HOST",
                        "STATE",
                        ">VMS",
                        ">CPUS",
                        ">MEMORY",
                        ">CPU",
                        ">MEM",
                        ">PRESSURE",
                        ">FORECAST CPU");
        for (var host : answer.path("hosts")) {
            table.row(
                    Words.text(host, "name"),
                    Words.text(host, "state"),
                    Words.text(host, "vms"),
                    Words.text(host, "cpus"),
                    Words.bytes(host, "memoryBytes"),
                    Words.percent(host, "cpuUsagePercent"),
                    Words.percent(host, "memoryUsagePercent"),
                    Words.percent(host, "cpuPressurePercent"),
                    Words.percent(host, "forecastCpuPercent"));
        }
        table.print(out, "No hosts yet. Maybe no agent has connected: see novacron status");
    }
}
