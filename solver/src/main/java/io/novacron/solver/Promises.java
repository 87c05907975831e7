package io.novacron.solver;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Where promised vms will be, for requests that want to be near them or apart. A [PlacementLedger]
/// writes, any thread reads: a query may see a promise that is newer than its index.
final class Promises {
    private final Map<String, Integer> hostByVm = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Integer>> affinity = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Integer>> antiAffinity = new ConcurrentHashMap<>();

    void add(String vm, int host, PlacementRequest request) {
        hostByVm.put(vm, host);
        for (String group : request.affinityGroups()) {
            affinity.computeIfAbsent(group, _ -> new ConcurrentHashMap<>()).put(vm, host);
        }
        for (String group : request.antiAffinityGroups()) {
            antiAffinity.computeIfAbsent(group, _ -> new ConcurrentHashMap<>()).put(vm, host);
        }
    }

    void remove(String vm, PlacementRequest request) {
        hostByVm.remove(vm);
        remove(affinity, request.affinityGroups(), vm);
        remove(antiAffinity, request.antiAffinityGroups(), vm);
    }

    private static void remove(
            Map<String, Map<String, Integer>> groups, Iterable<String> names, String vm) {
        for (String name : names) {
            Map<String, Integer> members = groups.get(name);
            if (members != null) {
                members.remove(vm);
                if (members.isEmpty()) {
                    groups.remove(name);
                }
            }
        }
    }

    /// @return or [FleetProblem#MISSING]
    int hostOf(String vm) {
        Integer host = hostByVm.get(vm);
        return host == null ? FleetProblem.MISSING : host;
    }

    boolean inAffinity(String group) {
        return affinity.containsKey(group);
    }

    void setAffinity(String group, PlacementIndex index, long[] bits) {
        set(affinity.get(group), index, bits);
    }

    void setAntiAffinity(String group, PlacementIndex index, long[] bits) {
        set(antiAffinity.get(group), index, bits);
    }

    private static void set(
            @Nullable Map<String, Integer> members, PlacementIndex index, long[] bits) {
        if (members != null) {
            for (int host : members.values()) {
                index.setHost(bits, host);
            }
        }
    }
}
