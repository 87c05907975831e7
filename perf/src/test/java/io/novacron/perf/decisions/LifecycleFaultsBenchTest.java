package io.novacron.perf.decisions;

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

/// Twenty kills for every build; a thousand are for a quiet evening.
class LifecycleFaultsBenchTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    @Test
    @Timeout(600)
    void noActionIsLostOrDoneTwiceByAnyKill() throws Exception {
        int exitCode = execute("--json", "--rounds", "20", "--directory", "" + folder);

        assertThat(exitCode).as(err.toString()).isZero();
        JsonNode line = new ObjectMapper().readTree(out.toString());
        assertThat(line.get("benchmark").asText()).isEqualTo("lifecycle-faults");
        JsonNode figures = line.get("figures");
        assertThat(figures).as("flat").allMatch(JsonNode::isValueNode);
        assertThat(figures.get("rounds").asInt()).isEqualTo(20);
        for (String name : new String[] {"repeated", "lost", "wrongEndState", "auditBroken"}) {
            assertThat(figures.get(name).asInt()).as(name).isZero();
        }
        for (String name : new String[] {"approved", "daemonKills", "ended.KEPT"}) {
            assertThat(figures.path(name).asInt()).as(name).isPositive();
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).as("left behind").isEmpty();
        }
    }

    @Test
    void namesTheOptionThatIsWrong() {
        assertThat(execute("--rounds", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(execute("--rounds-per-life", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--rounds=0", "--rounds-per-life=0");
        assertThat(out.toString()).isEmpty();
    }

    private int execute(String... options) {
        String[] all =
                Stream.concat(Stream.of("bench", "lifecycle-faults"), Stream.of(options))
                        .toArray(String[]::new);
        return Novacron.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
