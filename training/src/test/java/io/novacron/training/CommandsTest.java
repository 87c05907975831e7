package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.ModelSlot;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class CommandsTest {
    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Command(name = "novacron")
    static final class Top {}

    /// The commands as the top command line finds them.
    private int novacron(String... arguments) {
        var top = new CommandLine(new Top());
        for (Callable<?> command : ServiceLoader.load(Callable.class)) {
            top.addSubcommand(command);
        }
        top.setOut(new PrintWriter(out, true));
        top.setErr(new PrintWriter(err, true));
        return top.execute(arguments);
    }

    private JsonNode lastLine() throws Exception {
        List<String> lines = new ArrayList<>(out.toString().lines().toList());
        return new ObjectMapper().readTree(lines.getLast());
    }

    @Test
    void makesTracesTrainsAndTheModelServes() throws Exception {
        String traces = folder.resolve("traces").toString();
        String models = folder.resolve("models").toString();
        assertThat(novacron("make-traces", "--out", traces, "--vms", "12", "--days", "4", "--json"))
                .isZero();
        assertThat(lastLine().at("/figures/samples").asInt()).isEqualTo(12 * 4 * 288 * 4);
        String[] train = {
            "train",
            "--data",
            traces,
            "--out",
            models,
            "--rows",
            "2000",
            "--rounds",
            "3",
            "--models",
            "gbt",
            "--json"
        };
        assertThat(novacron(train)).as(err.toString()).isZero();
        assertThat(lastLine().get("benchmark").asText()).isEqualTo("train");
        assertThat(lastLine().at("/figures/parityRows").asInt()).isGreaterThanOrEqualTo(10_000);
        for (JsonNode figure : lastLine().get("figures")) {
            assertThat(figure.isNumber()).isTrue();
        }

        ModelSlot slot = ModelSlot.load(Path.of(models));
        assertThat(slot.reason()).as(slot.detail()).isEqualTo(FallbackReason.NONE);
        var card = java.util.Objects.requireNonNull(slot.forecaster()).card();
        assertThat(card.commands())
                .containsExactly(
                        "./novacron make-traces --out %s --vms 12 --days 4 --seed 1"
                                .formatted(traces),
                        "./novacron train --data %s --out %s --rows 2000 --rounds 3 --models gbt"
                                .formatted(traces, models));
        slot.forecaster().close();

        assertThat(novacron(train)).isZero();
        try (var versions = Files.list(folder.resolve("models/forecast-gbt"))) {
            assertThat(versions.map(path -> path.getFileName().toString()))
                    .as("a version is never overwritten, nothing is left over")
                    .containsExactlyInAnyOrder("1", "2");
        }
    }

    @Test
    void mistakesEndWithAMessageAndNoModel() {
        String models = folder.resolve("models").toString();
        assertThat(novacron("train", "--data", folder.toString(), "--out", models)).isEqualTo(1);
        assertThat(err.toString()).contains("train: ").contains("make-traces");
        assertThat(novacron("train", "--data", "x", "--out", models, "--rows", "3")).isEqualTo(1);
        assertThat(err.toString()).contains("rows=3");
        assertThat(novacron("make-traces", "--out", "x", "--days", "0")).isEqualTo(1);
        assertThat(err.toString()).contains("--days=0");
        assertThat(folder.resolve("models")).doesNotExist();
        assertThat(out.toString()).isEmpty();
    }
}
