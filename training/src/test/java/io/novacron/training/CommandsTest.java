package io.novacron.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.ModelRegistry;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.ModelSlot;
import io.novacron.inference.ModelTrust;
import io.novacron.inference.patch.PatchPackage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    void trainsAPatchNetworkThatIsSignedListedAndChecked() throws Exception {
        String why = PatchTraining.unavailable();
        assumeTrue(why == null, "skipped: " + why);
        Path traces = Files.createDirectory(folder.resolve("traces"));
        Files.writeString(traces.resolve("cpu_usage_percent.csv"), csv(PatchTrainingTest.jumps(4)));
        Path models = folder.resolve("models");
        int code =
                novacron(
                        "train",
                        "--data",
                        traces.toString(),
                        "--out",
                        models.toString(),
                        "--models",
                        "lstm",
                        "--lstm-windows",
                        "1500",
                        "--lstm-epochs",
                        "6",
                        "--json");
        assertThat(code).as(err.toString()).isZero();
        assertThat(lastLine().at("/figures/lstmParityMaxDifference").asDouble()).isLessThan(1e-4);
        assertThat(lastLine().at("/figures/lstm.12.wape").asDouble()).isPositive();

        PatchPackage read = PatchPackage.read(models, 1, ModelTrust.ANY);
        assertThat(read.card().kind()).isEqualTo("patch-lstm");
        assertThat(read.card().targets()).isEqualTo(PatchRun.TARGETS);
        read.open().close();
        var contents = new ModelRegistry(models, PatchPackage.NAME).read();
        assertThat(contents.models().getFirst().reason()).startsWith("patch-lstm, mean quantile");

        Path directory = models.resolve("forecast-lstm/1");
        byte[] card = Files.readAllBytes(directory.resolve("card.json"));
        byte[] onnx = Files.readAllBytes(directory.resolve("model.onnx"));
        byte[] cut = Arrays.copyOf(onnx, onnx.length / 2);
        assertThatThrownBy(() -> PatchPackage.of(card, new byte[0], cut, ModelTrust.ANY, "x"))
                .isInstanceOf(ModelRejectedException.class)
                .hasMessageContaining("Maybe the copy was cut off");
        String older = new String(card, UTF_8).replace("\"columns\" : 504", "\"columns\" : 500");
        assertThatThrownBy(() ->
                        PatchPackage.of(
                                older.getBytes(UTF_8), new byte[0], onnx, ModelTrust.ANY, "x"))
                .isInstanceOf(ModelRejectedException.class)
                .hasMessageContaining("columns=500");
    }

    private static String csv(Trace trace) {
        var text = new StringBuilder();
        for (int series = 0; series < trace.series(); series++) {
            text.append(trace.entities().get(series));
            for (int step = 0; step < trace.steps(); step++) {
                float value = trace.at(step, series);
                text.append(',').append(Float.isNaN(value) ? "" : Float.toString(value));
            }
            text.append('\n');
        }
        return text.toString();
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
