package io.novacron.perf.solve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.perf.SolveCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SolveRoadefTest {
    private static final String MODEL =
            """
            1
            0 10
            2
            0 0 100 10 0 1
            0 1 100 90 1 0
            2
            1 0
            1 0
            2
            0 40 1
            1 40 1
            0
            1 1 1
            """;

    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path model = Path.of("");
    private Path initial = Path.of("");

    @BeforeEach
    void write() throws IOException {
        model = Files.writeString(folder.resolve("model.txt"), MODEL);
        initial = Files.writeString(folder.resolve("initial.txt"), "0 0\n");
    }

    @Test
    void writesThePlanAndEndsWithItsFigures() throws IOException {
        Path plan = folder.resolve("plan.txt");
        assertThat(run("--moves", "100000", "--out", plan.toString(), "--json")).isZero();
        assertThat(plan).hasContent("1 1");
        JsonNode line = new ObjectMapper().readTree(out.toString());
        assertThat(line.get("evaluation").asText()).isEqualTo("roadef");
        JsonNode figures = line.get("figures");
        assertThat(figures.get("initialObjective").asLong()).isEqualTo(700);
        assertThat(figures.get("objective").asLong()).isEqualTo(2 + 1 + 2); // three kinds of moves
        assertThat(figures.get("feasible").asBoolean()).isTrue();
        assertThat(figures.get("lowerBound").asLong()).isZero();
        assertThat(figures.get("moveEvaluations").asLong()).isPositive();
    }

    @Test
    void givesTheInitialPlanWithoutTime() throws IOException {
        Path plan = folder.resolve("plan.txt");
        assertThat(run("--seconds", "0", "--out", plan.toString(), "--json")).isZero();
        assertThat(plan).hasContent("0 0");
    }

    @Test
    void refusesBadInputByName() throws IOException {
        Files.writeString(initial, "0 2\n");
        assertThat(run("--moves", "10")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString())
                .contains("initial.txt, line 1: the machine of process 1 of 2 is 2, not in [0, 2)");
        Files.writeString(model, MODEL.replace("0 40 1", "0 140 1"));
        Files.writeString(initial, "0 0\n");
        assertThat(run("--moves", "10")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString())
                .contains("machine 0 uses 180 of resource 0, its capacity is 100");
        assertThat(run("--threads", "3")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--threads=3 must be 1 or 2");
        Files.delete(model);
        assertThat(run("--moves", "10")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("there is no file", "model.txt");
    }

    private int run(String... options) {
        String[] files = {"roadef", "--model", model.toString(), "--initial", initial.toString()};
        String[] all = new String[files.length + options.length];
        System.arraycopy(files, 0, all, 0, files.length);
        System.arraycopy(options, 0, all, files.length, options.length);
        return new CommandLine(new SolveCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
