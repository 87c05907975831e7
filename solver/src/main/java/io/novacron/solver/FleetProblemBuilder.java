package io.novacron.solver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Collects a fleet into growing columns and checks it as a whole: [#build] either gives a
/// [FleetProblem] or one [InvalidInputException] that lists every mistake. Single use, one thread.
///
/// Hosts and vms keep the order in which they were added; their index is their slot. Ids may be
/// referred to before they are added, since references are resolved at the end.
public final class FleetProblemBuilder {
    static final int HOST_LIMIT = 200_000;
    static final int VM_LIMIT = 2_000_000;
    private static final double DEFAULT_OVER_COMMIT = 1.0;
    private static final double DEFAULT_SAFETY_LEVEL = 0.8;
    private static final int CELL_LIMIT = 1 << 27; // floats in one column: 512 MiB

    final Horizon horizon;
    final List<Resource> resources;
    final int resourceCount;
    final int quantileCount;
    final int pathLength;
    final int cpu;
    final int memory;
    final Set<String> optOutLabels = new LinkedHashSet<>(List.of(FleetProblem.OPT_OUT_LABEL));
    final List<NamedGroup> affinityGroups = new ArrayList<>();
    final List<NamedGroup> antiAffinityGroups = new ArrayList<>();
    final List<HostRule> pins = new ArrayList<>();
    final List<HostRule> forbids = new ArrayList<>();

    int hostCount;
    int vmCount;
    String[] hostIds = new String[16];
    String[] vmIds = new String[16];
    double[] capacity; // [host * resourceCount + resource] while building; NaN: not given
    double[] overCommit;
    double[] safetyLevel;
    boolean[] cordoned = new boolean[16];
    final Map<Integer, List<String>> hostLabels = new HashMap<>();
    final Map<Integer, List<String>> vmLabels = new HashMap<>();
    @Nullable String[] vmHosts = new @Nullable String[16];
    int[] vcpus = new int[16];
    int[] maxVcpus = new int[16];
    long[] memoryBytes = new long[16];
    long[] maxMemoryBytes = new long[16];
    double[] dirtyBytesPerSecond = new double[16];
    double[] historyHours = new double[16];
    double[] reserved; // [vm * resourceCount + resource]; cpu and memory come from the vm's size
    float[] observed;
    float[] quantiles;
    float[] paths;
    boolean[] pathsGiven;
    final Mistakes mistakes = new Mistakes("fleet problem");

    FleetProblemBuilder(Horizon horizon, List<Resource> resources) {
        this.horizon = horizon;
        this.resources = resources;
        resourceCount = resources.size();
        quantileCount = horizon.quantileLevels().size();
        pathLength = horizon.scenarioCount() * horizon.stepCount();
        cpu = indexOf(Resource.CPU_NAME);
        memory = indexOf(Resource.MEMORY_NAME);
        capacity = new double[16 * resourceCount];
        overCommit = new double[16 * resourceCount];
        safetyLevel = new double[16 * resourceCount];
        reserved = new double[16 * resourceCount];
        observed = new float[16 * resourceCount];
        quantiles = new float[16 * resourceCount * quantileCount];
        paths = new float[16 * resourceCount * pathLength];
        pathsGiven = new boolean[16 * resourceCount];
        mistakes.check(resourceCount > 0, "there are no resources. Maybe cpu and memory?");
        for (int i = 0; i < resourceCount; i++) {
            String name = resources.get(i).name();
            mistakes.check(
                    indexOf(name) == i, "resource %s is listed twice. Maybe rename one?", name);
        }
    }

    /// Vms and hosts that carry any of these labels are left alone. Replaces the default,
    /// [FleetProblem#OPT_OUT_LABEL].
    public FleetProblemBuilder optOutLabels(String... labels) {
        optOutLabels.clear();
        optOutLabels.addAll(List.of(labels));
        return this;
    }

    public Host host(String id) {
        int host = hostCount++;
        if (host == cordoned.length) {
            growHosts(2 * host);
        }
        hostIds[host] = id;
        int row = host * resourceCount;
        Arrays.fill(capacity, row, row + resourceCount, Double.NaN);
        Arrays.fill(overCommit, row, row + resourceCount, DEFAULT_OVER_COMMIT);
        Arrays.fill(safetyLevel, row, row + resourceCount, DEFAULT_SAFETY_LEVEL);
        return new Host(host);
    }

    public Vm vm(String id) {
        int vm = vmCount++;
        if (vm == vcpus.length) {
            growVms();
        }
        vmIds[vm] = id;
        dirtyBytesPerSecond[vm] = Double.NaN;
        historyHours[vm] = Double.NaN;
        int row = vm * resourceCount;
        Arrays.fill(observed, row, row + resourceCount, Float.NaN);
        Arrays.fill(
                quantiles, row * quantileCount, (row + resourceCount) * quantileCount, Float.NaN);
        return new Vm(vm);
    }

    /// These vms belong on one host.
    public FleetProblemBuilder affinity(String name, String... vmIds) {
        affinityGroups.add(new NamedGroup(name, List.of(vmIds)));
        return this;
    }

    /// No two of these vms belong on one host.
    public FleetProblemBuilder antiAffinity(String name, String... vmIds) {
        antiAffinityGroups.add(new NamedGroup(name, List.of(vmIds)));
        return this;
    }

    /// This vm may run on this host only.
    public FleetProblemBuilder pin(String vmId, String hostId) {
        pins.add(new HostRule(vmId, hostId));
        return this;
    }

    /// This vm may not run on this host.
    public FleetProblemBuilder forbid(String vmId, String hostId) {
        forbids.add(new HostRule(vmId, hostId));
        return this;
    }

    /// @throws InvalidInputException listing every mistake, if there is any
    public FleetProblem build() {
        return new FleetProblem(this, new FleetProblemCheck(this).resolve());
    }

    private int indexOf(String name) {
        for (int i = 0; i < resources.size(); i++) {
            if (resources.get(i).name().equals(name)) {
                return i;
            }
        }
        return FleetProblem.MISSING;
    }

    private int resourceIndex(Resource resource, String owner, String id) {
        int index = indexOf(resource.name());
        mistakes.check(
                index != FleetProblem.MISSING,
                "%s %s refers to resource %s, which this problem does not have. Maybe add it to the"
                        + " builder?",
                owner,
                id,
                resource.name());
        return index;
    }

    private void growHosts(int length) {
        hostIds = Arrays.copyOf(hostIds, length);
        cordoned = Arrays.copyOf(cordoned, length);
        capacity = Arrays.copyOf(capacity, length * resourceCount);
        overCommit = Arrays.copyOf(overCommit, length * resourceCount);
        safetyLevel = Arrays.copyOf(safetyLevel, length * resourceCount);
    }

    private void growVms() {
        long cellsOfVm = Math.max(1L, resourceCount) * Math.max(quantileCount, pathLength);
        int length = (int) Math.min(2L * vcpus.length, CELL_LIMIT / cellsOfVm);
        if (length <= vcpus.length) {
            mistakes.check(
                    false,
                    "%s vms x %s resources x %s values exceed %s. Maybe use fewer scenarios or"
                            + " coarser steps?",
                    vmCount,
                    resourceCount,
                    Math.max(quantileCount, pathLength),
                    CELL_LIMIT);
            mistakes.throwIfAny(); // the columns cannot hold more, so this one mistake cannot wait
        }
        vmIds = Arrays.copyOf(vmIds, length);
        vmHosts = Arrays.copyOf(vmHosts, length);
        vcpus = Arrays.copyOf(vcpus, length);
        maxVcpus = Arrays.copyOf(maxVcpus, length);
        memoryBytes = Arrays.copyOf(memoryBytes, length);
        maxMemoryBytes = Arrays.copyOf(maxMemoryBytes, length);
        dirtyBytesPerSecond = Arrays.copyOf(dirtyBytesPerSecond, length);
        historyHours = Arrays.copyOf(historyHours, length);
        reserved = Arrays.copyOf(reserved, length * resourceCount);
        observed = Arrays.copyOf(observed, length * resourceCount);
        quantiles = Arrays.copyOf(quantiles, length * resourceCount * quantileCount);
        paths = Arrays.copyOf(paths, length * resourceCount * pathLength);
        pathsGiven = Arrays.copyOf(pathsGiven, length * resourceCount);
    }

    /// The rest of one host.
    public final class Host {
        private final int host;

        private Host(int host) {
            this.host = host;
        }

        public int index() {
            return host;
        }

        public Host capacity(Resource resource, double amount) {
            int index = resourceIndex(resource, "host", hostIds[host]);
            if (index >= 0) {
                capacity[host * resourceCount + index] = amount;
            }
            return this;
        }

        /// Sizes may add up to this many times the capacity; 1 unless said otherwise.
        public Host overCommit(Resource resource, double ratio) {
            int index = resourceIndex(resource, "host", hostIds[host]);
            if (index >= 0) {
                overCommit[host * resourceCount + index] = ratio;
            }
            return this;
        }

        /// The forecast peak should stay below this share of the capacity; 0.8 unless said
        /// otherwise.
        public Host safetyLevel(Resource resource, double share) {
            int index = resourceIndex(resource, "host", hostIds[host]);
            if (index >= 0) {
                safetyLevel[host * resourceCount + index] = share;
            }
            return this;
        }

        /// Takes no further vms.
        public Host cordon() {
            cordoned[host] = true;
            return this;
        }

        public Host labels(String... labels) {
            hostLabels.put(host, List.of(labels));
            return this;
        }
    }

    /// The rest of one vm.
    public final class Vm {
        private final int vm;

        private Vm(int vm) {
            this.vm = vm;
        }

        public int index() {
            return vm;
        }

        public Vm on(String hostId) {
            vmHosts[vm] = hostId;
            return this;
        }

        /// @param max the most that can be hot-added up to
        public Vm vcpus(int current, int max) {
            vcpus[vm] = current;
            maxVcpus[vm] = max;
            return this;
        }

        /// @param max the most that the running vm can be grown to
        public Vm memoryBytes(long current, long max) {
            memoryBytes[vm] = current;
            maxMemoryBytes[vm] = max;
            return this;
        }

        /// What is promised to this vm of a resource other than cpu and memory; 0 unless said
        /// otherwise.
        public Vm reserve(Resource resource, double amount) {
            int index = resourceIndex(resource, "vm", vmIds[vm]);
            mistakes.check(
                    index < 0 || (index != cpu && index != memory),
                    "vm %s reserves %s, which follows from its size. Maybe use vcpus or"
                            + " memoryBytes?",
                    vmIds[vm],
                    resource.name());
            if (index >= 0) {
                reserved[vm * resourceCount + index] = amount;
            }
            return this;
        }

        /// Quantiles of the peak over the horizon, one for each level of the grid.
        public Vm demand(Resource resource, float... peakQuantiles) {
            int index = resourceIndex(resource, "vm", vmIds[vm]);
            if (index >= 0 && lengthIsRight(resource, "quantiles", peakQuantiles, quantileCount)) {
                int row = (vm * resourceCount + index) * quantileCount;
                System.arraycopy(peakQuantiles, 0, quantiles, row, quantileCount);
                // NaN inside a given row must not read as "no forecast"
                for (float quantile : peakQuantiles) {
                    checkAmount(resource, "demand quantile", quantile);
                }
            }
            return this;
        }

        /// Joint scenario paths: all steps of the first scenario, then of the second, and so on.
        /// The same scenario of different vms and resources is the same future.
        public Vm paths(Resource resource, float... scenarioSteps) {
            int index = resourceIndex(resource, "vm", vmIds[vm]);
            if (index >= 0 && lengthIsRight(resource, "path values", scenarioSteps, pathLength)) {
                int row = vm * resourceCount + index;
                System.arraycopy(scenarioSteps, 0, paths, row * pathLength, pathLength);
                pathsGiven[row] = pathLength > 0;
                for (float value : scenarioSteps) {
                    checkAmount(resource, "path value", value);
                }
            }
            return this;
        }

        /// Latest sustained use, e.g. the mean of the last five minutes.
        public Vm observed(Resource resource, double amount) {
            int index = resourceIndex(resource, "vm", vmIds[vm]);
            if (index >= 0) {
                checkAmount(resource, "observed use", (float) amount);
                observed[vm * resourceCount + index] = (float) amount;
            }
            return this;
        }

        public Vm dirtyBytesPerSecond(double rate) {
            mistakes.check(
                    Double.isFinite(rate) && rate >= 0,
                    "vm %s: dirtyBytesPerSecond=%s must be finite and not negative. Maybe leave it"
                            + " out when unknown?",
                    vmIds[vm],
                    rate);
            dirtyBytesPerSecond[vm] = rate;
            return this;
        }

        /// How long this vm has been observed. Guards a young vm against being shrunk.
        public Vm historyHours(double hours) {
            mistakes.check(
                    Double.isFinite(hours) && hours >= 0,
                    "vm %s: historyHours=%s must be finite and not negative. Maybe leave it out when"
                            + " unknown?",
                    vmIds[vm],
                    hours);
            historyHours[vm] = hours;
            return this;
        }

        public Vm labels(String... labels) {
            vmLabels.put(vm, List.of(labels));
            return this;
        }

        private boolean lengthIsRight(
                Resource resource, String what, float[] values, int expected) {
            mistakes.check(
                    values.length == expected,
                    "vm %s: %s has %s %s, the horizon says %s. Maybe the horizon differs from the"
                            + " forecaster's?",
                    vmIds[vm],
                    resource.name(),
                    values.length,
                    what,
                    expected);
            return values.length == expected;
        }

        private void checkAmount(Resource resource, String what, float amount) {
            mistakes.check(
                    Float.isFinite(amount) && amount >= 0,
                    "vm %s: %s of %s is %s, must be finite and not negative. Maybe a gap was passed"
                            + " as a number?",
                    vmIds[vm],
                    what,
                    resource.name(),
                    amount);
        }
    }

    record NamedGroup(String name, List<String> vmIds) {}

    record HostRule(String vmId, String hostId) {}

    /// Columns in their final order, as [FleetProblemCheck] leaves them.
    static final class Resolved {
        double[] scenarioWeights = {};
        double[] capacity = {};
        double[] allocationLimit = {};
        double[] safeLoad = {};
        double[] scale = {};
        boolean[] hostOptedOut = {};
        boolean[] hostCordoned = {};
        int[] hostOf = {};
        int[] vcpus = {};
        int[] maxVcpus = {};
        long[] memoryBytes = {};
        long[] maxMemoryBytes = {};
        double[] dirtyBytesPerSecond = {};
        double[] historyHours = {};
        boolean[] vmOptedOut = {};
        int[] pinnedHost = {};
        int[] forbiddenOffsets = {};
        int[] forbiddenHosts = {};
        double[] size = {};
        float[] observed = {};
        float[] quantiles = {};
        float[] demand = {};
        boolean[] forecastKnown = {};
        RuleGroups affinity = new RuleGroups(List.of(), List.of(), 0);
        RuleGroups antiAffinity = affinity;
        String[] hostIds = {};
        String[] vmIds = {};
        Map<String, Integer> hostIndexes = Map.of();
        Map<String, Integer> vmIndexes = Map.of();
        List<List<String>> hostLabels = List.of();
        long quantilesRearranged;
    }
}
