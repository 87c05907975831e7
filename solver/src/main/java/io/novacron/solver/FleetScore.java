package io.novacron.solver;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;

/// How good an assignment of vms to hosts is. All terms are zero in a fleet without faults.
///
/// @param allocationExcess sizes above allocation limits, each as a share of the largest host
/// @param affinitySplits hosts too many over which affinity groups are spread
/// @param antiAffinityClashes vms too many on one host among those that belong apart
/// @param pinViolations vms that are not where they are pinned
/// @param forbiddenPlacements vms on a host that is forbidden to them
/// @param overload forecast peaks above safe loads, each as a share of the largest host
public record FleetScore(
        double allocationExcess,
        int affinitySplits,
        int antiAffinityClashes,
        int pinViolations,
        int forbiddenPlacements,
        double overload) {

    /// Broken hard rules, allocation apart.
    public int ruleViolations() {
        return affinitySplits + antiAffinityClashes + pinViolations + forbiddenPlacements;
    }

    /// Scores an assignment from nothing but the problem: slow, plain, and the specification of
    /// every incremental score.
    public static FleetScore recount(FleetProblem problem, int[] hostOf) {
        double excess = 0;
        double overload = 0;
        for (int host = 0; host < problem.hostCount(); host++) {
            for (int resource = 0; resource < problem.resourceCount(); resource++) {
                double allocated = 0;
                for (int vm = 0; vm < problem.vmCount(); vm++) {
                    allocated += hostOf[vm] == host ? problem.size(resource, vm) : 0;
                }
                excess +=
                        Math.max(0, allocated - problem.allocationLimit(resource, host))
                                / problem.scale(resource);
                overload +=
                        Math.max(
                                        0,
                                        peak(problem, hostOf, resource, host)
                                                - problem.safeLoad(resource, host))
                                / problem.scale(resource);
            }
        }
        int pins = 0;
        int forbids = 0;
        for (int vm = 0; vm < problem.vmCount(); vm++) {
            int pinned = problem.pinnedHost(vm);
            pins += pinned != FleetProblem.MISSING && pinned != hostOf[vm] ? 1 : 0;
            forbids += problem.isForbidden(vm, hostOf[vm]) ? 1 : 0;
        }
        return new FleetScore(
                excess,
                affinitySplits(problem, hostOf),
                antiAffinityClashes(problem, hostOf),
                pins,
                forbids,
                overload);
    }

    /// The `riskLevel` quantile, over scenarios, of the highest step of a host's summed demand.
    public static double peak(FleetProblem problem, int[] hostOf, int resource, int host) {
        var weightByPeak = new double[problem.scenarioCount()][];
        for (int scenario = 0; scenario < problem.scenarioCount(); scenario++) {
            double highest = 0;
            for (int step = 0; step < problem.stepCount(); step++) {
                double sum = 0;
                for (int vm = 0; vm < problem.vmCount(); vm++) {
                    sum += hostOf[vm] == host ? problem.demand(resource, vm, scenario, step) : 0;
                }
                highest = Math.max(highest, sum);
            }
            weightByPeak[scenario] = new double[] {highest, problem.scenarioWeight(scenario)};
        }
        Arrays.sort(weightByPeak, (left, right) -> Double.compare(left[0], right[0]));
        double reached = 0;
        for (double[] entry : weightByPeak) {
            reached += entry[1];
            if (reached >= problem.horizon().riskLevel() - 1e-9) {
                return entry[0];
            }
        }
        return weightByPeak[weightByPeak.length - 1][0];
    }

    private static int affinitySplits(FleetProblem problem, int[] hostOf) {
        int splits = 0;
        for (int group = 0; group < problem.affinityGroupCount(); group++) {
            var hosts = new HashSet<Integer>();
            for (int vm : problem.affinityMembers(group)) {
                hosts.add(hostOf[vm]);
            }
            splits += Math.max(0, hosts.size() - 1);
        }
        return splits;
    }

    private static int antiAffinityClashes(FleetProblem problem, int[] hostOf) {
        int clashes = 0;
        for (int group = 0; group < problem.antiAffinityGroupCount(); group++) {
            var membersByHost = new HashMap<Integer, Integer>();
            for (int vm : problem.antiAffinityMembers(group)) {
                if (membersByHost.merge(hostOf[vm], 1, Integer::sum) > 1) {
                    clashes++;
                }
            }
        }
        return clashes;
    }
}
