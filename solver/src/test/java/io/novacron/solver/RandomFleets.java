package io.novacron.solver;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Small random fleets with every kind of rule, some broken from the start. Same seed, same fleet.
final class RandomFleets {
    static final long GIB = 1L << 30;
    private static final Double[] LEVELS = {0.1, 0.5, 0.9, 0.95};

    private RandomFleets() {}

    static FleetProblem fleet(long seed, int maxHosts, int maxVms) {
        var random = new SplittableRandom(seed);
        boolean hasScenarios = random.nextBoolean();
        Horizon horizon = Horizon.ofQuantiles(6, random.nextBoolean() ? 0.95 : 0.9, LEVELS);
        if (hasScenarios) {
            horizon = horizon.withScenarios(1 + random.nextInt(6), 1 + random.nextInt(4));
        }
        var builder =
                FleetProblem.builder(horizon, Resource.CPU, Resource.MEMORY, Resource.NETWORK);
        int hosts = 1 + random.nextInt(maxHosts);
        int vms = random.nextInt(maxVms + 1);
        for (int i = 0; i < hosts; i++) {
            addHost(builder, "h" + i, random);
        }
        for (int i = 0; i < vms; i++) {
            addVm(builder, "v" + i, "h" + random.nextInt(hosts), horizon, random);
        }
        addRules(builder, hosts, vms, random);
        return builder.build();
    }

    private static void addHost(FleetProblemBuilder builder, String id, SplittableRandom random) {
        var host =
                builder.host(id)
                        .capacity(Resource.CPU, 4 + random.nextInt(12))
                        .overCommit(Resource.CPU, 1 + random.nextInt(4))
                        .safetyLevel(Resource.CPU, 0.6 + 0.4 * random.nextDouble())
                        .capacity(Resource.MEMORY, (16.0 + random.nextInt(64)) * GIB)
                        .safetyLevel(Resource.MEMORY, 0.95)
                        .capacity(Resource.NETWORK, random.nextInt(5) == 0 ? 0 : 1e9);
        var labels = new ArrayList<String>();
        labels.add("zone=" + random.nextInt(3));
        if (random.nextInt(10) == 0) {
            labels.add(FleetProblem.OPT_OUT_LABEL);
        }
        host.labels(labels.toArray(new String[0]));
        if (random.nextInt(10) == 0) {
            host.cordon();
        }
    }

    private static void addVm(
            FleetProblemBuilder builder,
            String id,
            String host,
            Horizon horizon,
            SplittableRandom random) {
        int vcpus = 1 + random.nextInt(6);
        long memory = (1 + random.nextInt(16)) * GIB;
        var vm =
                builder.vm(id)
                        .on(host)
                        .vcpus(vcpus, vcpus + random.nextInt(4))
                        .memoryBytes(memory, memory + random.nextInt(8) * GIB);
        addDemand(vm, Resource.CPU, vcpus, horizon, random);
        addDemand(vm, Resource.MEMORY, memory, horizon, random);
        addDemand(vm, Resource.NETWORK, 1e8, horizon, random);
        if (random.nextInt(3) == 0) {
            vm.observed(Resource.CPU, vcpus * random.nextDouble());
        }
        if (random.nextInt(3) == 0) {
            vm.dirtyBytesPerSecond(2e8 * random.nextDouble());
        }
        if (random.nextInt(4) == 0) {
            vm.historyHours(48 * random.nextDouble());
        }
        if (random.nextInt(12) == 0) {
            vm.labels(FleetProblem.OPT_OUT_LABEL);
        }
    }

    private static void addDemand(
            FleetProblemBuilder.Vm vm,
            Resource resource,
            double size,
            Horizon horizon,
            SplittableRandom random) {
        double centre = size * random.nextDouble();
        int kind = random.nextInt(8);
        if (kind > 0) {
            float[] quantiles = new float[LEVELS.length];
            for (int i = 0; i < quantiles.length; i++) {
                quantiles[i] = (float) Math.min(size, centre * (0.5 + 0.3 * i));
            }
            vm.demand(resource, quantiles);
        }
        int cells = horizon.scenarioCount() * horizon.stepCount();
        if (kind > 1 && cells > 0) {
            float[] paths = new float[cells];
            for (int i = 0; i < cells; i++) {
                paths[i] = (float) Math.min(size, centre * 2 * random.nextDouble());
            }
            vm.paths(resource, paths);
        }
    }

    private static void addRules(
            FleetProblemBuilder builder, int hosts, int vms, SplittableRandom random) {
        // Disjoint ranges of vms, so that no two rules contradict each other.
        int third = vms / 3;
        for (int group = 0; group * 3 + 3 <= third; group++) {
            builder.affinity("a" + group, names(group * 3, 2 + random.nextInt(2)));
        }
        for (int group = 0; third + group * 3 + 3 <= 2 * third; group++) {
            builder.antiAffinity("x" + group, names(third + group * 3, 2 + random.nextInt(2)));
        }
        for (int vm = 2 * third; vm < vms; vm++) {
            if (random.nextInt(6) == 0) {
                builder.pin("v" + vm, "h" + random.nextInt(hosts));
            } else if (random.nextInt(4) == 0 && hosts > 1) {
                builder.forbid("v" + vm, "h" + random.nextInt(hosts));
            }
        }
    }

    private static String[] names(int first, int count) {
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = "v" + (first + i);
        }
        return names;
    }

    /// A random part of a list in random order.
    static <T> List<T> someOf(List<T> items, SplittableRandom random) {
        var rest = new ArrayList<>(items);
        var some = new ArrayList<T>();
        int count = random.nextInt(items.size() + 1);
        for (int i = 0; i < count; i++) {
            some.add(rest.remove(random.nextInt(rest.size())));
        }
        return some;
    }
}
