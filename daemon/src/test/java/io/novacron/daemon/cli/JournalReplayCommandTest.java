package io.novacron.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.JournalConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalReplayCommandTest {
    private static final int TICKS = 3;

    @TempDir private Path folder;

    @Test
    void theHashIsTheLiveOnesHoweverItIsReplayed() throws Exception {
        String live = live();
        JsonNode first = replay();
        JsonNode second = replay();
        JsonNode tail = replay("--from-checkpoint");
        assertThat(first.get("stateHash").asText()).isEqualTo(live);
        assertThat(second.get("stateHash").asText()).isEqualTo(live);
        assertThat(tail.get("stateHash").asText()).isEqualTo(live);
        assertThat(first.get("ticks").asInt()).isEqualTo(TICKS);
        assertThat(first.get("checkpointRecord").asInt()).isZero();
        assertThat(tail.get("checkpointRecord").asInt()).isEqualTo(TICKS);
        assertThat(tail.get("records").asInt()).as("stopped cleanly").isZero();
    }

    private String live() throws Exception {
        var closed = new CountDownLatch(TICKS);
        var config = IngestConfig.defaults(JournalConfig.in(folder), FleetConfig.DEFAULT);
        try (var ingest = Ingest.open(config, InstantSource.system(), new Ticks(closed), null)) {
            for (int tick = 1; tick <= TICKS; tick++) {
                assertThat(ingest.closeTick(tick, tick * 60_000L)).isTrue();
            }
            assertThat(closed.await(2, TimeUnit.MINUTES)).isTrue();
            try (FleetView view = ingest.store().pin()) {
                return "%016x".formatted(view.stateHash());
            }
        }
    }

    private JsonNode replay(String... more) throws Exception {
        var line = Novacron.commandLine();
        var out = new StringWriter();
        line.setOut(new PrintWriter(out));
        var arguments = new ArrayList<String>();
        arguments.addAll(List.of("journal", "replay", "--journal", folder.toString(), "--json"));
        arguments.addAll(List.of(more));
        assertThat(line.execute(arguments.toArray(new String[0]))).isZero();
        JsonNode root = new ObjectMapper().readTree(out.toString());
        assertThat(root.get("benchmark").asText()).isEqualTo("journal-replay");
        return root.get("figures");
    }

    private record Ticks(CountDownLatch closed) implements IngestListener {
        @Override
        public void onTick(long tick, long timeMs, boolean replaying) {
            closed.countDown();
        }
    }
}
