package io.novacron.perf;

import io.novacron.solver.FleetProblem;
import io.novacron.solver.FleetProblemBuilder;
import io.novacron.solver.Horizon;
import io.novacron.solver.PlacementRequest;
import io.novacron.solver.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/// A fleet of like hosts in eight zones, filled at random, and requests that it can mostly serve.
/// Same seed, same fleet.
final class RandomFleet {
    private static final long GIB = 1L << 30;
    private static final double HOST_CORES = 64;
    private static final double CPU_OVER_COMMIT = 2;
    private static final double HOST_MEMORY = 256.0 * GIB;
    private static final int ZONES = 8;
    private static final int ZONED_ONE_IN = 4;
    private static final int LARGEST_VCPUS = 16;
    private static final long MEMORY_PER_VCPU = 2 * GIB;
    private static final int CANDIDATES = 5;
    private static final float HOT = 2;

    private final SplittableRandom random;

    RandomFleet(long seed) {
        random = new SplittableRandom(seed);
    }

    FleetProblem problem(int hosts, int vmsPerHost) {
        return problem(hosts, hosts * vmsPerHost, 0);
    }

    /// @param vms spread evenly over the hosts
    /// @param hotOneIn every so many hosts, vms will use all they have; 0: nowhere
    FleetProblem problem(int hosts, int vms, int hotOneIn) {
        var builder =
                FleetProblem.builder(
                        Horizon.ofQuantiles(1, 0.9, 0.5, 0.9, 0.95), Resource.CPU, Resource.MEMORY);
        for (int host = 0; host < hosts; host++) {
            builder.host(hostId(host))
                    .capacity(Resource.CPU, HOST_CORES)
                    .overCommit(Resource.CPU, CPU_OVER_COMMIT)
                    .capacity(Resource.MEMORY, HOST_MEMORY)
                    .labels(zone(host));
        }
        for (int vm = 0; vm < vms; vm++) {
            int host = (int) ((long) vm * hosts / vms);
            boolean hot = hotOneIn > 0 && host % hotOneIn == 0;
            addVm(builder, "vm-" + vm, hostId(host), hot);
        }
        return builder.build();
    }

    List<PlacementRequest> requests(int count) {
        var requests = new ArrayList<PlacementRequest>();
        for (int i = 0; i < count; i++) {
            int vcpus = 1 + random.nextInt(LARGEST_VCPUS);
            var request = PlacementRequest.of(vcpus, vcpus * MEMORY_PER_VCPU, CANDIDATES);
            boolean zoned = random.nextInt(ZONED_ONE_IN) == 0;
            requests.add(
                    zoned
                            ? request.withLabels(List.of(zone(random.nextInt(ZONES))), List.of())
                            : request);
        }
        return requests;
    }

    private void addVm(FleetProblemBuilder builder, String id, String host, boolean hot) {
        int vcpus = 1 + random.nextInt(LARGEST_VCPUS);
        long memory = vcpus * MEMORY_PER_VCPU;
        float share = (float) (0.1 + 0.5 * random.nextDouble()) * (hot ? HOT : 1);
        builder.vm(id)
                .on(host)
                .vcpus(vcpus, vcpus)
                .memoryBytes(memory, memory)
                .demand(Resource.CPU, quantiles(share * vcpus))
                .demand(Resource.MEMORY, quantiles(share * memory));
    }

    private static float[] quantiles(float median) {
        return new float[] {median, 1.2f * median, 1.4f * median};
    }

    private static String hostId(int host) {
        return new UUID(0, host).toString();
    }

    private static String zone(int number) {
        return "zone=" + number % ZONES;
    }
}
