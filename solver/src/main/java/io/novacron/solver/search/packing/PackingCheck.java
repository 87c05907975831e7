package io.novacron.solver.search.packing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Judges a packing from the definition alone; shares nothing with the search but the problem.
public final class PackingCheck {
    private PackingCheck() {}

    /// @return hosts that carry at least one vm
    public static int hosts(int[] hostOf) {
        return (int) java.util.Arrays.stream(hostOf).distinct().count();
    }

    /// @return what is wrong with a packing; empty for a sound one
    public static List<String> faults(PackingProblem problem, int[] hostOf) {
        List<String> faults = new ArrayList<>();
        if (hostOf.length != problem.vms) {
            faults.add("%d vms are placed of %d".formatted(hostOf.length, problem.vms));
            return faults;
        }
        for (int resource = 0; resource < problem.resources; resource++) {
            Map<Integer, Long> uses = new HashMap<>();
            for (int vm = 0; vm < problem.vms; vm++) {
                long amount = problem.need[vm * problem.resources + resource];
                uses.merge(hostOf[vm], amount, Long::sum);
            }
            for (var use : uses.entrySet()) {
                if (use.getKey() < 0) {
                    faults.add("a vm is on host %d, below 0".formatted(use.getKey()));
                } else if (use.getValue() > problem.capacity[resource]) {
                    faults.add(
                            "host %d carries %d of resource %d, its capacity is %d"
                                    .formatted(
                                            use.getKey(),
                                            use.getValue(),
                                            resource,
                                            problem.capacity[resource]));
                }
            }
        }
        return faults;
    }
}
