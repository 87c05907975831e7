package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The vms and their load.
@Command(name = "vms", description = "List the vms with their sizes and load.")
final class VmsCommand extends QueryCommand {
    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "",
            description = "Only vms of this host (name or UUID).")
    private String host = "";

    @Option(names = "--limit", paramLabel = "N", description = "At most N vms.")
    private int limit;

    @Override
    JsonNode ask(RestClient client) {
        return client.get("/api/v1/vms?limit=%d&host=%s".formatted(limit, RestClient.encode(host)));
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
        var table =
                new Table(
                        "VM",
                        "HOST",
                        "STATE",
                        ">VCPUS",
                        ">MEMORY",
                        ">CPU",
                        ">MEM",
                        ">DISK",
                        ">NETWORK");
        for (var vm : answer.path("vms")) {
            table.row(
                    Words.text(vm, "name"),
                    Words.text(vm, "hostName"),
                    Words.text(vm, "state"),
                    Words.text(vm, "vcpus"),
                    Words.bytes(vm, "memoryBytes"),
                    Words.percent(vm, "cpuUsagePercent"),
                    Words.percent(vm, "memoryUsagePercent"),
                    Words.bytesPerSecond(vm, "diskBytesPerSecond"),
                    Words.bytesPerSecond(vm, "networkBytesPerSecond"));
        }
        table.print(out, "No vms yet. Maybe no agent has connected: see novacron status");
    }
}
