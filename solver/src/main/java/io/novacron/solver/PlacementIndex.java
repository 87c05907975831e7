package io.novacron.solver;

import io.novacron.solver.kernel.PlacementKernel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;

/// All that placement queries read, folded once when a view of the fleet is published. Immutable,
/// so any number of threads may query it, each with a [Placer] of its own.
///
/// Hosts lie in blocks of 64, those that score best for a vm of no size first: a query that has
/// found good hosts early passes most blocks by. What is yes or no is a bit per host, in the same
/// order. A query works on 64 hosts at a time, and never looks at a resource of a host that is
/// already out.
///
/// ```text
/// block   room      [resource][host…]   allocation limit less sizes   compared with the vm's size
///         headroom  [resource][host…]   safe load less forecast peak  compared with the vm's peak
/// bits    exists, notOptedOut, notCordoned, label → bits
/// ```
///
/// What a [PlacementLedger] has promised is taken off room and headroom: each promise makes a new
/// index, which shares all blocks but one with the index before.
public final class PlacementIndex {
    static final int WORD = HostBlock.LANES;

    private static final double KEYS = 1 << 30; // steps of the order's score

    final FleetProblem problem;
    final PlacementPolicy policy;
    final int words;
    final HostBlock[] blocks;
    final long[] exists;
    final long[] notOptedOut;
    final long[] notCordoned;
    final FleetState state; // after publishing, only methods that use no scratch memory
    final PlacementKernel.Weights weights;
    final Promises promises;
    private final int[] placeOf; // by host
    private final double[] peakShare; // by resource: fleet's peaks / fleet's sizes
    private final Map<String, long[]> hostsByLabel;
    private final long[] noHosts;
    private final Map<String, Integer> affinityGroups;
    private final Map<String, Integer> antiAffinityGroups;

    private PlacementIndex(FleetProblem problem, PlacementPolicy policy, Promises promises) {
        this.problem = problem;
        this.policy = policy;
        this.promises = promises;
        double sum = policy.weightSum();
        weights =
                new PlacementKernel.Weights(
                        policy.contentionWeight() / sum,
                        policy.shapeWeight() / sum,
                        policy.packingWeight() / sum);
        state = new FleetState(problem);
        words = (problem.hostCount + WORD - 1) / WORD;
        blocks = new HostBlock[words];
        exists = new long[words];
        notOptedOut = new long[words];
        notCordoned = new long[words];
        noHosts = new long[words];
        placeOf = new int[problem.hostCount];
        hostsByLabel = new HashMap<>();
        int[] order = order();
        for (int word = 0; word < words; word++) {
            int from = word * WORD;
            int to = Math.min(problem.hostCount, from + WORD);
            blocks[word] =
                    new HostBlock(problem, state, Arrays.copyOfRange(order, from, to), null, null);
        }
        for (int place = 0; place < order.length; place++) {
            placeOf[order[place]] = place;
            publishBits(order[place], place);
        }
        peakShare = new double[problem.resourceCount];
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            peakShare[resource] = peakShareOf(resource);
        }
        affinityGroups = indexes(problem.affinity);
        antiAffinityGroups = indexes(problem.antiAffinity);
    }

    private PlacementIndex(PlacementIndex before, HostBlock[] blocks) {
        problem = before.problem;
        policy = before.policy;
        promises = before.promises;
        weights = before.weights;
        state = before.state;
        words = before.words;
        this.blocks = blocks;
        exists = before.exists;
        notOptedOut = before.notOptedOut;
        notCordoned = before.notCordoned;
        noHosts = before.noHosts;
        placeOf = before.placeOf;
        hostsByLabel = before.hostsByLabel;
        peakShare = before.peakShare;
        affinityGroups = before.affinityGroups;
        antiAffinityGroups = before.antiAffinityGroups;
    }

    /// Folds a view of the fleet for queries.
    public static PlacementIndex publish(FleetProblem problem, PlacementPolicy policy) {
        return publish(problem, policy, new Promises());
    }

    static PlacementIndex publish(FleetProblem problem, PlacementPolicy policy, Promises promises) {
        return new PlacementIndex(problem, policy, promises);
    }

    public FleetProblem problem() {
        return problem;
    }

    /// Answers one request with scratch memory of its own; see [Placer] to reuse it.
    public Placement place(PlacementRequest request) {
        return new Placer().place(this, request);
    }

    /// The same hosts with this much more promised on one of them, or less where `sign` is -1.
    PlacementIndex with(int host, double[] size, double[] peak, int sign) {
        int place = placeOf[host];
        HostBlock[] next = blocks.clone();
        next[place / WORD] = next[place / WORD].with(place % WORD, size, peak, sign);
        return new PlacementIndex(this, next);
    }

    /// Hosts by falling score for a vm of no size; of hosts that are alike the first stays in
    /// front.
    private int[] order() {
        var wish =
                new PlacementKernel.Wish(
                        new double[problem.resourceCount], new double[problem.resourceCount]);
        Arrays.fill(wish.size(), Double.MIN_VALUE); // so that all resources count for the shape
        var scores = new double[WORD];
        var kernel = new PlacementKernel.Scalar();
        long[] keys = new long[problem.hostCount];
        for (int from = 0; from < keys.length; from += WORD) {
            int[] hosts = new int[Math.min(WORD, keys.length - from)];
            Arrays.setAll(hosts, range(from));
            var block = new HostBlock(problem, state, hosts, null, null);
            kernel.score(block.columns, wish, weights, scores);
            for (int lane = 0; lane < hosts.length; lane++) {
                long key = (long) ((1 - Math.clamp(scores[lane], 0, 1)) * KEYS);
                keys[from + lane] = key << Integer.SIZE | hosts[lane];
            }
        }
        Arrays.sort(keys);
        int[] order = new int[keys.length];
        Arrays.setAll(order, place -> (int) keys[place]);
        return order;
    }

    private static IntUnaryOperator range(int from) {
        return i -> from + i;
    }

    private void publishBits(int host, int place) {
        set(exists, place);
        if (!problem.hostOptedOut[host]) {
            set(notOptedOut, place);
        }
        if (!problem.hostCordoned[host]) {
            set(notCordoned, place);
        }
        for (String label : problem.hostLabels(host)) {
            set(hostsByLabel.computeIfAbsent(label, _ -> new long[words]), place);
        }
    }

    private static Map<String, Integer> indexes(RuleGroups groups) {
        Map<String, Integer> indexes = HashMap.newHashMap(groups.count());
        for (int group = 0; group < groups.count(); group++) {
            indexes.put(groups.name(group), group);
        }
        return indexes;
    }

    /// Sets the bit of a host.
    void setHost(long[] bits, int host) {
        set(bits, placeOf[host]);
    }

    /// @return the host of this id, or [FleetProblem#MISSING], of a vm in the fleet or a promised
    ///   one
    int hostOfVm(String vm) {
        int index = problem.vmIndex(vm);
        return index == FleetProblem.MISSING ? promises.hostOf(vm) : problem.hostOf[index];
    }

    HostBlock blockOf(int host) {
        return blocks[placeOf[host] / WORD];
    }

    int laneOf(int host) {
        return placeOf[host] % WORD;
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
            checkKnown(mistakes, hostOfVm(vm) >= 0, "vm", vm);
        }
        for (String vm : request.apartFromVms()) {
            checkKnown(mistakes, hostOfVm(vm) >= 0, "vm", vm);
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
            if (hostOfVm(ids.get(i)) == FleetProblem.MISSING) {
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

    private static void set(long[] bits, int place) {
        bits[place / WORD] |= 1L << place;
    }
}
