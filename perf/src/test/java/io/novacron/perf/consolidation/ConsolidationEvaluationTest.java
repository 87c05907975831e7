package io.novacron.perf.consolidation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.cli.Novacron;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConsolidationEvaluationTest {
    private static final int VMS = 40;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    @BeforeEach
    void writeADay() throws IOException {
        write("day.csv", VMS);
    }

    private void write(String name, int vms) throws IOException {
        var random = new SplittableRandom(11);
        var text = new StringBuilder("vm,s000\n");
        for (int vm = 0; vm < vms; vm++) {
            text.append("vm").append(vm);
            int level = random.nextInt(30);
            for (int step = 0; step < DayTrace.STEPS; step++) {
                text.append(',').append(level + random.nextInt(10));
            }
            text.append('\n');
        }
        Files.writeString(folder.resolve(name), text);
    }

    private int run(String name, String... options) {
        var arguments = new ArrayList<>(List.of("evaluate", "consolidation", "--json"));
        arguments.addAll(List.of("--trace", folder.resolve(name).toString()));
        arguments.addAll(List.of(options));
        CommandLine line = Novacron.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(arguments.toArray(String[]::new));
    }

    @Test
    void printsOursBesideThePeer() throws IOException {
        assertThat(run("day.csv", "--vms", "keep", "--ram", "hard")).as(err.toString()).isZero();
        JsonNode figures = new ObjectMapper().readTree(out.toString()).get("figures");

        for (String name :
                List.of(
                        "energyKwh",
                        "migrations",
                        "slavPercent",
                        "slatahPercent",
                        "pdmPercent",
                        "unservedPercent",
                        "hostShutdowns")) {
            assertThat(figures.has(name)).as(name).isTrue();
            assertThat(figures.has("lr." + name)).as("lr." + name).isTrue();
        }
        assertThat(figures.get("energyKwh").asDouble())
                .isGreaterThan(figures.get("boundKwh").asDouble());
        assertThat(figures.get("mostMigrationsOfVm").asInt()).isEqualTo(1);
        assertThat(figures.get("vms").asInt()).isEqualTo(VMS);
    }

    @Test
    void aMissingTraceIsAMistakeOfUsage() {
        assertThat(run("none.csv")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("none.csv", "no such file");
    }

    @Test
    void anUnknownModeIsNamed() {
        assertThat(run("day.csv", "--vms", "all")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--vms=all", "as-released or keep");
    }

    @Test
    void moreVmsThanHostsCanHoldAreRefused() throws IOException {
        write("crowd.csv", 1_601);

        assertThat(run("crowd.csv")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("1601 vms", "800 hosts");
    }
}
