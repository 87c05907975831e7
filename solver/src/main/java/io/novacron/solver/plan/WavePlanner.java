package io.novacron.solver.plan;

import io.novacron.solver.FleetProblem;
import io.novacron.solver.Mistakes;
import io.novacron.solver.Rejection;
import io.novacron.solver.WorkLimit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds an order in which vms can go from where they are to where they should be.
///
/// A wave takes every move that is allowed while all of its other moves are under way, those first
/// that make room for others. Vms of an affinity group that would be split on the way move in one
/// wave. Where nothing can move, vms wait for each other in a circle: one that stands in the way of
/// a move goes to a third host for a while, each vm at most once. If such a vm cannot get home
/// either, the plan ends at the last stop at which none was on its way, and goes on from there
/// without that detour.
///
/// Greedy, so it may leave moves for which a longer detour exists; what it leaves, it names.
public final class WavePlanner {
    private static final int DETOUR_TRIES = 8; // third hosts looked at for one vm

    private final FleetProblem problem;
    private final int[] target;
    private final WorkLimit limit;
    private final WaveState state;
    private final List<Integer> remaining = new ArrayList<>(); // vms that are not where they should
    private final List<List<Relocation>> waves = new ArrayList<>();
    private final Set<Integer> hasDetoured = new HashSet<>(); // never iterated
    private int settledWaves; // so many waves after which no vm was on a detour
    private long evaluated;

    private WavePlanner(FleetProblem problem, int[] target, WaveLimits limits, WorkLimit limit) {
        this.problem = problem;
        this.target = target;
        this.limit = limit;
        state = new WaveState(problem, limits);
        for (int vm = 0; vm < target.length; vm++) {
            if (target[vm] != problem.hostOf(vm)) {
                remaining.add(vm);
            }
        }
    }

    /// @param target host by vm
    /// @throws io.novacron.solver.InvalidInputException if the target is not one of this problem
    public static WavePlan plan(FleetProblem problem, int[] target, WaveLimits limits) {
        return plan(problem, target, limits, WorkLimit.ofMoves(Long.MAX_VALUE, 0));
    }

    /// @param limit once it is reached, what is not ordered yet is left
    public static WavePlan plan(
            FleetProblem problem, int[] target, WaveLimits limits, WorkLimit limit) {
        var mistakes = new Mistakes("target");
        mistakes.check(
                target.length == problem.vmCount(),
                "there are %s hosts for %s vms",
                target.length,
                problem.vmCount());
        mistakes.throwIfAny();
        for (int vm = 0; vm < target.length; vm++) {
            mistakes.check(
                    target[vm] >= 0 && target[vm] < problem.hostCount(),
                    "vm %s should be on host %s, which is not in [0, %s). Maybe the plan is for"
                            + " another fleet?",
                    problem.vmId(vm),
                    target[vm],
                    problem.hostCount());
        }
        mistakes.throwIfAny();
        return new WavePlanner(problem, target.clone(), limits, limit).run();
    }

    private WavePlan run() {
        while (!remaining.isEmpty() && mayEvaluate()) {
            if (fillWave() || detour()) {
                waves.add(state.endWave());
                remaining.removeIf(vm -> state.hostOf(vm) == target[vm]);
                if (isSettled()) {
                    settledWaves = waves.size();
                }
            } else if (!isSettled()) {
                backToSettled();
            } else {
                break;
            }
        }
        if (!isSettled()) {
            backToSettled();
        }
        return new WavePlan(waves, leftOver());
    }

    /// Adds all moves that go together; false if there is none.
    private boolean fillWave() {
        var wanted = new int[problem.hostCount()]; // by so many
        remaining.forEach(vm -> wanted[target[vm]]++);
        List<Integer> order = new ArrayList<>(remaining);
        order.sort(
                Comparator.<Integer>comparingInt(vm -> -wanted[state.hostOf(vm)])
                        .thenComparingInt(vm -> vm));
        boolean hasAdded = false;
        for (int vm : order) {
            if (state.hostOf(vm) != target[vm] && mayEvaluate()) {
                Rejection rejection = state.check(vm, target[vm]);
                if (rejection == null) {
                    state.add(move(vm));
                    hasAdded = true;
                } else if (rejection == Rejection.AFFINITY) {
                    hasAdded |= addTogether(vm);
                }
            }
        }
        return hasAdded;
    }

    /// Adds a vm's move with those of all vms that share a group with it, or with one of these; all
    /// or none.
    private boolean addTogether(int vm) {
        int before = state.waveSize();
        boolean isAllowed = true;
        List<Integer> companions = companions(vm);
        for (int companion : companions) {
            isAllowed = isAllowed && state.checkAlone(companion, target[companion]) == null;
            if (isAllowed) {
                state.add(move(companion));
            }
        }
        for (int companion : companions) {
            isAllowed = isAllowed && !state.isSplit(companion);
        }
        while (!isAllowed && state.waveSize() > before) {
            state.removeLast();
        }
        return isAllowed;
    }

    private List<Integer> companions(int vm) {
        List<Integer> companions = new ArrayList<>();
        Set<Integer> seen = new HashSet<>(); // never iterated
        var queue = new ArrayDeque<Integer>();
        queue.add(vm);
        seen.add(vm);
        while (!queue.isEmpty()) {
            int next = queue.remove();
            if (state.hostOf(next) != target[next]) {
                companions.add(next);
            }
            for (int group : state.affinityOf(next)) {
                for (int member : problem.affinityMembers(group)) {
                    if (state.hostOf(member) != target[member] && seen.add(member)) {
                        queue.add(member);
                    }
                }
            }
        }
        return companions;
    }

    /// Sends vms out of the way of others, at most one from any host; false if none can go or
    /// helps.
    private boolean detour() {
        Set<Integer> wanted = new HashSet<>(); // hosts; never iterated
        remaining.forEach(vm -> wanted.add(target[vm]));
        List<Integer> inTheWay = new ArrayList<>();
        for (int vm : remaining) {
            if (wanted.contains(state.hostOf(vm)) && !hasDetoured.contains(vm)) {
                inTheWay.add(vm);
            }
        }
        inTheWay.sort(
                Comparator.<Integer>comparingLong(problem::memoryBytes).thenComparingInt(vm -> vm));
        Set<Integer> relieved = new HashSet<>(); // never iterated
        for (int vm : inTheWay) {
            int from = state.hostOf(vm);
            if (!relieved.contains(from) && sendAway(vm, from, wanted)) {
                relieved.add(from);
                hasDetoured.add(vm);
            }
        }
        return !relieved.isEmpty();
    }

    private boolean sendAway(int vm, int from, Set<Integer> wanted) {
        int tries = 0;
        for (int host : thirdHosts(vm, wanted)) {
            if (tries == DETOUR_TRIES || !mayEvaluate()) {
                return false;
            }
            if (state.check(vm, host) == null) {
                tries++;
                if (helps(vm, from, host)) {
                    state.add(new Relocation(vm, from, host, true));
                    return true;
                }
            }
        }
        return false;
    }

    /// Those that nobody waits for first, then the emptiest.
    private List<Integer> thirdHosts(int vm, Set<Integer> wanted) {
        List<Integer> hosts = new ArrayList<>();
        for (int host = 0; host < problem.hostCount(); host++) {
            if (host != state.hostOf(vm) && host != target[vm]) {
                hosts.add(host);
            }
        }
        hosts.sort(
                Comparator.<Integer, Boolean>comparing(wanted::contains)
                        .thenComparingDouble(host -> state.fill(host, vm))
                        .thenComparingInt(host -> host));
        return hosts;
    }

    /// Whether another vm could come to a host if this one had gone.
    private boolean helps(int vm, int from, int host) {
        state.put(vm, host);
        boolean helps = false;
        for (int other : remaining) {
            if (!helps && other != vm && target[other] == from) {
                evaluated++;
                Rejection rejection = state.check(other, from);
                helps = rejection == null || rejection == Rejection.MOVE_LIMIT; // of this wave
            }
        }
        state.put(vm, from);
        return helps;
    }

    private boolean isSettled() {
        for (int vm : remaining) {
            if (state.hostOf(vm) != problem.hostOf(vm)) {
                return false;
            }
        }
        return true;
    }

    private void backToSettled() {
        while (waves.size() > settledWaves) {
            for (Relocation move : waves.removeLast()) {
                state.put(move.vm(), move.fromHost());
                if (!remaining.contains(move.vm())) {
                    remaining.add(move.vm());
                }
            }
        }
        remaining.sort(Comparator.naturalOrder());
    }

    private List<WavePlan.Left> leftOver() {
        List<WavePlan.Left> left = new ArrayList<>();
        for (int vm : remaining) {
            int from = state.hostOf(vm);
            @Nullable Rejection rejection = state.check(vm, target[vm]);
            Rejection why = rejection == null ? Rejection.MOVE_LIMIT : rejection;
            left.add(new WavePlan.Left(vm, from, target[vm], why, describe(vm, from, why)));
        }
        return left;
    }

    private String describe(int vm, int from, Rejection why) {
        String to = problem.hostId(target[vm]);
        String text =
                switch (why) {
                    case OPTED_OUT -> "it or one of the hosts has opted out of automation";
                    case CORDONED -> "host %s takes no further vms".formatted(to);
                    case HOT -> "host %s is itself hot".formatted(to);
                    case LABEL -> "a label of host %s is against it".formatted(to);
                    case PINNED ->
                            "it is pinned to host %s"
                                    .formatted(problem.hostId(problem.pinnedHost(vm)));
                    case FORBIDDEN -> "it is forbidden on host %s".formatted(to);
                    case AFFINITY -> describeGroup(vm);
                    case ANTI_AFFINITY ->
                            "a vm that must be apart is on host %s and does not leave"
                                    .formatted(to);
                    case CAPACITY ->
                            "host %s has no room for it before others leave, and none can"
                                    .formatted(to);
                    case SAFETY_LEVEL ->
                            "host %s would exceed its safe load before others leave, and none can"
                                    .formatted(to);
                    case MOVE_LIMIT -> "the limit of work was reached";
                };
        return "vm %s stays on host %s: %s".formatted(problem.vmId(vm), problem.hostId(from), text);
    }

    /// Why those that must stay together cannot go together.
    private String describeGroup(int vm) {
        String text =
                "its affinity group would be split on the way. Maybe allow as many moves of one host"
                        + " at a time as the group has vms?";
        for (int companion : companions(vm)) {
            Rejection rejection = state.checkAlone(companion, target[companion]);
            if (rejection != null && rejection != Rejection.MOVE_LIMIT) {
                text =
                        "vm %s of its affinity group cannot go along: %s"
                                .formatted(problem.vmId(companion), rejection);
            }
        }
        return text;
    }

    private Relocation move(int vm) {
        return new Relocation(vm, state.hostOf(vm), target[vm], false);
    }

    private boolean mayEvaluate() {
        if (evaluated >= limit.moves()
                || (evaluated % WorkLimit.DEADLINE_INTERVAL == 0
                        && limit.deadlinePassed().getAsBoolean())) {
            return false;
        }
        evaluated++;
        return true;
    }
}
