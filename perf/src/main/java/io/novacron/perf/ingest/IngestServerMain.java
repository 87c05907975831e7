package io.novacron.perf.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.journal.JournalConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// An ingest in a process of its own, so that its CPU time and memory are the server's alone. It
/// obeys lines on standard input and answers on standard output:
///
/// ```text
///  round N   the fleet's clock enters round N
///  tick N    closes the tick of round N
///  stats     prints one JSON line of counters
///  quit      (or the end of the input) closes and ends
/// ```
final class IngestServerMain {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private IngestServerMain() {}

    /// @param arguments the journal's directory, frames an acknowledgement
    public static void main(String[] arguments) throws IOException {
        PrintStream out = System.out;
        var clock = new RoundClock();
        var config =
                IngestConfig.defaults(JournalConfig.in(Path.of(arguments[0])), FleetConfig.DEFAULT)
                        .withAcknowledgeFrames(Integer.parseInt(arguments[1]));
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        try (var ingest = Ingest.open(config, clock, IngestListener.DEAF, null)) {
            ingest.start();
            out.println("port " + ingest.port());
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "round" -> clock.startRound(Long.parseLong(words[1]));
                    case "tick" -> {
                        long round = Long.parseLong(words[1]);
                        if (!ingest.closeTick(round, RoundClock.roundMs(round))) {
                            throw new IOException("tick refused: " + ingest.problem());
                        }
                    }
                    case "stats" -> out.println(statistics(ingest));
                    default -> {
                        return;
                    }
                }
            }
        }
    }

    /// Of a frame: event loop, journal and fleet thread.
    private static boolean isOnTheWay(String thread) {
        return thread.startsWith("novacron-ingest") || thread.startsWith("novacron-stage");
    }

    private static String statistics(Ingest ingest) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>(ingest.statistics().counters());
        long allocated = 0;
        for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            if (thread != null && isOnTheWay(thread.getThreadName())) {
                allocated += Math.max(0, THREADS.getThreadAllocatedBytes(thread.getThreadId()));
            }
        }
        values.put("allocatedBytes", allocated);
        return new ObjectMapper().writeValueAsString(values);
    }
}
