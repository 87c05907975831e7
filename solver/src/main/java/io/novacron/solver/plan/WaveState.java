package io.novacron.solver.plan;

import io.novacron.solver.FleetProblem;
import io.novacron.solver.Rejection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The fleet in the middle of a wave. What a host *holds* is what is on it and what has come in
/// this wave; what leaves in this wave counts until its end. So the moves of a wave fit whatever
/// their order, and even if some fail.
///
/// What a host held at the start is allowed again, even if it was too much.
final class WaveState {
    private static final double WEIGHT_TOLERANCE = 1e-9;

    private final FleetProblem problem;
    private final WaveLimits limits;
    private final int[] at; // by vm: where it is once this wave has ended
    private final int cells; // of one resource of one host
    private final double[] held; // by resource and host: sizes
    private final double[] mostHeld; // the limit, or what was there at the start
    private final double[] load; // by host, resource and cell: demand
    private final double[]
            mostPeak; // by resource and host: the safe load, or the peak at the start
    private final int[][] affinity; // by vm: its groups
    private final int[][] antiAffinity; // by vm: its groups
    private final List<Map<Integer, Integer>> together = new ArrayList<>(); // by affinity group
    private final List<Map<Integer, Integer>> apart = new ArrayList<>(); // by anti-affinity group
    private final int[] mostHosts; // by affinity group
    private final int[] hostMoves; // of this wave
    private final List<Relocation> wave = new ArrayList<>();

    WaveState(FleetProblem problem, WaveLimits limits) {
        this.problem = problem;
        this.limits = limits;
        int hosts = problem.hostCount();
        int resources = problem.resourceCount();
        cells = problem.scenarioCount() * problem.stepCount();
        at = new int[problem.vmCount()];
        held = new double[resources * hosts];
        mostHeld = new double[held.length];
        mostPeak = new double[held.length];
        load = new double[hosts * resources * cells];
        hostMoves = new int[hosts];
        affinity = groups(problem.affinityGroupCount(), problem::affinityMembers);
        antiAffinity = groups(problem.antiAffinityGroupCount(), problem::antiAffinityMembers);
        for (int group = 0; group < problem.affinityGroupCount(); group++) {
            together.add(new HashMap<>()); // never iterated, as is the next
        }
        for (int group = 0; group < problem.antiAffinityGroupCount(); group++) {
            apart.add(new HashMap<>());
        }
        for (int vm = 0; vm < at.length; vm++) {
            at[vm] = problem.hostOf(vm);
            hold(vm, at[vm], 1);
            count(together, affinity[vm], at[vm], 1);
        }
        mostHosts = new int[together.size()];
        Arrays.setAll(mostHosts, group -> Math.max(1, together.get(group).size()));
        for (int resource = 0; resource < resources; resource++) {
            for (int host = 0; host < hosts; host++) {
                int cell = resource * hosts + host;
                mostHeld[cell] = Math.max(held[cell], problem.allocationLimit(resource, host));
                mostPeak[cell] =
                        Math.max(
                                peakWith(resource, host, FleetProblem.MISSING),
                                problem.safeLoad(resource, host));
            }
        }
    }

    private interface Members {
        int[] of(int group);
    }

    private int[][] groups(int count, Members members) {
        var groups = new int[at.length][0];
        for (int group = 0; group < count; group++) {
            for (int vm : members.of(group)) {
                groups[vm] = Arrays.copyOf(groups[vm], groups[vm].length + 1);
                groups[vm][groups[vm].length - 1] = group;
            }
        }
        return groups;
    }

    int hostOf(int vm) {
        return at[vm];
    }

    int[] affinityOf(int vm) {
        return affinity[vm];
    }

    /// The first rule against a move in this wave, or null if there is none.
    @Nullable Rejection check(int vm, int to) {
        Rejection rejection = checkAlone(vm, to);
        if (rejection != null) {
            return rejection;
        }
        return splits(vm, to) ? Rejection.AFFINITY : null;
    }

    /// As [#check], but for affinity.
    @Nullable Rejection checkAlone(int vm, int to) {
        int from = at[vm];
        if (problem.isVmOptedOut(vm)
                || problem.isHostOptedOut(from)
                || problem.isHostOptedOut(to)) {
            return Rejection.OPTED_OUT;
        }
        if (problem.isCordoned(to)) {
            return Rejection.CORDONED;
        }
        int pinned = problem.pinnedHost(vm);
        if (pinned != FleetProblem.MISSING && pinned != to) {
            return Rejection.PINNED;
        }
        if (problem.isForbidden(vm, to)) {
            return Rejection.FORBIDDEN;
        }
        for (int group : antiAffinity[vm]) {
            if (apart.get(group).getOrDefault(to, 0) > 0) {
                return Rejection.ANTI_AFFINITY;
            }
        }
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            int cell = resource * problem.hostCount() + to;
            double size = problem.size(resource, vm);
            if (size > 0 && held[cell] + size > mostHeld[cell]) {
                return Rejection.CAPACITY;
            }
        }
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            if (peakWith(resource, to, vm) > mostPeak[resource * problem.hostCount() + to]) {
                return Rejection.SAFETY_LEVEL;
            }
        }
        boolean isTooMuch =
                wave.size() >= limits.movesPerWave()
                        || hostMoves[from] >= limits.movesPerHost()
                        || hostMoves[to] >= limits.movesPerHost();
        return isTooMuch ? Rejection.MOVE_LIMIT : null;
    }

    /// Whether the vm's groups would be on more hosts than at the start, once it has moved.
    private boolean splits(int vm, int to) {
        for (int group : affinity[vm]) {
            Map<Integer, Integer> counts = together.get(group);
            int hosts =
                    counts.size()
                            + (counts.containsKey(to) ? 0 : 1)
                            - (counts.getOrDefault(at[vm], 0) == 1 ? 1 : 0);
            if (hosts > mostHosts[group]) {
                return true;
            }
        }
        return false;
    }

    /// Whether any of these groups is on more hosts than at the start.
    boolean isSplit(int vm) {
        for (int group : affinity[vm]) {
            if (together.get(group).size() > mostHosts[group]) {
                return true;
            }
        }
        return false;
    }

    /// Adds a move to this wave, without asking.
    void add(Relocation move) {
        wave.add(move);
        hostMoves[move.fromHost()]++;
        hostMoves[move.toHost()]++;
        hold(move.vm(), move.toHost(), 1);
        relocate(move.vm(), move.toHost());
    }

    /// Takes the last move of this wave back.
    void removeLast() {
        Relocation move = wave.removeLast();
        hostMoves[move.fromHost()]--;
        hostMoves[move.toHost()]--;
        hold(move.vm(), move.toHost(), -1);
        relocate(move.vm(), move.fromHost());
    }

    /// Ends this wave: vms that left are gone.
    List<Relocation> endWave() {
        List<Relocation> ended = List.copyOf(wave);
        for (Relocation move : ended) {
            hostMoves[move.fromHost()] = 0;
            hostMoves[move.toHost()] = 0;
            hold(move.vm(), move.fromHost(), -1);
        }
        wave.clear();
        return ended;
    }

    int waveSize() {
        return wave.size();
    }

    /// Puts a vm elsewhere between two waves, without asking.
    void put(int vm, int to) {
        hold(vm, at[vm], -1);
        hold(vm, to, 1);
        relocate(vm, to);
    }

    /// How full a host's fullest resource would be with another vm.
    double fill(int host, int vm) {
        double fullest = 0;
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            double most = problem.allocationLimit(resource, host);
            double size = problem.size(resource, vm);
            if (size > 0 && most > 0) {
                int cell = resource * problem.hostCount() + host;
                fullest = Math.max(fullest, (held[cell] + size) / most);
            }
        }
        return fullest;
    }

    private void relocate(int vm, int to) {
        count(together, affinity[vm], at[vm], -1);
        count(together, affinity[vm], to, 1);
        at[vm] = to;
    }

    private static void count(
            List<Map<Integer, Integer>> counts, int[] groups, int host, int change) {
        for (int group : groups) {
            int count = counts.get(group).merge(host, change, Integer::sum);
            if (count == 0) {
                counts.get(group).remove(host);
            }
        }
    }

    private void hold(int vm, int host, int sign) {
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            held[resource * problem.hostCount() + host] += sign * problem.size(resource, vm);
            int cell = (host * problem.resourceCount() + resource) * cells;
            for (int scenario = 0; scenario < problem.scenarioCount(); scenario++) {
                for (int step = 0; step < problem.stepCount(); step++) {
                    load[cell++] += sign * problem.demand(resource, vm, scenario, step);
                }
            }
        }
        count(apart, antiAffinity[vm], host, sign);
    }

    /// The peak that a host would have with another vm, or [FleetProblem#MISSING] for none; 0 if
    /// that vm has no demand, as then it changes nothing.
    private double peakWith(int resource, int host, int vm) {
        var peaks = new double[problem.scenarioCount()][];
        int cell = (host * problem.resourceCount() + resource) * cells;
        boolean hasDemand = vm == FleetProblem.MISSING;
        for (int scenario = 0; scenario < peaks.length; scenario++) {
            double highest = 0;
            for (int step = 0; step < problem.stepCount(); step++) {
                double demand =
                        vm == FleetProblem.MISSING
                                ? 0
                                : problem.demand(resource, vm, scenario, step);
                hasDemand |= demand > 0;
                highest = Math.max(highest, load[cell++] + demand);
            }
            peaks[scenario] = new double[] {highest, problem.scenarioWeight(scenario)};
        }
        if (!hasDemand) {
            return 0;
        }
        Arrays.sort(peaks, (left, right) -> Double.compare(left[0], right[0]));
        double level = problem.horizon().riskLevel() - WEIGHT_TOLERANCE;
        double reached = 0;
        int rank = 0;
        while (rank < peaks.length - 1 && (reached += peaks[rank][1]) < level) {
            rank++;
        }
        return peaks[rank][0];
    }
}
