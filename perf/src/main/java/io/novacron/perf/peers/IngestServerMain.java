package io.novacron.perf.peers;

import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.journal.JournalConfig;
import io.novacron.ingest.statistics.Counter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;

/// Our ingest in a process of its own: wire, ring, journal and fleet store with their usual limits,
/// and nothing else of the daemon. It obeys lines on standard input and answers each by one line
/// that begins with [#PREFIX]; at the end of input it closes in good order.
///
/// ```text
/// at MS           the time is MS from now on
/// close TICK MS   closes the tick of MS, answers once it is applied
/// stored          answers SAMPLES_APPLIED SAMPLES_LATE
/// ```
public final class IngestServerMain {
    static final String PREFIX = "ingest-server: ";

    private static final long POLL_NS = 200_000;

    private IngestServerMain() {}

    /// Serves until the end of input.
    ///
    /// @param arguments the journal's folder
    public static void main(String[] arguments) throws IOException {
        var clock = new SetClock();
        var config =
                IngestConfig.defaults(JournalConfig.in(Path.of(arguments[0])), FleetConfig.DEFAULT);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (var ingest = Ingest.open(config, clock, IngestListener.DEAF, null)) {
            ingest.start();
            answer("port " + ingest.port());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                answer(obey(line.split(" ", -1), ingest, clock));
            }
        }
    }

    private static String obey(String[] words, Ingest ingest, SetClock clock) throws IOException {
        return switch (words[0]) {
            case "at" -> {
                clock.ms = Long.parseLong(words[1]);
                yield "at " + words[1];
            }
            case "close" -> {
                close(Long.parseLong(words[1]), Long.parseLong(words[2]), ingest);
                yield "closed " + words[1];
            }
            case "stored" ->
                    "stored %s %s"
                            .formatted(
                                    ingest.statistics().get(Counter.SAMPLES_APPLIED),
                                    ingest.statistics().get(Counter.SAMPLES_LATE));
            default -> throw new IOException("unknown command: " + words[0]);
        };
    }

    private static void close(long tick, long timeMs, Ingest ingest) throws IOException {
        long closed = ingest.statistics().get(Counter.TICKS_CLOSED);
        if (!ingest.closeTick(tick, timeMs)) {
            throw new IOException("tick %s was refused: %s".formatted(tick, ingest.problem()));
        }
        while (ingest.statistics().get(Counter.TICKS_CLOSED) == closed) {
            if (ingest.problem() != null) {
                throw new IOException("tick %s failed: %s".formatted(tick, ingest.problem()));
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private static void answer(String line) {
        PrintStream out = System.out;
        out.println(PREFIX + line);
        out.flush();
    }

    private static final class SetClock implements InstantSource {
        volatile long ms = GaugeStream.timestampMs(0);

        @Override
        public long millis() {
            return ms;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(ms);
        }
    }
}
