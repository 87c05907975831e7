package io.novacron.perf.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.JournalConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An ingest to be broken, in a process of its own. It obeys lines on standard input, and answers
/// each of the first four by one line on standard output:
///
/// ```text
///  open DIRECTORY AGENTS CONNECTIONS TIMEOUT_MS RESERVED_BYTES
///                    opens (a journal that is there is replayed); answers `port N`
///  close             closes in order; answers `closed`
///  stats             answers a JSON object of counters and gauges
///  hash              answers `hash H TICK`: a digest of the fleet store at its last tick
///  tick N MS         closes a tick
///  clock MS          the clock is ahead of the machine's by so much
///  freeze | thaw     the clock stands a second ahead | goes with the machine's
///  stall | go        the journal waits for its disk for as long as it takes | no longer
///  space BYTES       the disk seems to have so much room; -1 for what it really has
/// ```
final class FaultServerMain {
    private static final int MAX_ENTITIES = 24_000;
    private static final int MAX_ENTITIES_PER_AGENT = 200;
    private static final Duration SYNC_INTERVAL = Duration.ofMillis(200);
    private static final int MAX_FRAME_LENGTH = 64 * 1024;
    private static final int RING_BYTES = 8 * 1024 * 1024;

    private final PrintStream out = System.out;
    private final ShiftedClock clock = new ShiftedClock();
    private @Nullable Ingest ingest;
    private @Nullable TroubledSpace space;

    private FaultServerMain() {}

    public static void main(String[] arguments) throws IOException {
        new FaultServerMain().obey();
    }

    private void obey() throws IOException {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            obey(line.split(" "));
        }
        close();
    }

    private void obey(String[] words) throws IOException {
        switch (words[0]) {
            case "open" -> open(words);
            case "close" -> {
                close();
                out.println("closed");
            }
            case "clock" -> clock.shift(Long.parseLong(words[1]));
            case "freeze" -> clock.freeze();
            case "thaw" -> clock.thaw();
            default -> obeyOpen(words);
        }
    }

    private void obeyOpen(String[] words) throws IOException {
        Ingest server = ingest;
        TroubledSpace disk = space;
        if (server == null || disk == null) {
            throw new IOException("%s comes before open".formatted(words[0]));
        }
        switch (words[0]) {
            case "stats" -> out.println(statistics(server));
            case "hash" -> {
                try (FleetView view = server.store().pin()) {
                    out.println("hash " + view.stateHash() + " " + view.tick());
                }
            }
            case "tick" -> server.closeTick(Long.parseLong(words[1]), Long.parseLong(words[2]));
            case "stall" -> disk.stall();
            case "go" -> disk.goOn();
            case "space" -> disk.limit(Long.parseLong(words[1]));
            default -> throw new IOException("line=%s is not known".formatted(words[0]));
        }
    }

    private void open(String[] words) throws IOException {
        Path directory = Path.of(words[1]);
        int agents = Integer.parseInt(words[2]);
        Duration timeout = Duration.ofMillis(Long.parseLong(words[4]));
        var journal =
                JournalConfig.in(directory)
                        .withSyncInterval(SYNC_INTERVAL)
                        .withReservedBytes(Long.parseLong(words[5]));
        var fleet =
                new FleetConfig(
                        agents,
                        MAX_ENTITIES,
                        MAX_ENTITIES_PER_AGENT,
                        Duration.ofMinutes(10),
                        Duration.ofDays(7));
        IngestConfig config =
                IngestConfig.defaults(journal, fleet)
                        .withLimits(
                                MAX_FRAME_LENGTH,
                                Integer.parseInt(words[3]),
                                RING_BYTES,
                                timeout,
                                timeout);
        var disk = new TroubledSpace(directory);
        Ingest server = Ingest.open(config, clock, disk, IngestListener.DEAF, null);
        server.start();
        space = disk;
        ingest = server;
        out.println("port " + server.port());
    }

    private void close() {
        TroubledSpace disk = space;
        if (disk != null) {
            disk.goOn();
        }
        Ingest server = ingest;
        if (server != null) {
            server.close();
        }
        ingest = null;
        space = null;
    }

    private static String statistics(Ingest server) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>(server.statistics().counters());
        values.putAll(server.statistics().gauges());
        values.put("problem", String.valueOf(server.problem()));
        return new ObjectMapper().writeValueAsString(values);
    }
}
