package io.novacron.perf;

import io.novacron.agent.host.SelfMeter;
import io.novacron.daemon.control.ControlConfig;
import io.novacron.daemon.control.ControlServer;
import io.novacron.daemon.control.RemoteWriteEndpoint;
import io.novacron.daemon.security.ListenAddress;
import io.novacron.daemon.view.FleetCommands;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.journal.JournalConfig;
import io.novacron.ingest.remotewrite.MappingTable;
import io.novacron.ingest.remotewrite.RemoteWriteConfig;
import io.novacron.ingest.remotewrite.RemoteWriteCounter;
import io.novacron.ingest.remotewrite.RemoteWriteReceiver;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The control port of this process under remote-write requests of a fleet of node_exporters, over
/// loopback HTTP, each answered when its values are journaled. The cost is that of all Java threads
/// but the calling one, which makes, compresses and sends the requests.
@Command(
        name = "remote-write",
        description = "Samples a second from Prometheus' remote write into the fleet store")
final class RemoteWriteBench extends Measurement {
    private static final int HOST_LIMIT = 5_000;
    private static final double WARM_UP_SHARE = 0.5;
    private static final double NS_PER_SECOND = 1e9;
    private static final double SAMPLES_PER_MILLION = 1e6;
    private static final double BYTES_PER_MB = 1e6;

    @Option(
            names = "--seconds",
            description = "How long, after a warm-up of half as long; default ${DEFAULT-VALUE}")
    private double seconds = 10;

    @Option(names = "--hosts", description = "Hosts with a node_exporter; default ${DEFAULT-VALUE}")
    private int hosts = 100;

    @Option(
            names = "--batch",
            description =
                    "Samples of one request, as max_samples_per_send; default ${DEFAULT-VALUE}")
    private int batch = 2_000;

    @Option(
            names = "--connections",
            description = "Requests on their way at a time; default ${DEFAULT-VALUE}")
    private int connections = 4;

    @Option(names = "--protocol", description = "1 or 2; default ${DEFAULT-VALUE}")
    private int protocol = 1;

    private long sent;
    private long rejected;
    private long requestsSent;
    private long bodyBytes;
    private long round;

    @Override
    protected Figures measure() throws IOException {
        checkSeconds(seconds);
        check(
                hosts > 0 && hosts <= HOST_LIMIT,
                "--hosts=%s must be in [1, %s]. Maybe 100?",
                hosts,
                HOST_LIMIT);
        check(batch > 0 && batch <= 20_000, "--batch=%s must be in [1, 20000]. Maybe 2000?", batch);
        check(
                connections > 0 && connections <= 64,
                "--connections=%s must be in [1, 64]. Maybe 4?",
                connections);
        check(protocol == 1 || protocol == 2, "--protocol=%s must be 1 or 2. Maybe 1?", protocol);
        Path folder = Files.createTempDirectory("novacron-bench-");
        try {
            return measure(folder);
        } finally {
            delete(folder);
        }
    }

    private Figures measure(Path folder) throws IOException {
        var clock = new FleetClock();
        var config = IngestConfig.defaults(JournalConfig.in(folder), FleetConfig.DEFAULT);
        try (var meter = new SelfMeter(Path.of("/proc"));
                var ingest = Ingest.open(config, clock, IngestListener.DEAF, null)) {
            ingest.start();
            var receiver =
                    new RemoteWriteReceiver(
                            RemoteWriteConfig.DEFAULT, MappingTable.bundled(), ingest, clock);
            try (var server = serve(receiver, clock)) {
                List<RemoteWriteConnection> lines = new ArrayList<>();
                for (int i = 0; i < connections; i++) {
                    lines.add(new RemoteWriteConnection(server.port(), protocol == 2));
                }
                List<RemoteWriteRequest> requests = requests();
                report("warming up with %d hosts …", hosts);
                run(seconds * WARM_UP_SHARE, ingest, receiver, clock, requests, lines);
                report("measuring …");
                long sentBefore = sent;
                long rejectedBefore = rejected;
                long requestsBefore = requestsSent;
                long bytesBefore = bodyBytes;
                long valuesBefore = receiver.counters().get(RemoteWriteCounter.VALUES_SENT);
                var before = IngestUse.Reading.now(ingest, meter);
                run(seconds, ingest, receiver, clock, requests, lines);
                IngestUse use = IngestUse.Reading.now(ingest, meter).since(before);
                for (RemoteWriteConnection line : lines) {
                    line.close();
                }
                checkNothingLost(receiver);
                double samples = sent - sentBefore;
                double millions = samples / SAMPLES_PER_MILLION;
                return new Figures("remote-write")
                        .add("samplesPerSecond", samples * NS_PER_SECOND / use.wallNs())
                        .add("rejected", rejected - rejectedBefore)
                        .add(
                                "cpuSecondsPerMillionSamples",
                                use.server().cpuNs() / NS_PER_SECOND / millions)
                        .add(
                                "processCpuSecondsPerMillionSamples",
                                (use.processCpuNs() - use.generatorCpuNs())
                                        / NS_PER_SECOND
                                        / millions)
                        .add(
                                "generatorCpuSecondsPerMillionSamples",
                                use.generatorCpuNs() / NS_PER_SECOND / millions)
                        .add("allocatedBytesPerSample", use.server().allocatedBytes() / samples)
                        .add("bytesReceivedPerSample", (bodyBytes - bytesBefore) / samples)
                        .add("journalBytesPerSample", use.journalBytes() / samples)
                        .add(
                                "valuesPerSample",
                                (receiver.counters().get(RemoteWriteCounter.VALUES_SENT)
                                                - valuesBefore)
                                        / samples)
                        .add("requests", requestsSent - requestsBefore)
                        .add("rssMb", meter.rssBytes() / BYTES_PER_MB)
                        .add("hosts", hosts)
                        .add("protocol", protocol)
                        .add("samples", (long) samples);
            }
        }
    }

    private ControlServer serve(RemoteWriteReceiver receiver, FleetClock clock) {
        return ControlServer.start(
                ControlConfig.of(new ListenAddress("127.0.0.1", 0), null, null),
                unused(FleetQueries.class),
                unused(FleetCommands.class),
                new CollectorRegistry(),
                clock,
                new RemoteWriteEndpoint(receiver, 16 << 20, 64, Duration.ofSeconds(5)));
    }

    /// What nobody asks for here.
    private static <T> T unused(Class<T> type) {
        Object proxy =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, _) -> {
                            throw new UnsupportedOperationException(method.toString());
                        });
        return type.cast(proxy);
    }

    private List<RemoteWriteRequest> requests() throws IOException {
        List<RemoteWriteRequest.Series> all = new ArrayList<>();
        for (int host = 0; host < hosts; host++) {
            all.addAll(RemoteWriteRequest.nodeExporter(host));
        }
        List<RemoteWriteRequest> requests = new ArrayList<>();
        for (int from = 0; from < all.size(); from += batch) {
            requests.add(
                    new RemoteWriteRequest(
                            all.subList(from, Math.min(all.size(), from + batch)), protocol == 2));
        }
        return requests;
    }

    /// Whole rounds of scrapes, a minute of the fleet's time each.
    private void run(
            double forSeconds,
            Ingest ingest,
            RemoteWriteReceiver receiver,
            FleetClock clock,
            List<RemoteWriteRequest> requests,
            List<RemoteWriteConnection> lines)
            throws IOException {
        long startNs = System.nanoTime();
        do {
            round++;
            clock.startRound(round);
            for (int next = 0; next < requests.size() + lines.size(); next++) {
                RemoteWriteConnection line = lines.get(next % lines.size());
                if (next >= lines.size() && next - lines.size() < requests.size()) {
                    rejected += line.readRejected();
                }
                if (next < requests.size()) {
                    RemoteWriteRequest request = requests.get(next);
                    var body = request.body(round, clock.roundMs(round));
                    bodyBytes += body.readableBytes();
                    line.send(body, request.samples());
                    sent += request.samples();
                    requestsSent++;
                }
            }
            if (round == 1) {
                receiver.flush().journaled().join(); // nobody knows yet what a whole scrape is
            }
            if (!ingest.closeTick(round, clock.roundMs(round))) {
                throw new IOException("tick was refused: " + ingest.problem());
            }
        } while (System.nanoTime() - startNs < forSeconds * NS_PER_SECOND);
    }

    private void checkNothingLost(RemoteWriteReceiver receiver) throws IOException {
        var counters = receiver.counters();
        long received = counters.get(RemoteWriteCounter.SAMPLES_RECEIVED);
        long closed = counters.get(RemoteWriteCounter.ROUNDS_CLOSED);
        if (received != sent
                || closed != round * hosts
                || counters.get(RemoteWriteCounter.ROUNDS_INCOMPLETE) != 0) {
            throw new IOException(
                    "%d of %d samples were received, %d of %d scrapes put together. Counters: %s"
                            .formatted(received, sent, closed, round * hosts, counters.values()));
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
