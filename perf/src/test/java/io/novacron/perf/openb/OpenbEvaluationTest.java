package io.novacron.perf.openb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.cli.Novacron;
import io.novacron.solver.gpu.GpuFleet;
import io.novacron.solver.gpu.GpuHost;
import io.novacron.solver.gpu.GpuRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class OpenbEvaluationTest {
    private static final String HOSTS =
            """
            sn,cpu_milli,memory_mib,gpu,model
            h0,16000,65536,2,P100
            h1,64000,65536,2,T4
            h2,64000,65536,0,
            """;
    private static final String PODS =
            """
            name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos
            p0,4000,1024,1,500,,LS
            p1,8000,1024,1,1000,T4|P100,LS
            p2,8000,1024,0,0,,LS
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    private void write(String hosts, String pods) throws IOException {
        Files.writeString(folder.resolve("openb_node_list_gpu_node.csv"), hosts);
        Files.writeString(folder.resolve("openb_pod_list_small.csv"), pods);
    }

    private int run(String... options) {
        var arguments = new java.util.ArrayList<>(List.of("evaluate", "openb", "--json"));
        arguments.addAll(List.of("--data", folder.toString(), "--trace", "small"));
        arguments.addAll(List.of(options));
        CommandLine line = Novacron.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(arguments.toArray(String[]::new));
    }

    private void assertRefused(String... parts) {
        assertThat(run()).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains(parts);
    }

    @Test
    void allocatesNearlyAllOfASmallFleet() throws IOException {
        write(HOSTS, PODS);

        assertThat(run("--seeds", "2")).as(err.toString()).isZero();
        JsonNode figures = new ObjectMapper().readTree(out.toString()).get("figures");

        assertThat(figures.get("gpuAllocationPercent").asDouble()).isBetween(50.0, 100.0);
        assertThat(figures.get("fgd.gpuAllocationPercent").asDouble()).isPositive();
        assertThat(figures.get("bestFit.gpuAllocationPercent").asDouble()).isPositive();
        assertThat(figures.get("seeds").asText()).isEqualTo("1 2");
        assertThat(figures.get("arrivals").asText()).contains("replacement", "130 %");
    }

    @Test
    void aBadNumberIsNamedWithItsPlace() throws IOException {
        write(HOSTS.replace("16000", "many"), PODS);

        assertRefused("openb_node_list_gpu_node.csv:2", "cpu_milli=many", "whole number");
    }

    @Test
    void aBrokenRuleIsNamedWithItsPlace() throws IOException {
        write(HOSTS, PODS.replace("1,500", "2,500"));

        assertRefused("openb_pod_list_small.csv:2", "gpuMilli=500");
    }

    @Test
    void aShortLineIsRefused() throws IOException {
        write(HOSTS, PODS + "p3,1\n");

        assertRefused("openb_pod_list_small.csv:5", "2 values");
    }

    @Test
    void aMissingFileIsNamed() {
        assertRefused("openb_node_list_gpu_node.csv", "no such file");
    }

    @Test
    void anEmptyTraceIsRefused() throws IOException {
        write(HOSTS, PODS.lines().findFirst().orElseThrow() + "\n");

        assertRefused("no lines after the header");
    }

    @Test
    void arrivalsEndWhenEnoughIsAskedFor() {
        var pod = new GpuRequest(1, 1, 1, 400, 0);

        assertThat(Arrivals.draw(List.of(pod), 1_000, 1.3, 7)).hasSize(4);
    }

    @Test
    void bestFitTakesTheFullestHostAndGpu() {
        var fleet = new GpuFleet(List.of(new GpuHost(9_000, 9, 2, 1), new GpuHost(9_000, 9, 2, 1)));
        fleet.place(new GpuRequest(1_000, 1, 1, 300, 0), 1, 1);
        var placer = new BestFitPlacer(fleet);

        assertThat(placer.place(new GpuRequest(1_000, 1, 1, 200, 0))).isEqualTo(1);
        assertThat(placer.gpu()).isEqualTo(1);
    }

    @Test
    void theAuditFindsAnOverfilledGpu() {
        var audit = new PlacementAudit(List.of(new GpuHost(9_000, 9, 1, 1)));
        audit.add(new GpuRequest(1, 1, 1, 600, 0), 0, 0);

        assertThatThrownBy(() -> audit.add(new GpuRequest(1, 1, 1, 600, 0), 0, 0))
                .hasMessageContaining("overfills a GPU");
    }

    @Test
    void theAuditFindsTheWrongModelAndTooMuchCpu() {
        var hosts = List.of(new GpuHost(9_000, 9, 1, 1));

        assertThatThrownBy(() -> new PlacementAudit(hosts).add(new GpuRequest(1, 1, 1, 1, 2), 0, 0))
                .hasMessageContaining("wrong model");
        assertThatThrownBy(() ->
                        new PlacementAudit(hosts).add(new GpuRequest(9_001, 1, 0, 0, 0), 0, -1))
                .hasMessageContaining("overfills CPU");
        assertThatThrownBy(() ->
                        new PlacementAudit(hosts).add(new GpuRequest(1, 1, 2, 1_000, 0), 0, -1))
                .hasMessageContaining("lacks whole GPUs");
    }
}
