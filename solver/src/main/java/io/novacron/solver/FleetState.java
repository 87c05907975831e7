package io.novacron.solver;

import org.jspecify.annotations.Nullable;

/// Where every vm is, with all that a move changes kept up to date: allocation, load by cell, group
/// counts, and each host's overload. One thread; nothing allocates after construction except the
/// group table when it grows. [FleetScore#recount] is the specification of everything kept here.
final class FleetState {
    private static final double WEIGHT_TOLERANCE = 1e-9;

    final FleetProblem problem;
    final int[] hostOf;
    private final double[] allocated; // [resource * hostCount + host]
    private final double[] load; // [(host * resourceCount + resource) * cellCount + cell]
    private final double[] peak; // [resource * hostCount + host]
    private final double[] overload; // by host
    private final float[] leastDemand; // [vm * resourceCount + resource], over all cells
    private final float[] mostDemand;
    private final GroupTally affinity;
    private final GroupTally antiAffinity;
    private final int rowLength;
    private final float[] noDemand;
    private final double[] peaks; // scratch, by scenario
    private final double[] weights; // scratch, in the order of `peaks`

    FleetState(FleetProblem problem) {
        this.problem = problem;
        hostOf = problem.hostOf.clone();
        allocated = new double[problem.resourceCount * problem.hostCount];
        rowLength = problem.resourceCount * problem.cellCount;
        load = new double[problem.hostCount * rowLength];
        peak = new double[allocated.length];
        overload = new double[problem.hostCount];
        leastDemand = new float[problem.vmCount * problem.resourceCount];
        mostDemand = new float[leastDemand.length];
        affinity = new GroupTally(problem.affinity, problem.hostCount);
        antiAffinity = new GroupTally(problem.antiAffinity, problem.hostCount);
        noDemand = new float[rowLength];
        peaks = new double[problem.scenarioWeights.length];
        weights = new double[peaks.length];
        for (int vm = 0; vm < problem.vmCount; vm++) {
            apply(vm, hostOf[vm], 1);
        }
        for (int host = 0; host < problem.hostCount; host++) {
            refresh(host);
        }
        for (int row = 0; row < leastDemand.length; row++) {
            leastDemand[row] = Float.MAX_VALUE;
            for (int cell = row * problem.cellCount; cell < (row + 1) * problem.cellCount; cell++) {
                leastDemand[row] = Math.min(leastDemand[row], problem.demand[cell]);
                mostDemand[row] = Math.max(mostDemand[row], problem.demand[cell]);
            }
        }
    }

    double allocated(int resource, int host) {
        return allocated[resource * problem.hostCount + host];
    }

    /// How far the host's peaks are above its safe loads, summed over resources, each as a share of
    /// the largest host. Zero unless the host is hot.
    double overload(int host) {
        return overload[host];
    }

    /// Overload of this vm's host if the vm left.
    double overloadWithout(int vm) {
        int host = hostOf[vm];
        double sum = 0;
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            sum += overload(resource, host, peakAfter(resource, host, vm, -1));
        }
        return sum;
    }

    double peak(int resource, int host) {
        return peak[resource * problem.hostCount + host];
    }

    /// A bound on [#peakAfter] when a vm comes, which costs no pass over the cells.
    double mostPeakAfter(int resource, int host, int vm) {
        return peak(resource, host) + mostDemand[vm * problem.resourceCount + resource];
    }

    /// Peak of a host if a vm came (`sign` 1) or left (`sign` -1).
    double peakAfter(int resource, int host, int vm, int sign) {
        return peakAfter(resource, host, problem.demand, demandRow(vm, resource), sign);
    }

    /// The first reason against moving this vm there, or null if it is legal: no rule is broken,
    /// nor is one that is broken already made worse.
    @Nullable Rejection check(int vm, int toHost) {
        int fromHost = hostOf[vm];
        if (problem.vmOptedOut[vm]
                || problem.hostOptedOut[fromHost]
                || problem.hostOptedOut[toHost]) {
            return Rejection.OPTED_OUT;
        }
        if (problem.hostCordoned[toHost]) {
            return Rejection.CORDONED;
        }
        int pinned = problem.pinnedHost[vm];
        if (pinned != FleetProblem.MISSING && pinned != toHost) {
            return Rejection.PINNED;
        }
        if (problem.isForbidden(vm, toHost)) {
            return Rejection.FORBIDDEN;
        }
        if (splitsAffinity(vm, fromHost, toHost)) {
            return Rejection.AFFINITY;
        }
        if (meetsAntiAffinity(vm, toHost)) {
            return Rejection.ANTI_AFFINITY;
        }
        if (!fits(vm, toHost)) {
            return Rejection.CAPACITY;
        }
        return staysSafe(vm, toHost) ? null : Rejection.SAFETY_LEVEL;
    }

    /// Moves a vm without asking whether that is legal.
    void move(int vm, int toHost) {
        int fromHost = hostOf[vm];
        apply(vm, fromHost, -1);
        apply(vm, toHost, 1);
        hostOf[vm] = toHost;
        refresh(fromHost);
        refresh(toHost);
    }

    /// The whole fleet's score from what is kept here.
    FleetScore score() {
        double excess = 0;
        double overloadSum = 0;
        for (int host = 0; host < problem.hostCount; host++) {
            overloadSum += overload[host];
            for (int resource = 0; resource < problem.resourceCount; resource++) {
                double over = allocated(resource, host) - problem.allocationLimit(resource, host);
                excess += Math.max(0, over) / problem.scale[resource];
            }
        }
        int pins = 0;
        int forbids = 0;
        int crowded = problem.antiAffinity.membershipCount();
        for (int vm = 0; vm < problem.vmCount; vm++) {
            int pinned = problem.pinnedHost[vm];
            pins += pinned != FleetProblem.MISSING && pinned != hostOf[vm] ? 1 : 0;
            forbids += problem.isForbidden(vm, hostOf[vm]) ? 1 : 0;
        }
        for (int group = 0; group < problem.antiAffinity.count(); group++) {
            crowded -= antiAffinity.distinctHosts(group); // members less hosts: the ones too many
        }
        int splits = 0;
        for (int group = 0; group < problem.affinity.count(); group++) {
            splits += Math.max(0, affinity.distinctHosts(group) - 1);
        }
        return new FleetScore(excess, splits, crowded, pins, forbids, overloadSum);
    }

    /// Probability that this host exceeds its safe load in any resource at any time of the horizon,
    /// if demand that is the same in every cell came on top.
    double overloadProbability(int host, double @Nullable [] added) {
        double probability = 0;
        for (int scenario = 0; scenario < peaks.length; scenario++) {
            if (overloadedSteps(host, scenario, added) > 0) {
                probability += problem.scenarioWeights[scenario];
            }
        }
        return Math.clamp(probability, 0, 1);
    }

    /// Expected hours of the horizon in which this host exceeds its safe load in any resource.
    double overloadHours(int host, double @Nullable [] added) {
        double hours = 0;
        for (int scenario = 0; scenario < peaks.length; scenario++) {
            hours +=
                    problem.scenarioWeights[scenario]
                            * overloadedSteps(host, scenario, added)
                            * problem.stepHours();
        }
        return hours;
    }

    private int overloadedSteps(int host, int scenario, double @Nullable [] added) {
        int overloaded = 0;
        for (int step = 0; step < problem.stepCount; step++) {
            int cell = scenario * problem.stepCount + step;
            for (int resource = 0; resource < problem.resourceCount; resource++) {
                double used = load[host * rowLength + resource * problem.cellCount + cell];
                double more = added == null ? 0 : added[resource];
                if (used + more > problem.safeLoad(resource, host)) {
                    overloaded++;
                    break;
                }
            }
        }
        return overloaded;
    }

    private boolean splitsAffinity(int vm, int fromHost, int toHost) {
        for (int i = 0; i < problem.affinity.groupCount(vm); i++) {
            int group = problem.affinity.groupOf(vm, i);
            if (affinity.count(group, fromHost) > 1 && affinity.count(group, toHost) == 0) {
                return true;
            }
        }
        return false;
    }

    private boolean meetsAntiAffinity(int vm, int toHost) {
        for (int i = 0; i < problem.antiAffinity.groupCount(vm); i++) {
            if (antiAffinity.count(problem.antiAffinity.groupOf(vm, i), toHost) > 0) {
                return true;
            }
        }
        return false;
    }

    private boolean fits(int vm, int toHost) {
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            double size = problem.size(resource, vm);
            if (size > 0
                    && allocated(resource, toHost) + size
                            > problem.allocationLimit(resource, toHost)) {
                return false;
            }
        }
        return true;
    }

    /// The peak with the vm lies between the peak plus the vm's least and plus its most demand, so
    /// most answers need no pass over the cells.
    private boolean staysSafe(int vm, int toHost) {
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            double most = mostDemand[vm * problem.resourceCount + resource];
            double safe = problem.safeLoad(resource, toHost);
            double now = peak(resource, toHost);
            if (most == 0 || now + most <= safe) {
                continue;
            }
            if (now + leastDemand[vm * problem.resourceCount + resource] > safe
                    || peakAfter(resource, toHost, vm, 1) > safe) {
                return false;
            }
        }
        return true;
    }

    private int demandRow(int vm, int resource) {
        return vm * rowLength + resource * problem.cellCount;
    }

    private void apply(int vm, int host, int sign) {
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            allocated[resource * problem.hostCount + host] += sign * problem.size(resource, vm);
        }
        int from = vm * rowLength;
        int to = host * rowLength;
        for (int i = 0; i < rowLength; i++) {
            load[to + i] += sign * problem.demand[from + i];
        }
        if (sign > 0) {
            affinity.add(vm, host);
            antiAffinity.add(vm, host);
        } else {
            affinity.remove(vm, host);
            antiAffinity.remove(vm, host);
        }
    }

    private void refresh(int host) {
        overload[host] = 0;
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            double now = peakAfter(resource, host, noDemand, resource * problem.cellCount, 0);
            peak[resource * problem.hostCount + host] = now;
            overload[host] += overload(resource, host, now);
        }
    }

    private double overload(int resource, int host, double peak) {
        return Math.max(0, peak - problem.safeLoad(resource, host)) / problem.scale[resource];
    }

    private double peakAfter(int resource, int host, float[] cells, int cell, int sign) {
        int at = host * rowLength + resource * problem.cellCount;
        for (int scenario = 0; scenario < peaks.length; scenario++) {
            double highest = 0;
            for (int step = 0; step < problem.stepCount; step++) {
                highest = Math.max(highest, load[at++] + sign * (double) cells[cell++]);
            }
            insert(highest, problem.scenarioWeights[scenario], scenario);
        }
        double level = problem.horizon().riskLevel() - WEIGHT_TOLERANCE;
        double reached = 0;
        int rank = 0;
        while (rank < peaks.length - 1 && (reached += weights[rank]) < level) {
            rank++;
        }
        return peaks[rank];
    }

    /// Keeps the first `count` scratch peaks ascending; few and nearly sorted, so insertion is
    /// best.
    private void insert(double peak, double weight, int count) {
        int place = count;
        while (place > 0 && peaks[place - 1] > peak) {
            peaks[place] = peaks[place - 1];
            weights[place] = weights[place - 1];
            place--;
        }
        peaks[place] = peak;
        weights[place] = weight;
    }
}
