package io.novacron.perf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.cli.Novacron;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.checkpoint.CheckpointConfig;
import io.novacron.ingest.checkpoint.CheckpointFiles;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.journal.JournalConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// From what agents sent to a trained model: journal and checkpoint → Parquet → `train`.
@Timeout(600)
class HistoryExportTest {
    private static final int DAY_MINUTES = 24 * 60;
    private static final int DAY_STEPS = 288;
    private static final int TAIL_MINUTES = 10;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    private JsonNode novacron(String... arguments) throws IOException {
        out.getBuffer().setLength(0);
        var command = Novacron.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        assertThat(command.execute(arguments)).as(err.toString()).isZero();
        return new ObjectMapper().readTree(out.toString()).get("figures");
    }

    /// Three days of one agent; with a checkpoint at the end of the second.
    private void threeDays(Path journal) throws IOException {
        var config =
                IngestConfig.defaults(JournalConfig.in(journal), FleetConfig.DEFAULT)
                        .withCheckpoint(new CheckpointConfig(Duration.ofDays(1), 2));
        var clock = new FleetClock();
        var load = new LoadGenerator(FleetClock.ROUND);
        Ingest ingest = Ingest.open(config, clock, IngestListener.DEAF, null);
        try {
            ingest.start();
            load.connect(new InetSocketAddress("127.0.0.1", ingest.port()));
            var rounds = new LoadRounds(ingest, load, clock);
            rounds.runRounds(2 * DAY_MINUTES - 1);
            ingest.requestCheckpoint();
            rounds.runRounds(DAY_MINUTES + 1 + TAIL_MINUTES);
        } finally {
            load.close();
            ingest.close();
        }
        // the one of the stop, so that the third day comes out of the journal
        Files.delete(CheckpointFiles.of(journal).newestFirst().getFirst().path());
    }

    @Test
    void whatAgentsSentBecomesAModel() throws IOException {
        Path data = folder.resolve("daemon");
        String history = folder.resolve("history").toString();
        String models = folder.resolve("models").toString();
        threeDays(data.resolve("journal"));

        String[] export = {
            "history", "export", "--data", data.toString(), "--out", history, "--json"
        };
        JsonNode written = novacron(export);
        assertThat(written.get("days").asInt()).isEqualTo(3);
        assertThat(written.get("rows").asInt()).isEqualTo(3 * DAY_STEPS * LoadGenerator.ENTITIES);
        assertThat(novacron(export).get("days").asInt()).as("once more").isZero();

        JsonNode trained =
                novacron(
                        "train",
                        "--data",
                        history,
                        "--out",
                        models,
                        "--models",
                        "gbt",
                        "--rows",
                        "2000",
                        "--rounds",
                        "3",
                        "--json");
        assertThat(trained.get("mean.gbt.60m.wape").asDouble()).isPositive();
        assertThat(Files.readString(Path.of(models, "forecast-gbt", "1", "card.json")))
                .contains("cpu_usage_percent");
    }
}
