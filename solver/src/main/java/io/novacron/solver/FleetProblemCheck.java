package io.novacron.solver;

import io.novacron.solver.FleetProblemBuilder.HostRule;
import io.novacron.solver.FleetProblemBuilder.NamedGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Checks what a [FleetProblemBuilder] collected, resolves ids to indexes, and lays the columns
/// out. Goes on after a mistake, so that all are found at once; columns are laid out only if there
/// is none.
final class FleetProblemCheck {
    private static final double OVER_COMMIT_LIMIT = 1_000;
    private static final double ABSURD_MULTIPLE =
            65_536; // times the largest host; keeps sums exact
    private static final double MEMORY_LIMIT = 0x1p53;

    private final FleetProblemBuilder from;
    private final Mistakes mistakes;
    private final FleetProblemBuilder.Resolved into = new FleetProblemBuilder.Resolved();
    private final int hostCount;
    private final int vmCount;
    private final int resourceCount;
    private double[] quantum = {};

    FleetProblemCheck(FleetProblemBuilder from) {
        this.from = from;
        mistakes = from.mistakes;
        hostCount = from.hostCount;
        vmCount = from.vmCount;
        resourceCount = from.resourceCount;
    }

    FleetProblemBuilder.Resolved resolve() {
        mistakes.check(
                hostCount > 0, "there are no hosts. Maybe no agent has sent its inventory yet?");
        mistakes.check(
                hostCount <= FleetProblemBuilder.HOST_LIMIT,
                "%s hosts exceed the limit of %s. Maybe split the fleet into zones?",
                hostCount,
                FleetProblemBuilder.HOST_LIMIT);
        mistakes.check(
                vmCount <= FleetProblemBuilder.VM_LIMIT,
                "%s vms exceed the limit of %s. Maybe split the fleet into zones?",
                vmCount,
                FleetProblemBuilder.VM_LIMIT);
        into.hostIds = Arrays.copyOf(from.hostIds, hostCount);
        into.vmIds = Arrays.copyOf(from.vmIds, vmCount);
        into.hostIndexes = indexIds("host", into.hostIds);
        into.vmIndexes = indexIds("vm", into.vmIds);
        checkHosts();
        checkVms();
        into.affinity = resolveGroups("affinity", from.affinityGroups);
        into.antiAffinity = resolveGroups("anti-affinity", from.antiAffinityGroups);
        resolvePins();
        resolveForbids();
        checkContradictions();
        checkChains();
        mistakes.throwIfAny();
        layOutHosts();
        layOutVms();
        layOutDemand();
        return into;
    }

    private Map<String, Integer> indexIds(String kind, String[] ids) {
        var indexes = HashMap.<String, Integer>newHashMap(ids.length);
        for (int i = 0; i < ids.length; i++) {
            mistakes.check(
                    indexes.putIfAbsent(ids[i], i) == null,
                    "%s %s is listed twice. Maybe it is reported by two agents?",
                    kind,
                    ids[i]);
        }
        return indexes;
    }

    private void checkHosts() {
        for (int host = 0; host < hostCount; host++) {
            for (int resource = 0; resource < resourceCount; resource++) {
                int cell = host * resourceCount + resource;
                String name = from.resources.get(resource).name();
                double capacity = from.capacity[cell];
                mistakes.check(
                        Double.isFinite(capacity) && capacity >= 0,
                        "host %s: capacity of %s is %s, must be finite and not negative. Maybe it"
                                + " was never given?",
                        into.hostIds[host],
                        name,
                        capacity);
                double overCommit = from.overCommit[cell];
                mistakes.check(
                        overCommit > 0 && overCommit <= OVER_COMMIT_LIMIT,
                        "host %s: over-commit ratio of %s is %s, must be in (0, %s]. Maybe percents"
                                + " were given?",
                        into.hostIds[host],
                        name,
                        overCommit,
                        OVER_COMMIT_LIMIT);
                double safetyLevel = from.safetyLevel[cell];
                mistakes.check(
                        safetyLevel > 0 && safetyLevel <= 1,
                        "host %s: safety level of %s is %s, must be in (0, 1]. Maybe percents were"
                                + " given?",
                        into.hostIds[host],
                        name,
                        safetyLevel);
            }
        }
    }

    private void checkVms() {
        into.hostOf = new int[vmCount];
        double[] absurd = absurdAmounts();
        for (int vm = 0; vm < vmCount; vm++) {
            String id = into.vmIds[vm];
            String host = from.vmHosts[vm];
            into.hostOf[vm] = hostIndex(host);
            mistakes.check(
                    into.hostOf[vm] >= 0,
                    "vm %s is on host %s, which is not in the problem. Maybe it left the fleet?",
                    id,
                    host == null ? "(none given)" : host);
            mistakes.check(
                    from.vcpus[vm] >= 1,
                    "vm %s: vcpus=%s must be at least 1. Maybe its inventory is missing?",
                    id,
                    from.vcpus[vm]);
            mistakes.check(
                    from.maxVcpus[vm] >= from.vcpus[vm],
                    "vm %s: maxVcpus=%s must be at least vcpus=%s. Maybe they are swapped?",
                    id,
                    from.maxVcpus[vm],
                    from.vcpus[vm]);
            mistakes.check(
                    from.memoryBytes[vm] >= 1 && from.memoryBytes[vm] < MEMORY_LIMIT,
                    "vm %s: memoryBytes=%s must be positive and below 2^53. Maybe its inventory is"
                            + " missing?",
                    id,
                    from.memoryBytes[vm]);
            mistakes.check(
                    from.maxMemoryBytes[vm] >= from.memoryBytes[vm]
                            && from.maxMemoryBytes[vm] < MEMORY_LIMIT,
                    "vm %s: maxMemoryBytes=%s must be at least memoryBytes=%s and below 2^53. Maybe"
                            + " they are swapped?",
                    id,
                    from.maxMemoryBytes[vm],
                    from.memoryBytes[vm]);
            for (int resource = 0; resource < resourceCount; resource++) {
                checkAmounts(vm, resource, absurd[resource]);
            }
        }
    }

    private void checkAmounts(int vm, int resource, double absurd) {
        double size = sizeOf(vm, resource);
        mistakes.check(
                Double.isFinite(size) && size >= 0,
                "vm %s: reserved %s is %s, must be finite and not negative. Maybe leave it out?",
                into.vmIds[vm],
                from.resources.get(resource).name(),
                size);
        double largest = largestAmount(vm, resource);
        mistakes.check(
                largest <= absurd,
                "vm %s: %s of %s is more than %s times the largest host. Maybe the unit is wrong:"
                        + " %s?",
                into.vmIds[vm],
                largest,
                from.resources.get(resource).name(),
                ABSURD_MULTIPLE,
                from.resources.get(resource).unit());
    }

    private static double known(float value) {
        return Float.isFinite(value) ? value : 0; // NaN is "none"; others are reported where given
    }

    private double[] absurdAmounts() {
        double[] absurd = new double[resourceCount];
        for (int resource = 0; resource < resourceCount; resource++) {
            double largest = largestCapacity(resource);
            absurd[resource] = largest > 0 ? largest * ABSURD_MULTIPLE : Double.POSITIVE_INFINITY;
        }
        return absurd;
    }

    private double largestCapacity(int resource) {
        double largest = 0;
        for (int host = 0; host < hostCount; host++) {
            double capacity = from.capacity[host * resourceCount + resource];
            if (Double.isFinite(capacity)) {
                largest = Math.max(largest, capacity);
            }
        }
        return largest;
    }

    /// The largest host, or where no host has any of it, the largest vm.
    private double scaleOf(int resource) {
        double largestCapacity = largestCapacity(resource);
        double largest = largestCapacity;
        for (int vm = 0; vm < vmCount && largestCapacity == 0; vm++) {
            largest = Math.max(largest, largestAmount(vm, resource));
        }
        return largest > 0 ? largest : 1;
    }

    private double largestAmount(int vm, int resource) {
        int row = vm * resourceCount + resource;
        double size = sizeOf(vm, resource);
        double largest = Double.isFinite(size) ? size : 0;
        for (int i = row * from.quantileCount; i < (row + 1) * from.quantileCount; i++) {
            largest = Math.max(largest, known(from.quantiles[i]));
        }
        for (int i = row * from.pathLength; i < (row + 1) * from.pathLength; i++) {
            largest = Math.max(largest, known(from.paths[i]));
        }
        return largest;
    }

    private double sizeOf(int vm, int resource) {
        if (resource == from.cpu) {
            return from.vcpus[vm];
        }
        return resource == from.memory
                ? from.memoryBytes[vm]
                : from.reserved[vm * resourceCount + resource];
    }

    private int hostIndex(@Nullable String id) {
        return id == null
                ? FleetProblem.MISSING
                : into.hostIndexes.getOrDefault(id, FleetProblem.MISSING);
    }

    private RuleGroups resolveGroups(String kind, List<NamedGroup> groups) {
        var names = new ArrayList<String>();
        var distinctNames = new HashSet<String>();
        var memberships = new ArrayList<int[]>();
        for (NamedGroup group : groups) {
            mistakes.check(
                    distinctNames.add(group.name()),
                    "%s group %s is listed twice. Maybe merge them?",
                    kind,
                    group.name());
            names.add(group.name());
            int[] members = new int[group.vmIds().size()];
            int count = 0;
            for (String vmId : group.vmIds()) {
                int vm = into.vmIndexes.getOrDefault(vmId, FleetProblem.MISSING);
                mistakes.check(
                        vm >= 0,
                        "%s group %s refers to vm %s, which is not in the problem. Maybe it was"
                                + " deleted?",
                        kind,
                        group.name(),
                        vmId);
                if (vm >= 0) {
                    members[count++] = vm;
                }
            }
            memberships.add(Arrays.stream(members, 0, count).sorted().distinct().toArray());
        }
        return new RuleGroups(names, memberships, vmCount);
    }

    private void resolvePins() {
        into.pinnedHost = new int[vmCount];
        Arrays.fill(into.pinnedHost, FleetProblem.MISSING);
        for (HostRule pin : from.pins) {
            int vm = into.vmIndexes.getOrDefault(pin.vmId(), FleetProblem.MISSING);
            int host = hostIndex(pin.hostId());
            if (referencesAreKnown("pin", pin, vm, host)) {
                int earlier = into.pinnedHost[vm];
                mistakes.check(
                        earlier == FleetProblem.MISSING || earlier == host,
                        "vm %s is pinned to host %s and to host %s. Maybe drop one pin?",
                        pin.vmId(),
                        earlier < 0 ? "" : into.hostIds[earlier],
                        pin.hostId());
                into.pinnedHost[vm] = host;
            }
        }
    }

    private void resolveForbids() {
        var pairs = new long[from.forbids.size()];
        int count = 0;
        for (HostRule forbid : from.forbids) {
            int vm = into.vmIndexes.getOrDefault(forbid.vmId(), FleetProblem.MISSING);
            int host = hostIndex(forbid.hostId());
            if (referencesAreKnown("forbid", forbid, vm, host)) {
                pairs[count++] = ((long) vm << Integer.SIZE) | host;
                mistakes.check(
                        into.pinnedHost[vm] != host,
                        "vm %s is both pinned to and forbidden on host %s. Maybe drop one?",
                        forbid.vmId(),
                        forbid.hostId());
            }
        }
        long[] ordered = Arrays.stream(pairs, 0, count).sorted().distinct().toArray();
        into.forbiddenOffsets = new int[vmCount + 1];
        into.forbiddenHosts = new int[ordered.length];
        for (int i = 0; i < ordered.length; i++) {
            into.forbiddenOffsets[(int) (ordered[i] >>> Integer.SIZE) + 1]++;
            into.forbiddenHosts[i] = (int) ordered[i];
        }
        for (int vm = 0; vm < vmCount; vm++) {
            mistakes.check(
                    hostCount == 0 || into.forbiddenOffsets[vm + 1] < hostCount,
                    "vm %s is forbidden on all %s hosts. Maybe a rule is inverted?",
                    into.vmIds[vm],
                    hostCount);
            into.forbiddenOffsets[vm + 1] += into.forbiddenOffsets[vm];
        }
    }

    private boolean referencesAreKnown(String kind, HostRule rule, int vm, int host) {
        mistakes.check(
                vm >= 0,
                "%s refers to vm %s, which is not in the problem. Maybe it was deleted?",
                kind,
                rule.vmId());
        mistakes.check(
                host >= 0,
                "%s of vm %s refers to host %s, which is not in the problem. Maybe it left the"
                        + " fleet?",
                kind,
                rule.vmId(),
                rule.hostId());
        return vm >= 0 && host >= 0;
    }

    /// Finds rules that can never hold together: pairs of groups, and groups against pins.
    private void checkContradictions() {
        for (int group = 0; group < into.affinity.count(); group++) {
            checkAffinityPins(group);
            checkAgainstAntiAffinity(group);
        }
        var memberOnHost = new HashMap<Integer, Integer>();
        for (int group = 0; group < into.antiAffinity.count(); group++) {
            memberOnHost.clear();
            for (int i = 0; i < into.antiAffinity.memberCount(group); i++) {
                int vm = into.antiAffinity.member(group, i);
                int host = into.pinnedHost[vm];
                Integer other = host < 0 ? null : memberOnHost.putIfAbsent(host, vm);
                mistakes.check(
                        other == null,
                        "anti-affinity group %s: vms %s and %s are pinned to the same host %s. Maybe"
                                + " drop one pin?",
                        into.antiAffinity.name(group),
                        other == null ? "" : into.vmIds[other],
                        into.vmIds[vm],
                        host < 0 ? "" : into.hostIds[host]);
            }
        }
    }

    /// Finds longer chains of rules that can never hold together, however many hosts there are. Too
    /// few hosts for the rules are not a mistake: hosts come and go; see [RuleConflict#find].
    private void checkChains() {
        if (mistakes.isEmpty()) { // else what was found already would be told again
            new RuleConflictSearch(
                            RuleConflictSearch.ANY_HOSTS,
                            vmCount,
                            into.affinity,
                            into.antiAffinity,
                            into.pinnedHost,
                            into.forbiddenOffsets,
                            into.forbiddenHosts)
                    .find(vm -> into.vmIds[vm], host -> into.hostIds[host])
                    .forEach(conflict -> mistakes.check(false, "%s", conflict.text()));
        }
    }

    private void checkAffinityPins(int group) {
        int pinned = FleetProblem.MISSING;
        for (int i = 0; i < into.affinity.memberCount(group); i++) {
            int vm = into.affinity.member(group, i);
            int host = into.pinnedHost[vm];
            if (host >= 0) {
                mistakes.check(
                        pinned < 0 || into.pinnedHost[pinned] == host,
                        "affinity group %s: vm %s is pinned to host %s but vm %s to host %s. Maybe"
                                + " drop one pin?",
                        into.affinity.name(group),
                        pinned < 0 ? "" : into.vmIds[pinned],
                        pinned < 0 ? "" : into.hostIds[into.pinnedHost[pinned]],
                        into.vmIds[vm],
                        into.hostIds[host]);
                pinned = vm;
            }
        }
    }

    private void checkAgainstAntiAffinity(int group) {
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < into.affinity.memberCount(group); i++) {
            int vm = into.affinity.member(group, i);
            for (int j = 0; j < into.antiAffinity.groupCount(vm); j++) {
                int other = into.antiAffinity.groupOf(vm, j);
                mistakes.check(
                        seen.add(other),
                        "vm %s and another vm are both in affinity group %s and anti-affinity group"
                                + " %s. Maybe one group is wrong?",
                        into.vmIds[vm],
                        into.affinity.name(group),
                        into.antiAffinity.name(other));
            }
        }
    }

    private void layOutHosts() {
        int cells = hostCount * resourceCount;
        into.capacity = new double[cells];
        into.allocationLimit = new double[cells];
        into.safeLoad = new double[cells];
        into.scale = new double[resourceCount];
        quantum = new double[resourceCount];
        for (int resource = 0; resource < resourceCount; resource++) {
            into.scale[resource] = scaleOf(resource);
            quantum[resource] = FleetProblem.quantum(into.scale[resource]);
            for (int host = 0; host < hostCount; host++) {
                int source = host * resourceCount + resource;
                int cell = resource * hostCount + host;
                into.capacity[cell] = from.capacity[source];
                into.allocationLimit[cell] = from.capacity[source] * from.overCommit[source];
                into.safeLoad[cell] = from.capacity[source] * from.safetyLevel[source];
            }
        }
        into.hostCordoned = Arrays.copyOf(from.cordoned, hostCount);
        into.hostOptedOut = new boolean[hostCount];
        var labels = new ArrayList<List<String>>(hostCount);
        for (int host = 0; host < hostCount; host++) {
            labels.add(from.hostLabels.getOrDefault(host, List.of()));
            into.hostOptedOut[host] = isOptedOut(labels.get(host));
        }
        into.hostLabels = List.copyOf(labels);
    }

    private boolean isOptedOut(List<String> labels) {
        for (String label : labels) {
            if (from.optOutLabels.contains(label)) {
                return true;
            }
        }
        return false;
    }

    private void layOutVms() {
        into.vcpus = Arrays.copyOf(from.vcpus, vmCount);
        into.maxVcpus = Arrays.copyOf(from.maxVcpus, vmCount);
        into.memoryBytes = Arrays.copyOf(from.memoryBytes, vmCount);
        into.maxMemoryBytes = Arrays.copyOf(from.maxMemoryBytes, vmCount);
        into.dirtyBytesPerSecond = Arrays.copyOf(from.dirtyBytesPerSecond, vmCount);
        into.historyHours = Arrays.copyOf(from.historyHours, vmCount);
        into.observed = Arrays.copyOf(from.observed, vmCount * resourceCount);
        into.vmOptedOut = new boolean[vmCount];
        into.size = new double[vmCount * resourceCount];
        for (int vm = 0; vm < vmCount; vm++) {
            into.vmOptedOut[vm] = isOptedOut(from.vmLabels.getOrDefault(vm, List.of()));
            for (int resource = 0; resource < resourceCount; resource++) {
                into.size[resource * vmCount + vm] = rounded(sizeOf(vm, resource), resource);
            }
        }
    }

    private double rounded(double amount, int resource) {
        return Math.rint(amount / quantum[resource]) * quantum[resource]; // exact: a power of two
    }

    private void layOutDemand() {
        into.scenarioWeights = scenarioWeights();
        int cellCount = into.scenarioWeights.length * Math.max(1, from.horizon.stepCount());
        into.quantiles =
                Arrays.copyOf(from.quantiles, vmCount * resourceCount * from.quantileCount);
        into.demand = new float[vmCount * resourceCount * cellCount];
        into.forecastKnown = new boolean[vmCount * resourceCount];
        for (int row = 0; row < vmCount * resourceCount; row++) {
            int resource = row % resourceCount;
            boolean hasQuantiles = !Float.isNaN(into.quantiles[row * from.quantileCount]);
            if (!hasQuantiles && from.pathsGiven[row]) {
                quantilesFromPaths(row);
            }
            into.forecastKnown[row] = hasQuantiles || from.pathsGiven[row];
            arrangeQuantiles(row, resource);
            for (int cell = 0; cell < cellCount; cell++) {
                into.demand[row * cellCount + cell] = (float) rounded(cellOf(row, cell), resource);
            }
        }
    }

    private double cellOf(int row, int cell) {
        if (from.pathsGiven[row]) {
            return from.paths[row * from.pathLength + cell];
        }
        if (!into.forecastKnown[row]) {
            int vm = row / resourceCount;
            return into.size[row % resourceCount * vmCount + vm];
        }
        int level = from.horizon.hasScenarios() ? riskLevelIndex() : cell;
        return into.quantiles[row * from.quantileCount + level];
    }

    private int riskLevelIndex() {
        int index = 0;
        while (from.horizon.quantileLevels().get(index) < from.horizon.riskLevel()) {
            index++; // ends: the horizon checked that the risk level is on the grid
        }
        return index;
    }

    /// Equal weights for paths. Without paths, each level takes the probability between it and the
    /// level below, and the last one also what lies above it.
    private double[] scenarioWeights() {
        if (from.horizon.hasScenarios()) {
            double[] weights = new double[from.horizon.scenarioCount()];
            Arrays.fill(weights, 1.0 / weights.length);
            return weights;
        }
        double[] weights = new double[from.quantileCount];
        double below = 0;
        for (int i = 0; i < weights.length; i++) {
            double level = from.horizon.quantileLevels().get(i);
            weights[i] = level - below;
            below = level;
        }
        weights[weights.length - 1] += 1 - below;
        return weights;
    }

    private void quantilesFromPaths(int row) {
        int scenarios = from.horizon.scenarioCount();
        int steps = from.horizon.stepCount();
        float[] peaks = new float[scenarios];
        for (int scenario = 0; scenario < scenarios; scenario++) {
            for (int step = 0; step < steps; step++) {
                float value = from.paths[row * from.pathLength + scenario * steps + step];
                peaks[scenario] = Math.max(peaks[scenario], value);
            }
        }
        Arrays.sort(peaks);
        for (int i = 0; i < from.quantileCount; i++) {
            int rank = (int) Math.ceil(from.horizon.quantileLevels().get(i) * scenarios) - 1;
            into.quantiles[row * from.quantileCount + i] = peaks[Math.max(0, rank)];
        }
    }

    private void arrangeQuantiles(int row, int resource) {
        int start = row * from.quantileCount;
        boolean ascends = true;
        for (int i = start; i < start + from.quantileCount; i++) {
            into.quantiles[i] = (float) rounded(into.quantiles[i], resource);
            ascends &= i == start || !(into.quantiles[i] < into.quantiles[i - 1]);
        }
        if (!ascends) {
            Arrays.sort(into.quantiles, start, start + from.quantileCount);
            into.quantilesRearranged++;
        }
    }
}
