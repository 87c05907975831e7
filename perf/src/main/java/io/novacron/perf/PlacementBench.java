package io.novacron.perf;

import io.novacron.solver.PlacementIndex;
import io.novacron.solver.PlacementPolicy;
import io.novacron.solver.PlacementRequest;
import io.novacron.solver.Placer;
import java.util.List;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Answers to placement requests from one index, one after the other, in one thread. Nothing is
/// committed: an index is immutable, and the next one is published with the next view of the fleet.
///
/// Latencies are wall time, preemption by neighbours included; the rate is per second of CPU time.
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

    @Option(names = "--hosts", description = "In the fleet; default ${DEFAULT-VALUE}")
    private int hosts = 10_000;

    @Option(
            names = "--seconds",
            description = "How long, after a warm-up of half as much; default ${DEFAULT-VALUE}")
    private double seconds = 5;

    @Override
    protected Figures measure() {
        checkSeconds(seconds);
        check(
                hosts > 0 && hosts <= HOST_LIMIT,
                "--hosts=%s must be in [1, %s]. Maybe 10000?",
                hosts,
                HOST_LIMIT);
        report("making a fleet of %d hosts and %d vms …", hosts, hosts * VMS_PER_HOST);
        var fleet = new RandomFleet(SEED);
        var index =
                PlacementIndex.publish(fleet.problem(hosts, VMS_PER_HOST), PlacementPolicy.DEFAULT);
        List<PlacementRequest> requests = fleet.requests(REQUESTS);
        var placer = new Placer();
        report("placing …");
        CpuCost.warmUp(
                seconds * WARM_UP_SHARE,
                () -> requests.forEach(request -> placer.place(index, request)));
        var latencies = new Histogram(DIGITS);
        long startNs = System.nanoTime();
        long startCpuNs = CpuCost.THREADS.getCurrentThreadCpuTime();
        long beforeNs = startNs;
        while (beforeNs - startNs < seconds * NS_PER_SECOND) {
            int request = (int) (latencies.getTotalCount() % REQUESTS);
            placer.place(index, requests.get(request));
            long afterNs = System.nanoTime();
            latencies.recordValue(afterNs - beforeNs);
            beforeNs = afterNs;
        }
        long cpuNs = CpuCost.THREADS.getCurrentThreadCpuTime() - startCpuNs;
        return new Figures("placement")
                .add("p50Us", latencies.getValueAtPercentile(50) / NS_PER_US)
                .add("p99Us", latencies.getValueAtPercentile(99) / NS_PER_US)
                .add("placementsPerSecond", latencies.getTotalCount() * NS_PER_SECOND / cpuNs)
                .add("hosts", hosts)
                .add("vms", hosts * VMS_PER_HOST);
    }
}
