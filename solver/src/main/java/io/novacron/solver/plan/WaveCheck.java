package io.novacron.solver.plan;

import io.novacron.solver.FleetProblem;
import io.novacron.solver.FleetScore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Replays a plan of waves and reports every rule that it breaks, or makes worse than it was at the
/// start. Recounts everything from the problem at every step and shares nothing with the planner;
/// slow, for tests and for a last look before dispatch.
///
/// While a wave is under way each of its vms counts on both hosts. Affinity is asked at its end
/// only: a group cannot move in no time.
public final class WaveCheck {
    private static final double TOLERANCE = 1e-9;

    private final FleetProblem problem;
    private final WaveLimits limits;
    private final int[] start; // host by vm, where rules are as broken as they may be
    private final int[] hostOf;
    private final List<String> faults = new ArrayList<>();

    private WaveCheck(FleetProblem problem, WaveLimits limits) {
        this.problem = problem;
        this.limits = limits;
        start = new int[problem.vmCount()];
        for (int vm = 0; vm < start.length; vm++) {
            start[vm] = problem.hostOf(vm);
        }
        hostOf = start.clone();
    }

    /// @return what is wrong with a plan from where the problem's vms are; empty if it is sound
    public static List<String> faults(FleetProblem problem, WaveLimits limits, WavePlan plan) {
        var check = new WaveCheck(problem, limits);
        plan.waves().forEach(check::replay);
        return List.copyOf(check.faults);
    }

    /// @param waveCount waves of the plan that were carried out
    /// @return what is wrong with its undo from there; empty if it is sound and leads to the start
    public static List<String> undoFaults(
            FleetProblem problem, WaveLimits limits, WavePlan plan, int waveCount) {
        var check = new WaveCheck(problem, limits);
        for (List<Relocation> wave : plan.waves().subList(0, waveCount)) {
            wave.forEach(move -> check.hostOf[move.vm()] = move.toHost());
        }
        plan.undo(waveCount).waves().forEach(check::replay);
        for (int vm = 0; vm < check.start.length; vm++) {
            if (check.hostOf[vm] != check.start[vm]) {
                check.fault("vm %s is not where it was", problem.vmId(vm));
            }
        }
        return List.copyOf(check.faults);
    }

    /// Where vms are after so many waves.
    public static int[] hostsAfter(FleetProblem problem, WavePlan plan, int waveCount) {
        var check = new WaveCheck(problem, WaveLimits.DEFAULT);
        for (List<Relocation> wave : plan.waves().subList(0, waveCount)) {
            wave.forEach(move -> check.hostOf[move.vm()] = move.toHost());
        }
        return check.hostOf;
    }

    private void replay(List<Relocation> wave) {
        Map<Integer, Integer> moves = new HashMap<>();
        Set<Integer> vms = new HashSet<>();
        for (Relocation move : wave) {
            moves.merge(move.fromHost(), 1, Integer::sum);
            moves.merge(move.toHost(), 1, Integer::sum);
            checkMove(move, wave);
            if (!vms.add(move.vm())) {
                fault("vm %s moves twice in a wave", problem.vmId(move.vm()));
            }
        }
        moves.forEach((host, count) -> {
            if (count > limits.movesPerHost()) {
                fault("%s moves at once on host %s", count, problem.hostId(host));
            }
        });
        if (wave.isEmpty() || wave.size() > limits.movesPerWave()) {
            fault("a wave has %s moves", wave.size());
        }
        for (Relocation move : wave) {
            checkRoom(move.toHost(), wave);
        }
        wave.forEach(move -> hostOf[move.vm()] = move.toHost());
        checkAffinity();
    }

    private void checkMove(Relocation move, List<Relocation> wave) {
        int vm = move.vm();
        int to = move.toHost();
        String id = problem.vmId(vm);
        if (hostOf[vm] != move.fromHost() || move.fromHost() == to) {
            fault("vm %s is not on host %s, or stays", id, problem.hostId(move.fromHost()));
        }
        if (problem.isVmOptedOut(vm)
                || problem.isHostOptedOut(move.fromHost())
                || problem.isHostOptedOut(to)) {
            fault("vm %s or one of its hosts opted out", id);
        }
        if (to == start[vm]) {
            return; // back where it was, whatever it broke there
        }
        if (problem.isCordoned(to)) {
            fault("host %s takes no vms", problem.hostId(to));
        }
        int pinned = problem.pinnedHost(vm);
        if (pinned != FleetProblem.MISSING && pinned != to) {
            fault("vm %s is pinned to host %s", id, problem.hostId(pinned));
        }
        if (problem.isForbidden(vm, to)) {
            fault("vm %s is forbidden on host %s", id, problem.hostId(to));
        }
        for (int group = 0; group < problem.antiAffinityGroupCount(); group++) {
            Set<Integer> members = members(problem.antiAffinityMembers(group));
            for (int other : members) {
                boolean isThere =
                        hostOf[other] == to
                                || wave.stream().anyMatch(m -> m.vm() == other && m.toHost() == to);
                if (members.contains(vm) && other != vm && isThere) {
                    fault("vms %s and %s belong apart", id, problem.vmId(other));
                }
            }
        }
    }

    /// What a host carries while this wave is under way, against its limits and the start.
    private void checkRoom(int host, List<Relocation> wave) {
        int[] during = hostOf.clone();
        for (Relocation move : wave) {
            if (move.toHost() == host) {
                during[move.vm()] = host; // those that leave are still there
            }
        }
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            String name = problem.resources().get(resource).name();
            double limit =
                    Math.max(
                            problem.allocationLimit(resource, host),
                            allocated(start, resource, host));
            double allocated = allocated(during, resource, host);
            boolean grows = allocated > allocated(hostOf, resource, host);
            if (grows && exceeds(allocated, limit)) {
                fault("host %s holds %s of %s", problem.hostId(host), allocated, name);
            }
            double safe =
                    Math.max(
                            problem.safeLoad(resource, host),
                            FleetScore.peak(problem, start, resource, host));
            double peak = FleetScore.peak(problem, during, resource, host);
            if (exceeds(peak, safe)) {
                fault("host %s peaks at %s of %s", problem.hostId(host), peak, name);
            }
        }
    }

    private void checkAffinity() {
        for (int group = 0; group < problem.affinityGroupCount(); group++) {
            int[] vms = problem.affinityMembers(group);
            if (hosts(vms, hostOf) > Math.max(1, hosts(vms, start))) {
                fault("affinity group %s is split at a stop", problem.affinityGroupName(group));
            }
        }
    }

    private static int hosts(int[] vms, int[] hostOf) {
        Set<Integer> hosts = new HashSet<>();
        for (int vm : vms) {
            hosts.add(hostOf[vm]);
        }
        return hosts.size();
    }

    private static Set<Integer> members(int[] vms) {
        Set<Integer> members = new HashSet<>();
        for (int vm : vms) {
            members.add(vm);
        }
        return members;
    }

    private double allocated(int[] assignment, int resource, int host) {
        double sum = 0;
        for (int vm = 0; vm < assignment.length; vm++) {
            sum += assignment[vm] == host ? problem.size(resource, vm) : 0;
        }
        return sum;
    }

    private static boolean exceeds(double amount, double limit) {
        return amount > limit + TOLERANCE * Math.max(1, Math.abs(limit));
    }

    private void fault(String format, Object... arguments) {
        faults.add(format.formatted(arguments));
    }
}
