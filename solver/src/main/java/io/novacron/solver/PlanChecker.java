package io.novacron.solver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Replays a plan step by step and reports every rule that it breaks or makes worse than it was
/// before the plan. It recounts everything from the problem at every step and shares no code with
/// the solvers, so that it can be believed; that makes it slow, for tests and for a last look
/// before dispatch.
///
/// During a wave a moving vm's size counts on both hosts for resources with transient use, and is
/// given back to the source when the wave has ended.
public final class PlanChecker {
    private static final double TOLERANCE = 1e-9;

    private final FleetProblem problem;
    private final int[] hostOf;
    private final double[][] size; // by resource and vm
    private final List<int[]> leaving = new ArrayList<>(); // {vm, host left} of the wave under way
    private final List<Fault> faults = new ArrayList<>();
    private final int[] hostsOfBefore; // by affinity group
    private final double[][] allocatedBefore;
    private final double[][] peakBefore;
    private int wave;

    /// One rule broken by one step.
    ///
    /// @param step index in the plan
    public record Fault(int step, String text) {}

    private PlanChecker(FleetProblem problem) {
        this.problem = problem;
        hostOf = new int[problem.vmCount()];
        size = new double[problem.resourceCount()][problem.vmCount()];
        for (int vm = 0; vm < problem.vmCount(); vm++) {
            hostOf[vm] = problem.hostOf(vm);
            for (int resource = 0; resource < problem.resourceCount(); resource++) {
                size[resource][vm] = problem.size(resource, vm);
            }
        }
        hostsOfBefore = new int[problem.affinityGroupCount()];
        Arrays.setAll(hostsOfBefore, group -> hostsOf(group, hostOf));
        allocatedBefore = new double[problem.resourceCount()][problem.hostCount()];
        peakBefore = new double[problem.resourceCount()][problem.hostCount()];
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            for (int host = 0; host < problem.hostCount(); host++) {
                allocatedBefore[resource][host] = allocated(resource, host);
                peakBefore[resource][host] = FleetScore.peak(problem, hostOf, resource, host);
            }
        }
    }

    /// @return what is wrong with these steps, in order; empty for a sound plan
    public static List<Fault> check(FleetProblem problem, List<Advice> steps) {
        var checker = new PlanChecker(problem);
        for (int step = 0; step < steps.size(); step++) {
            checker.replay(step, steps.get(step));
        }
        return List.copyOf(checker.faults);
    }

    private void replay(int step, Advice advice) {
        int vm = advice.vm();
        if (vm < 0 || vm >= problem.vmCount() || !problem.vmId(vm).equals(advice.vmId())) {
            fault(step, "there is no vm %s at index %s", advice.vmId(), vm);
            return;
        }
        if (problem.isVmOptedOut(vm) || problem.isHostOptedOut(hostOf[vm])) {
            fault(step, "vm %s or its host opted out", advice.vmId());
        }
        double confidence = advice.grounds().confidence();
        if (!(confidence >= 0 && confidence <= 1) || advice.grounds().reasons().isEmpty()) {
            fault(step, "confidence %s or reasons are missing", confidence);
        }
        switch (advice) {
            case Advice.SetVcpus set -> replay(step, set);
            case Advice.SetMemory set -> replay(step, set);
            case Advice.Migrate move -> replay(step, move);
        }
    }

    private void replay(int step, Advice.SetVcpus set) {
        if (set.fromVcpus() != problem.vcpus(set.vm()) || set.host() != hostOf[set.vm()]) {
            fault(step, "vm %s has not the size or host that is expected", set.vmId());
        }
        if (set.toVcpus() < 1 || set.toVcpus() > problem.maxVcpus(set.vm())) {
            fault(step, "%s vCPUs are not in [1, maximum] for vm %s", set.toVcpus(), set.vmId());
        }
        if (set.toVcpus() < set.fromVcpus() && set.reliable()) {
            fault(step, "taking vCPUs from vm %s is called reliable", set.vmId());
        }
        resize(step, problem.cpuIndex(), set.vm(), set.toVcpus());
    }

    private void replay(int step, Advice.SetMemory set) {
        if (set.fromBytes() != problem.memoryBytes(set.vm()) || set.host() != hostOf[set.vm()]) {
            fault(step, "vm %s has not the size or host that is expected", set.vmId());
        }
        if (set.toBytes() < 1 || set.toBytes() > problem.maxMemoryBytes(set.vm())) {
            fault(step, "%s bytes are not in [1, maximum] for vm %s", set.toBytes(), set.vmId());
        }
        double workingSet = problem.demandQuantile(problem.memoryIndex(), set.vm(), 1);
        if (set.toBytes() < set.fromBytes() && set.toBytes() < workingSet) {
            fault(step, "vm %s would have less memory than its working set", set.vmId());
        }
        resize(step, problem.memoryIndex(), set.vm(), set.toBytes());
    }

    private void resize(int step, int resource, int vm, double amount) {
        size[resource][vm] = amount;
        checkAllocation(step, resource, hostOf[vm]);
    }

    private void replay(int step, Advice.Migrate move) {
        int vm = move.vm();
        if (move.wave() < wave) {
            fault(step, "wave %s comes after wave %s", move.wave(), wave);
        } else if (move.wave() > wave) {
            leaving.clear();
            wave = move.wave();
        }
        if (move.fromHost() != hostOf[vm] || move.fromHost() == move.toHost()) {
            fault(step, "vm %s is not on host %s, or stays", move.vmId(), move.fromHostId());
        }
        if (problem.isHostOptedOut(move.toHost()) || problem.isCordoned(move.toHost())) {
            fault(step, "host %s takes no vms", move.toHostId());
        }
        leaving.add(new int[] {vm, hostOf[vm]});
        hostOf[vm] = move.toHost();
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            if (problem.size(resource, vm) > 0) {
                checkAllocation(step, resource, move.toHost());
            }
            double peak = FleetScore.peak(problem, hostOf, resource, move.toHost());
            double safe = problem.safeLoad(resource, move.toHost());
            if (exceeds(peak, Math.max(safe, peakBefore[resource][move.toHost()]))) {
                fault(step, "host %s would be hot: %s of %s", move.toHostId(), peak, safe);
            }
        }
        checkRules(step, move);
    }

    /// Rule by rule for the vm that moved, so that a rule mended elsewhere hides none that is
    /// broken.
    private void checkRules(int step, Advice.Migrate move) {
        int vm = move.vm();
        for (int group = 0; group < problem.affinityGroupCount(); group++) {
            if (hostsOf(group, hostOf) > hostsOfBefore[group]) {
                fault(step, "affinity group %s is split", problem.affinityGroupName(group));
            }
        }
        for (int group = 0; group < problem.antiAffinityGroupCount(); group++) {
            int[] members = problem.antiAffinityMembers(group);
            boolean isMember = Arrays.stream(members).anyMatch(member -> member == vm);
            for (int other : members) {
                if (isMember && other != vm && hostOf[other] == move.toHost()) {
                    fault(step, "vms %s and %s belong apart", move.vmId(), problem.vmId(other));
                }
            }
        }
        int pinned = problem.pinnedHost(vm);
        if (pinned != FleetProblem.MISSING && pinned != move.toHost()) {
            fault(step, "vm %s is pinned to host %s", move.vmId(), problem.hostId(pinned));
        }
        if (problem.isForbidden(vm, move.toHost())) {
            fault(step, "vm %s is forbidden on host %s", move.vmId(), move.toHostId());
        }
    }

    private int hostsOf(int affinityGroup, int[] assignment) {
        return (int)
                Arrays.stream(problem.affinityMembers(affinityGroup))
                        .map(vm -> assignment[vm])
                        .distinct()
                        .count();
    }

    private void checkAllocation(int step, int resource, int host) {
        double allocated = allocated(resource, host);
        for (int[] left : leaving) {
            boolean counts = problem.resources().get(resource).transientUse();
            if (counts && left[1] == host && hostOf[left[0]] != host) {
                allocated += size[resource][left[0]];
            }
        }
        double limit = problem.allocationLimit(resource, host);
        if (exceeds(allocated, Math.max(limit, allocatedBefore[resource][host]))) {
            fault(
                    step,
                    "host %s would have %s of %s %s promised",
                    problem.hostId(host),
                    allocated,
                    limit,
                    problem.resources().get(resource).name());
        }
    }

    private double allocated(int resource, int host) {
        double sum = 0;
        for (int vm = 0; vm < problem.vmCount(); vm++) {
            sum += hostOf[vm] == host ? size[resource][vm] : 0;
        }
        return sum;
    }

    private static boolean exceeds(double amount, double limit) {
        return amount > limit + TOLERANCE * Math.max(1, Math.abs(limit));
    }

    private void fault(int step, String format, Object... arguments) {
        faults.add(new Fault(step, format.formatted(arguments)));
    }
}
