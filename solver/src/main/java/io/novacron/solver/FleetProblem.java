package io.novacron.solver;

import java.util.List;
import java.util.Map;

/// A fleet at one moment: what hosts have, what vms use and will use, and the rules between them.
/// Immutable columns, so any number of threads may read one. Built by [FleetProblemBuilder].
///
/// **Two limits.** A vm's *size* is what was promised to it (vCPUs, memory); the sizes on a host
/// must fit its *allocation limit*, capacity × over-commit ratio. A vm's *demand* is what it is
/// forecast to use; the peak demand on a host should stay within its *safe load*, capacity × safety
/// level. A host whose forecast peak exceeds its safe load is *hot*.
///
/// **A host's peak.** Quantiles of vms do not add up to the quantile of their sum. So demand is
/// kept as weighted scenarios of equal steps, which do add: with scenario paths each scenario
/// weighs the same, the host's load is summed cell by cell, and its peak is the `riskLevel`
/// quantile over scenarios of the highest step. Without paths, the quantile levels stand in for
/// scenarios of one step: all vms are taken to reach the same level of their own peak together and
/// to stay there for the whole horizon. That overstates the peak of vms that do not move together
/// (it is exact if they do), and overstates hours of overload; so it errs towards caution. A vm
/// with quantiles only, among vms with paths, is held at the `riskLevel` quantile in every cell. A
/// vm without any forecast is taken to use all of its size.
///
/// **Exact sums.** Sizes and demands are rounded to a power of two some 2^-36 of the largest host,
/// so that sums of them are exact in a `double` whatever their order. Incremental loads therefore
/// equal a recount to the last bit, and plans do not depend on the order of summation.
///
/// Cell order of demand is vm, resource, scenario, step: what one move adds to a host is one
/// stretch.
public final class FleetProblem {
    /// Index of something that is not there: no such id, no pin.
    public static final int MISSING = -1;

    /// Label by which a vm or host opts out of all automation, unless the builder is told another.
    public static final String OPT_OUT_LABEL = "novacron.optimise=off";

    private static final int QUANTUM_EXPONENT = 36;

    final int hostCount;
    final int vmCount;
    final int resourceCount;
    final int cellCount;
    final int quantileCount;
    final double[] quantileLevels;
    final double[] scenarioWeights;
    final int stepCount;

    // Resource-major host columns: [resource * hostCount + host].
    final double[] capacity;
    final double[] allocationLimit;
    final double[] safeLoad;
    final double[] scale;
    final boolean[] hostOptedOut;
    final boolean[] hostCordoned;

    final int[] hostOf;
    final int[] vcpus;
    final int[] maxVcpus;
    final long[] memoryBytes;
    final long[] maxMemoryBytes;
    final double[] dirtyBytesPerSecond;
    final double[] historyHours;
    final boolean[] vmOptedOut;
    final int[] pinnedHost;
    final int[] forbiddenOffsets;
    final int[] forbiddenHosts;
    final double[] size; // [resource * vmCount + vm]
    final float[] observed; // [vm * resourceCount + resource], NaN where not observed
    final float[] quantiles; // [(vm * resourceCount + resource) * quantileCount + level], NaN: none
    final float[] demand; // [(vm * resourceCount + resource) * cellCount + cell]
    final boolean[] forecastKnown; // [vm * resourceCount + resource]

    final RuleGroups affinity;
    final RuleGroups antiAffinity;

    private final Horizon horizon;
    private final List<Resource> resources;
    private final int cpu;
    private final int memory;
    private final String[] hostIds;
    private final String[] vmIds;
    private final Map<String, Integer> hostIndexes;
    private final Map<String, Integer> vmIndexes;
    private final List<List<String>> hostLabels;
    private final long quantilesRearranged;

    FleetProblem(FleetProblemBuilder builder, FleetProblemBuilder.Resolved resolved) {
        horizon = builder.horizon;
        resources = builder.resources;
        hostCount = builder.hostCount;
        vmCount = builder.vmCount;
        resourceCount = resources.size();
        quantileCount = horizon.quantileLevels().size();
        quantileLevels = horizon.quantileLevels().stream().mapToDouble(d -> d).toArray();
        stepCount = horizon.hasScenarios() ? horizon.stepCount() : 1;
        scenarioWeights = resolved.scenarioWeights;
        cellCount = scenarioWeights.length * stepCount;
        cpu = builder.cpu;
        memory = builder.memory;
        capacity = resolved.capacity;
        allocationLimit = resolved.allocationLimit;
        safeLoad = resolved.safeLoad;
        scale = resolved.scale;
        hostOptedOut = resolved.hostOptedOut;
        hostCordoned = resolved.hostCordoned;
        hostOf = resolved.hostOf;
        vcpus = resolved.vcpus;
        maxVcpus = resolved.maxVcpus;
        memoryBytes = resolved.memoryBytes;
        maxMemoryBytes = resolved.maxMemoryBytes;
        dirtyBytesPerSecond = resolved.dirtyBytesPerSecond;
        historyHours = resolved.historyHours;
        vmOptedOut = resolved.vmOptedOut;
        pinnedHost = resolved.pinnedHost;
        forbiddenOffsets = resolved.forbiddenOffsets;
        forbiddenHosts = resolved.forbiddenHosts;
        size = resolved.size;
        observed = resolved.observed;
        quantiles = resolved.quantiles;
        demand = resolved.demand;
        forecastKnown = resolved.forecastKnown;
        affinity = resolved.affinity;
        antiAffinity = resolved.antiAffinity;
        hostIds = resolved.hostIds;
        vmIds = resolved.vmIds;
        hostIndexes = resolved.hostIndexes;
        vmIndexes = resolved.vmIndexes;
        hostLabels = resolved.hostLabels;
        quantilesRearranged = resolved.quantilesRearranged;
    }

    /// Starts a problem over these resources, whose order becomes their index.
    public static FleetProblemBuilder builder(Horizon horizon, Resource... resources) {
        return new FleetProblemBuilder(horizon, List.of(resources));
    }

    public Horizon horizon() {
        return horizon;
    }

    public List<Resource> resources() {
        return resources;
    }

    public int hostCount() {
        return hostCount;
    }

    public int vmCount() {
        return vmCount;
    }

    public int resourceCount() {
        return resourceCount;
    }

    /// Index of the `cpu` resource, or [#MISSING].
    public int cpuIndex() {
        return cpu;
    }

    /// Index of the `memory` resource, or [#MISSING].
    public int memoryIndex() {
        return memory;
    }

    public String hostId(int host) {
        return hostIds[host];
    }

    public String vmId(int vm) {
        return vmIds[vm];
    }

    /// Index of the host with this id, or [#MISSING].
    public int hostIndex(String id) {
        return hostIndexes.getOrDefault(id, MISSING);
    }

    /// Index of the vm with this id, or [#MISSING].
    public int vmIndex(String id) {
        return vmIndexes.getOrDefault(id, MISSING);
    }

    public List<String> hostLabels(int host) {
        return hostLabels.get(host);
    }

    public double capacity(int resource, int host) {
        return capacity[resource * hostCount + host];
    }

    /// Capacity × over-commit ratio: the most that sizes on this host may add up to.
    public double allocationLimit(int resource, int host) {
        return allocationLimit[resource * hostCount + host];
    }

    /// Capacity × safety level: the most that this host's forecast peak should reach.
    public double safeLoad(int resource, int host) {
        return safeLoad[resource * hostCount + host];
    }

    /// The largest capacity of any host, by which excesses of different resources become
    /// comparable.
    public double scale(int resource) {
        return scale[resource];
    }

    /// Whether no automation may touch this host: neither as a source nor as a destination.
    public boolean isHostOptedOut(int host) {
        return hostOptedOut[host];
    }

    /// Whether this host takes no further vms, though it may be relieved of some.
    public boolean isCordoned(int host) {
        return hostCordoned[host];
    }

    public int hostOf(int vm) {
        return hostOf[vm];
    }

    public int vcpus(int vm) {
        return vcpus[vm];
    }

    /// The most vCPUs that can be hot-added up to.
    public int maxVcpus(int vm) {
        return maxVcpus[vm];
    }

    public long memoryBytes(int vm) {
        return memoryBytes[vm];
    }

    /// The most memory that this vm can be grown to while it runs.
    public long maxMemoryBytes(int vm) {
        return maxMemoryBytes[vm];
    }

    /// Rate at which this vm dirties memory, or NaN when nobody measured it.
    public double dirtyBytesPerSecond(int vm) {
        return dirtyBytesPerSecond[vm];
    }

    /// How long this vm has been observed, or NaN when the caller did not say.
    public double historyHours(int vm) {
        return historyHours[vm];
    }

    public boolean isVmOptedOut(int vm) {
        return vmOptedOut[vm];
    }

    /// The only host on which this vm may run, or [#MISSING] if it is not pinned.
    public int pinnedHost(int vm) {
        return pinnedHost[vm];
    }

    public boolean isForbidden(int vm, int host) {
        for (int i = forbiddenOffsets[vm]; i < forbiddenOffsets[vm + 1]; i++) {
            if (forbiddenHosts[i] == host) {
                return true;
            }
        }
        return false;
    }

    /// What was promised to this vm.
    public double size(int resource, int vm) {
        return size[resource * vmCount + vm];
    }

    public boolean hasForecast(int resource, int vm) {
        return forecastKnown[vm * resourceCount + resource];
    }

    /// Latest sustained use, or NaN when it was not given. It notices a vm at its limit before the
    /// forecast does.
    public double observed(int resource, int vm) {
        return observed[vm * resourceCount + resource];
    }

    public int scenarioCount() {
        return scenarioWeights.length;
    }

    /// Probability of this scenario; all add up to one.
    public double scenarioWeight(int scenario) {
        return scenarioWeights[scenario];
    }

    public int stepCount() {
        return stepCount;
    }

    public double stepHours() {
        return horizon.hours() / stepCount;
    }

    /// Demand of one vm in one cell of the joint scenarios.
    public double demand(int resource, int vm, int scenario, int step) {
        int row = vm * resourceCount + resource;
        return demand[row * cellCount + scenario * stepCount + step];
    }

    /// Affinity groups, each a list of vms that belong on one host.
    public int affinityGroupCount() {
        return affinity.count();
    }

    public String affinityGroupName(int group) {
        return affinity.name(group);
    }

    public int[] affinityMembers(int group) {
        return members(affinity, group);
    }

    /// Anti-affinity groups, each a list of vms that belong on different hosts.
    public int antiAffinityGroupCount() {
        return antiAffinity.count();
    }

    public String antiAffinityGroupName(int group) {
        return antiAffinity.name(group);
    }

    public int[] antiAffinityMembers(int group) {
        return members(antiAffinity, group);
    }

    /// How many quantile rows did not ascend and were sorted, as is usual for quantiles that cross.
    public long quantilesRearranged() {
        return quantilesRearranged;
    }

    /// Quantile of this vm's own peak over the horizon, between grid levels by straight lines;
    /// outside the grid, its end. Its size if there is no forecast.
    public double demandQuantile(int resource, int vm, double level) {
        if (!hasForecast(resource, vm)) {
            return size(resource, vm);
        }
        int row = (vm * resourceCount + resource) * quantileCount;
        if (level <= quantileLevels[0]) {
            return quantiles[row];
        }
        for (int i = 1; i < quantileCount; i++) {
            if (level <= quantileLevels[i]) {
                double share =
                        (level - quantileLevels[i - 1])
                                / (quantileLevels[i] - quantileLevels[i - 1]);
                return quantiles[row + i - 1]
                        + share * ((double) quantiles[row + i] - quantiles[row + i - 1]);
            }
        }
        return quantiles[row + quantileCount - 1];
    }

    /// Probability that this vm's own peak exceeds a threshold. Never less than the forecast can
    /// exclude: above the highest quantile it is one minus the highest level. Below the lowest
    /// quantile the lowest stretch of the grid is continued. NaN if there is no forecast.
    public double exceedProbability(int resource, int vm, double threshold) {
        if (!hasForecast(resource, vm)) {
            return Double.NaN;
        }
        int row = (vm * resourceCount + resource) * quantileCount;
        int last = quantileCount - 1;
        if (threshold >= quantiles[row + last]) {
            return 1 - quantileLevels[last];
        }
        if (threshold < quantiles[row]) {
            return 1 - levelBelowGrid(row, threshold);
        }
        int above = 1;
        while (threshold >= quantiles[row + above]) {
            above++; // ends: the last quantile is above the threshold
        }
        double lower = quantiles[row + above - 1];
        double share = (threshold - lower) / (quantiles[row + above] - lower);
        double levels = quantileLevels[above] - quantileLevels[above - 1];
        return 1 - (quantileLevels[above - 1] + share * levels);
    }

    private double levelBelowGrid(int row, double threshold) {
        if (quantileCount == 1) {
            return quantileLevels[0];
        }
        double rise = (double) quantiles[row + 1] - quantiles[row];
        if (rise <= 0) {
            return 0; // a flat foot: the forecast sees no smaller values
        }
        double slope = rise / (quantileLevels[1] - quantileLevels[0]);
        return Math.max(0, quantileLevels[0] - (quantiles[row] - threshold) / slope);
    }

    /// Expected hours, over the horizon, in which this vm's demand exceeds a threshold. An upper
    /// bound when there are only quantiles. Zero if there is no forecast.
    public double expectedHoursAbove(int resource, int vm, double threshold) {
        if (!hasForecast(resource, vm)) {
            return 0;
        }
        int cell = (vm * resourceCount + resource) * cellCount;
        double hours = 0;
        for (double weight : scenarioWeights) {
            int steps = 0;
            for (int step = 0; step < stepCount; step++) {
                if (demand[cell++] > threshold) {
                    steps++;
                }
            }
            hours += weight * steps * stepHours();
        }
        return hours;
    }

    private static int[] members(RuleGroups groups, int group) {
        int[] vms = new int[groups.memberCount(group)];
        for (int i = 0; i < vms.length; i++) {
            vms[i] = groups.member(group, i);
        }
        return vms;
    }

    /// The step to which amounts of a resource are rounded: see above, on exact sums.
    static double quantum(double scale) {
        return Math.scalb(1.0, Math.getExponent(scale) + 1 - QUANTUM_EXPONENT);
    }

    /// An amount that sums exactly with those of this problem, and is not smaller than given.
    double roundedUp(double amount, int resource) {
        double quantum = quantum(scale[resource]);
        return Math.ceil(amount / quantum) * quantum;
    }
}
