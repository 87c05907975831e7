package io.novacron.perf.solvers;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// First fit by falling sum of needs: where peers start from, as constructing a plan of this size
/// in their own terms would take them most of a minute.
final class PackingStart {
    private PackingStart() {}

    /// @param need by vm and resource, the resource running fastest
    /// @return host by vm
    static int[] firstFitDecreasing(int[] capacity, int[] need) {
        int resources = capacity.length;
        int vms = need.length / resources;
        int[] order =
                IntStream.range(0, vms)
                        .boxed()
                        .sorted(Comparator.comparingInt(vm -> -sum(need, vm, resources)))
                        .mapToInt(Integer::intValue)
                        .toArray();
        var hostOf = new int[vms];
        var free = new int[vms * resources];
        for (int host = 0; host < vms; host++) {
            System.arraycopy(capacity, 0, free, host * resources, resources);
        }
        for (int vm : order) {
            int host = 0;
            while (!fits(free, host, need, vm, resources)) {
                host++; // ends: each vm could have a host of its own
            }
            hostOf[vm] = host;
            for (int resource = 0; resource < resources; resource++) {
                free[host * resources + resource] -= need[vm * resources + resource];
            }
        }
        return hostOf;
    }

    static int hosts(int[] hostOf) {
        return Arrays.stream(hostOf).max().orElse(-1) + 1;
    }

    static int sum(int[] need, int vm, int resources) {
        return Arrays.stream(need, vm * resources, (vm + 1) * resources).sum();
    }

    private static boolean fits(int[] free, int host, int[] need, int vm, int resources) {
        for (int resource = 0; resource < resources; resource++) {
            if (free[host * resources + resource] < need[vm * resources + resource]) {
                return false;
            }
        }
        return true;
    }
}
