package io.novacron.perf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.cli.Novacron;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The command's own promise, at a size for every build: `--scale 1` is the real one.
class FaultsBenchTest {
    private static final String[] FAULTS = {
        "kill",
        "torn",
        "disk-full",
        "stalled",
        "clock",
        "agent-killed",
        "proxy",
        "corrupt",
        "slow-agent",
        "reconnect",
        "strangers"
    };

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    @Test
    @Timeout(600)
    void nothingAcknowledgedIsLostOrDoubledByAnyFault() throws Exception {
        int exitCode =
                execute("--json", "--rounds", "20", "--scale", "0.02", "--directory", "" + folder);

        assertThat(exitCode).as(err.toString()).isZero();
        JsonNode line = new ObjectMapper().readTree(out.toString());
        assertThat(line.get("benchmark").asText()).isEqualTo("ingest-faults");
        JsonNode figures = line.get("figures");
        assertThat(figures).as("flat").allMatch(JsonNode::isValueNode);
        assertThat(figures.get("lost").asLong()).isZero();
        assertThat(figures.get("duplicated").asLong()).isZero();
        assertThat(figures.get("kill.rounds").asInt()).isEqualTo(20);
        long acknowledged = 0;
        for (String fault : FAULTS) {
            assertThat(figures.path(fault + ".acknowledged").asLong()).as(fault).isPositive();
            acknowledged += figures.get(fault + ".acknowledged").asLong();
        }
        assertThat(figures.get("acknowledged").asLong()).isEqualTo(acknowledged);
        assertThat(figures.get("torn.pagesLost").asLong()).as("power was lost").isPositive();
        assertThat(figures.get("torn.takenBack").asLong()).as("and frames with it").isPositive();
        assertThat(figures.get("stalled.rssMb").asDouble()).isPositive();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).as("left behind").isEmpty();
        }
    }

    @Test
    void namesTheOptionThatIsWrong() {
        assertThat(execute("--rounds", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(execute("--scale", "7")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(execute("--faults", "kill,flood")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--rounds=0", "--scale=7", "--faults=flood");
        assertThat(out.toString()).isEmpty();
    }

    private int execute(String... options) {
        String[] all =
                Stream.concat(Stream.of("bench", "ingest-faults"), Stream.of(options))
                        .toArray(String[]::new);
        return Novacron.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
