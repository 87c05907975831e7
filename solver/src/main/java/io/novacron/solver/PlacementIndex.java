package io.novacron.solver;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/// All that placement queries read, folded once when a view of the fleet is published. Immutable,
/// so any number of threads may query it, each with a [Placer] of its own.
///
/// Host columns are resource-major and padded to whole words of 64 hosts, and everything that is
/// yes or no is a bit per host: a query works on 64 hosts at a time, and never looks at a resource
/// of a host that is already out.
///
/// ```text
/// room      [resource][host…]   allocation limit less sizes       compared with the vm's size
/// headroom  [resource][host…]   safe load less forecast peak      compared with the vm's peak
/// open      [host bits…]        neither cordoned nor opted out
/// labels    label → [host bits…]
/// ```
public final class PlacementIndex {
    static final int WORD = Long.SIZE;

    final FleetProblem problem;
    final PlacementPolicy policy;
    final int words;
    final int paddedHosts;
    final double[] room;
    final double[] headroom;
    final double[] roomLeast;
    final double[] roomMost;
    final double[] headroomLeast;
    final double[] headroomMost;
    final double[] roomShare;
    final double[] perLimit;
    final double[] headroomShare;
    final double[] perSafe;
    final double[] allocatedShare; // of the limit, mean over resources; known before any query
    final long[] exists;
    final long[] notOptedOut;
    final long[] notCordoned;
    final FleetState state; // after publishing, only methods that use no scratch memory
    private final double[] peakShare; // by resource: fleet's peaks / fleet's sizes
    private final Map<String, long[]> hostsByLabel = new HashMap<>();
    private final long[] noHosts;
    private final Map<String, Integer> affinityGroups = new HashMap<>();
    private final Map<String, Integer> antiAffinityGroups = new HashMap<>();

    private PlacementIndex(FleetProblem problem, PlacementPolicy policy) {
        this.problem = problem;
        this.policy = policy;
        state = new FleetState(problem);
        words = (problem.hostCount + WORD - 1) / WORD;
        paddedHosts = words * WORD;
        room = new double[problem.resourceCount * paddedHosts];
        headroom = new double[problem.resourceCount * paddedHosts];
        roomLeast = filled(problem.resourceCount * words, Double.POSITIVE_INFINITY);
        roomMost = filled(roomLeast.length, Double.NEGATIVE_INFINITY);
        headroomLeast = roomLeast.clone();
        headroomMost = roomMost.clone();
        roomShare = new double[room.length];
        perLimit = new double[room.length];
        headroomShare = new double[room.length];
        perSafe = new double[room.length];
        allocatedShare = new double[paddedHosts];
        exists = new long[words];
        notOptedOut = new long[words];
        notCordoned = new long[words];
        noHosts = new long[words];
        for (int host = 0; host < problem.hostCount; host++) {
            publish(host);
        }
        peakShare = new double[problem.resourceCount];
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            peakShare[resource] = peakShareOf(resource);
        }
        for (int group = 0; group < problem.affinity.count(); group++) {
            affinityGroups.put(problem.affinity.name(group), group);
        }
        for (int group = 0; group < problem.antiAffinity.count(); group++) {
            antiAffinityGroups.put(problem.antiAffinity.name(group), group);
        }
    }

    /// Folds a view of the fleet for queries.
    public static PlacementIndex publish(FleetProblem problem, PlacementPolicy policy) {
        return new PlacementIndex(problem, policy);
    }

    public FleetProblem problem() {
        return problem;
    }

    /// Answers one request with scratch memory of its own; see [Placer] to reuse it.
    public Placement place(PlacementRequest request) {
        return new Placer().place(this, request);
    }

    private void publish(int host) {
        int counted = 0;
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            int cell = resource * paddedHosts + host;
            int word = resource * words + host / WORD;
            double limit = problem.allocationLimit(resource, host);
            double allocated = state.allocated(resource, host);
            double safe = problem.safeLoad(resource, host);
            room[cell] = limit - allocated;
            headroom[cell] = safe - state.peak(resource, host);
            roomLeast[word] = Math.min(roomLeast[word], room[cell]);
            roomMost[word] = Math.max(roomMost[word], room[cell]);
            headroomLeast[word] = Math.min(headroomLeast[word], headroom[cell]);
            headroomMost[word] = Math.max(headroomMost[word], headroom[cell]);
            roomShare[cell] = limit > 0 ? room[cell] / limit : 1;
            perLimit[cell] = limit > 0 ? 1 / limit : 0;
            headroomShare[cell] = safe > 0 ? headroom[cell] / safe : 1; // of none, none is wanting
            perSafe[cell] = safe > 0 ? 1 / safe : 0;
            if (limit > 0) {
                allocatedShare[host] += Math.min(1, allocated / limit);
                counted++;
            }
        }
        allocatedShare[host] /= Math.max(1, counted);
        set(exists, host);
        if (!problem.hostOptedOut[host]) {
            set(notOptedOut, host);
        }
        if (!problem.hostCordoned[host]) {
            set(notCordoned, host);
        }
        for (String label : problem.hostLabels(host)) {
            set(hostsByLabel.computeIfAbsent(label, _ -> new long[words]), host);
        }
    }

    /// The share of their size that vms with a forecast use at their peaks, or 1 if there are none.
    private double peakShareOf(int resource) {
        double peaks = 0;
        double sizes = 0;
        for (int vm = 0; vm < problem.vmCount; vm++) {
            if (problem.hasForecast(resource, vm) && problem.size(resource, vm) > 0) {
                peaks += problem.demandQuantile(resource, vm, problem.horizon().riskLevel());
                sizes += problem.size(resource, vm);
            }
        }
        return sizes > 0 ? Math.min(1, peaks / sizes) : 1;
    }

    /// Size of the requested vm in one resource.
    double sizeOf(PlacementRequest request, int resource) {
        if (resource == problem.cpuIndex()) {
            return request.vcpus();
        }
        return resource == problem.memoryIndex()
                ? request.memoryBytes()
                : given(request.otherSizes(), resource, 0);
    }

    /// Peak demand of the requested vm in one resource.
    double peakOf(PlacementRequest request, int resource) {
        return given(
                request.expectedPeaks(), resource, sizeOf(request, resource) * peakShare[resource]);
    }

    private double given(Map<String, Double> amounts, int resource, double otherwise) {
        Double amount = amounts.get(nameOf(resource));
        return amount == null ? otherwise : amount;
    }

    long[] hostsWithLabel(String label) {
        return hostsByLabel.getOrDefault(label, noHosts);
    }

    /// Refuses a request that refers to what is not there. Allocates only to complain.
    ///
    /// @throws InvalidInputException listing all of it
    void check(PlacementRequest request) {
        if (knowsVms(request.withVms())
                && knowsVms(request.apartFromVms())
                && knowsAll(affinityGroups, request.affinityGroups())
                && knowsAll(antiAffinityGroups, request.antiAffinityGroups())
                && request.otherSizes().isEmpty()
                && request.expectedPeaks().isEmpty()) {
            return;
        }
        var mistakes = new Mistakes("placement request");
        for (String vm : request.withVms()) {
            checkKnown(mistakes, problem.vmIndex(vm) >= 0, "vm", vm);
        }
        for (String vm : request.apartFromVms()) {
            checkKnown(mistakes, problem.vmIndex(vm) >= 0, "vm", vm);
        }
        for (String group : request.affinityGroups()) {
            checkKnown(mistakes, affinityGroups.containsKey(group), "affinity group", group);
        }
        for (String group : request.antiAffinityGroups()) {
            checkKnown(
                    mistakes, antiAffinityGroups.containsKey(group), "anti-affinity group", group);
        }
        for (String name : new TreeSet<>(request.otherSizes().keySet())) {
            checkKnown(mistakes, hasOther(name), "resource that takes a size of its own:", name);
        }
        for (String name : new TreeSet<>(request.expectedPeaks().keySet())) {
            checkKnown(mistakes, hasResource(name), "resource", name);
        }
        mistakes.throwIfAny();
    }

    private boolean knowsVms(List<String> ids) {
        for (int i = 0; i < ids.size(); i++) {
            if (problem.vmIndex(ids.get(i)) == FleetProblem.MISSING) {
                return false;
            }
        }
        return true;
    }

    private static boolean knowsAll(Map<String, Integer> groups, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            if (!groups.containsKey(names.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static void checkKnown(Mistakes mistakes, boolean known, String kind, String name) {
        mistakes.check(known, "there is no %s %s. Maybe it left the fleet?", kind, name);
    }

    private boolean hasOther(String name) {
        return hasResource(name)
                && !name.equals(Resource.CPU_NAME)
                && !name.equals(Resource.MEMORY_NAME);
    }

    private boolean hasResource(String name) {
        return problem.resources().stream().anyMatch(resource -> resource.name().equals(name));
    }

    int affinityGroup(String name) {
        return Objects.requireNonNull(affinityGroups.get(name), name);
    }

    int antiAffinityGroup(String name) {
        return Objects.requireNonNull(antiAffinityGroups.get(name), name);
    }

    String nameOf(int resource) {
        return problem.resources().get(resource).name();
    }

    private static double[] filled(int length, double value) {
        double[] values = new double[length];
        Arrays.fill(values, value);
        return values;
    }

    static void set(long[] bits, int host) {
        bits[host / WORD] |= 1L << host;
    }
}
