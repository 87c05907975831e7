package io.novacron.perf;

import io.novacron.daemon.query.QueryClient;
import io.novacron.daemon.query.QueryConfig;
import io.novacron.daemon.query.QueryServer;
import io.novacron.daemon.security.ListenAddress;
import io.novacron.daemon.tick.Placements;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.PlacementIndex;
import io.novacron.solver.PlacementLedger;
import io.novacron.solver.PlacementPolicy;
import io.novacron.solver.PlacementRequest;
import io.novacron.solver.Placer;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Answers to placement requests from one index, with scores and reasons, one after the other:
///
/// - in this thread: `p50Us`, `p99Us` in wall time, preemption by neighbours included, and
///   `placementsPerSecond` per second of CPU time. Nothing is committed.
/// - with each vm's room promised on the best host and an earlier promise released, so that every
///   answer is from a new index: `promisesPerSecond` of CPU time.
/// - through the binary query port on loopback, one caller: `portP50Us`, `portP99Us`.
@Command(name = "placement", description = "Best hosts for new vms in a random fleet")
final class PlacementBench extends Measurement {
    private static final int HOST_LIMIT = 100_000;
    private static final int VMS_PER_HOST = 10;
    private static final int REQUESTS = 256;
    private static final double WARM_UP_SHARE = 0.5;
    private static final int DIGITS = 3;
    private static final double NS_PER_US = 1e3;
    private static final double NS_PER_SECOND = 1e9;
    private static final long SEED = 7;
    private static final int PROMISES = 1_000; // out at one time
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Option(names = "--hosts", description = "In the fleet; default ${DEFAULT-VALUE}")
    private int hosts = 10_000;

    @Option(
            names = "--seconds",
            description = "How long, after a warm-up of half as much; default ${DEFAULT-VALUE}")
    private double seconds = 5;

    @Override
    protected Figures measure() throws Exception {
        checkSeconds(seconds);
        check(
                hosts > 0 && hosts <= HOST_LIMIT,
                "--hosts=%s must be in [1, %s]. Maybe 10000?",
                hosts,
                HOST_LIMIT);
        report("making a fleet of %d hosts and %d vms …", hosts, hosts * VMS_PER_HOST);
        var fleet = new RandomFleet(SEED);
        FleetProblem problem = fleet.problem(hosts, VMS_PER_HOST);
        List<PlacementRequest> requests = fleet.requests(REQUESTS);
        var ledger = new PlacementLedger(PlacementPolicy.DEFAULT, PROMISES + 1);
        PlacementIndex index = ledger.publish(problem, 0);
        var figures = new Figures("placement");
        report("placing …");
        inProcess(index, requests, figures);
        report("placing through the query port …");
        throughPort(ledger, requests, figures);
        report("promising …");
        promising(ledger, requests, figures);
        return figures.add("hosts", hosts).add("vms", hosts * VMS_PER_HOST);
    }

    private void inProcess(PlacementIndex index, List<PlacementRequest> requests, Figures figures) {
        var placer = new Placer();
        CpuCost.warmUp(
                seconds * WARM_UP_SHARE,
                () -> requests.forEach(request -> placer.place(index, request)));
        var latencies = new Histogram(DIGITS);
        long startCpuNs = CpuCost.THREADS.getCurrentThreadCpuTime();
        timed(seconds, latencies, i -> placer.place(index, requests.get(i % REQUESTS)));
        long cpuNs = CpuCost.THREADS.getCurrentThreadCpuTime() - startCpuNs;
        figures.add("p50Us", latencies.getValueAtPercentile(50) / NS_PER_US)
                .add("p99Us", latencies.getValueAtPercentile(99) / NS_PER_US)
                .add("placementsPerSecond", latencies.getTotalCount() * NS_PER_SECOND / cpuNs);
    }

    private void promising(
            PlacementLedger ledger, List<PlacementRequest> requests, Figures figures) {
        var made = new int[1]; // goes on from the warm-up
        Query promise =
                i -> {
                    ledger.promise(vm(made[0]), requests.get(i % REQUESTS), 0, Long.MAX_VALUE);
                    ledger.release(vm(made[0]++ - PROMISES));
                };
        timed(seconds * WARM_UP_SHARE, new Histogram(DIGITS), promise);
        var latencies = new Histogram(DIGITS);
        long startCpuNs = CpuCost.THREADS.getCurrentThreadCpuTime();
        timed(seconds, latencies, promise);
        long cpuNs = CpuCost.THREADS.getCurrentThreadCpuTime() - startCpuNs;
        figures.add("promisesPerSecond", latencies.getTotalCount() * NS_PER_SECOND / cpuNs);
    }

    private static String vm(int number) {
        return "new-" + number;
    }

    private void throughPort(
            PlacementLedger ledger, List<PlacementRequest> requests, Figures figures)
            throws Exception {
        var queries = new PlacementQueries(new Placements(ledger, InstantSource.system()));
        var config = QueryConfig.of(new ListenAddress("127.0.0.1", 0), null);
        try (var server =
                        QueryServer.start(
                                config,
                                queries,
                                queries,
                                new CollectorRegistry(),
                                InstantSource.system(),
                                "bench");
                var client =
                        QueryClient.connect(
                                new InetSocketAddress("127.0.0.1", server.port()),
                                null,
                                "bench",
                                PATIENCE)) {
            Query query =
                    i -> {
                        PlacementRequest request = requests.get(i % REQUESTS);
                        client.place(
                                request.vcpus(),
                                request.memoryBytes(),
                                request.limit(),
                                List.of(),
                                List.of());
                    };
            timed(seconds * WARM_UP_SHARE, new Histogram(DIGITS), query);
            var latencies = new Histogram(DIGITS);
            timed(seconds, latencies, query);
            figures.add("portP50Us", latencies.getValueAtPercentile(50) / NS_PER_US)
                    .add("portP99Us", latencies.getValueAtPercentile(99) / NS_PER_US);
        }
    }

    private interface Query {
        void ask(int number) throws IOException;
    }

    private static void timed(double seconds, Histogram latencies, Query query) {
        long startNs = System.nanoTime();
        long beforeNs = startNs;
        for (int i = 0; beforeNs - startNs < seconds * NS_PER_SECOND; i++) {
            try {
                query.ask(i);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            long afterNs = System.nanoTime();
            latencies.recordValue(afterNs - beforeNs);
            beforeNs = afterNs;
        }
    }
}
