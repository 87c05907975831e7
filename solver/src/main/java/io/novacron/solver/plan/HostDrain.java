package io.novacron.solver.plan;

import io.novacron.solver.Advice;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.Grounds;
import io.novacron.solver.MigrationModel;
import io.novacron.solver.Reason;
import io.novacron.solver.Rejection;
import io.novacron.solver.Unresolved;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Empties hosts: finds every vm on them a host that takes it, the largest first, where it leaves
/// most room; then an order in waves. What nobody takes stays, and says why. Every rule of the
/// fleet holds throughout, that peaks stay within safe loads among them.
///
/// The hosts should be cordoned in the problem, or one of them may be given vms of another. Pure;
/// the same problem gives the same plan.
public final class HostDrain {
    private static final WaveLimits NO_LIMITS = new WaveLimits(100_000, 100_000);

    private final FleetProblem problem;
    private final WaveState state;
    private final BitSet drained;

    private HostDrain(FleetProblem problem, BitSet drained) {
        this.problem = problem;
        this.drained = drained;
        state = new WaveState(problem, NO_LIMITS); // of the end, not of the way
    }

    /// What a drain comes to.
    ///
    /// @param steps in waves
    /// @param stays vms that stay, and why; in the order of their slots
    public record Result(List<Advice.Migrate> steps, List<Unresolved> stays) {
        public Result {
            steps = List.copyOf(steps);
            stays = List.copyOf(stays);
        }
    }

    /// @param hosts indexes in the problem
    public static Result drain(
            FleetProblem problem, BitSet hosts, WaveLimits limits, MigrationModel migration) {
        return new HostDrain(problem, hosts).run(limits, migration);
    }

    private Result run(WaveLimits limits, MigrationModel migration) {
        Map<Integer, String> stays = new TreeMap<>();
        int[] target = new int[problem.vmCount()];
        List<Integer> leaving = new ArrayList<>();
        for (int vm = 0; vm < target.length; vm++) {
            target[vm] = problem.hostOf(vm);
            if (drained.get(target[vm])) {
                leaving.add(vm);
            }
        }
        leaving.sort(
                Comparator.<Integer>comparingLong(vm -> -problem.memoryBytes(vm))
                        .thenComparingInt(vm -> vm));
        for (int vm : leaving) {
            int host = hostFor(vm);
            if (host == FleetProblem.MISSING) {
                stays.put(vm, whyNot(vm));
            } else {
                state.put(vm, host);
                target[vm] = host;
            }
        }
        WavePlan plan = WavePlanner.plan(problem, target, limits);
        List<Advice.Migrate> steps = new ArrayList<>();
        for (int wave = 0; wave < plan.waves().size(); wave++) {
            for (Relocation move : plan.waves().get(wave)) {
                steps.add(step(move, wave, migration));
            }
        }
        plan.left().forEach(left -> stays.put(left.vm(), left.reason()));
        List<Unresolved> unresolved = new ArrayList<>();
        stays.forEach((vm, why) ->
                unresolved.add(
                        new Unresolved(
                                problem.vmId(vm),
                                List.of(new Reason(Reason.Code.NO_LEGAL_MOVE, why, List.of())))));
        return new Result(steps, unresolved);
    }

    /// The host that is least full with the vm on it, or [FleetProblem#MISSING].
    private int hostFor(int vm) {
        int best = FleetProblem.MISSING;
        double least = Double.MAX_VALUE;
        for (int host = 0; host < problem.hostCount(); host++) {
            if (mayGo(vm, host)) {
                double fill = state.fill(host, vm);
                if (fill < least) {
                    least = fill;
                    best = host;
                }
            }
        }
        return best;
    }

    private boolean mayGo(int vm, int host) {
        if (drained.get(host)) {
            return false;
        }
        Rejection rejection = state.check(vm, host);
        return rejection == null || (rejection == Rejection.AFFINITY && othersFollow(vm, host));
    }

    /// Whether all that belong with the vm are on drained hosts too, or there already, so that the
    /// group is together again in the end; and there is room for this one.
    private boolean othersFollow(int vm, int host) {
        for (int group : state.affinityOf(vm)) {
            for (int member : problem.affinityMembers(group)) {
                int at = state.hostOf(member);
                if (at != host && !drained.get(at)) {
                    return false;
                }
            }
        }
        return state.checkAlone(vm, host) == null;
    }

    private String whyNot(int vm) {
        Map<Rejection, Integer> reasons = new EnumMap<>(Rejection.class);
        for (int host = 0; host < problem.hostCount(); host++) {
            @Nullable Rejection rejection =
                    drained.get(host) ? null : state.check(vm, host); // those are no choice
            if (rejection != null) {
                reasons.merge(rejection, 1, Integer::sum);
            }
        }
        var words = new StringBuilder();
        reasons.forEach((reason, hosts) ->
                words.append(words.isEmpty() ? "" : ", ")
                        .append(hosts)
                        .append(hosts == 1 ? " host: " : " hosts: ")
                        .append(reason.name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        return "vm %s stays on host %s: no host takes it%s"
                .formatted(
                        problem.vmId(vm),
                        problem.hostId(problem.hostOf(vm)),
                        words.isEmpty() ? ", for there is no other" : " (" + words + ")");
    }

    private Advice.Migrate step(Relocation move, int wave, MigrationModel migration) {
        int vm = move.vm();
        String from = problem.hostId(problem.hostOf(vm));
        var reasons = new ArrayList<Reason>();
        reasons.add(reason(Reason.Code.HOST_DRAINED, "host %s is being emptied", from));
        if (move.temporary()) {
            reasons.add(
                    reason(
                            Reason.Code.MAKES_ROOM,
                            "vm %s waits on host %s so that others can pass",
                            problem.vmId(vm),
                            problem.hostId(move.toHost())));
        }
        reasons.add(
                reason(
                        Reason.Code.DESTINATION_SAFE,
                        "host %s keeps within its safe load",
                        problem.hostId(move.toHost())));
        return new Advice.Migrate(
                vm,
                problem.vmId(vm),
                move.fromHost(),
                problem.hostId(move.fromHost()),
                move.toHost(),
                problem.hostId(move.toHost()),
                wave,
                new Grounds(
                        problem.horizon().riskLevel(),
                        reasons,
                        migration.cost(problem.memoryBytes(vm), problem.dirtyBytesPerSecond(vm)),
                        List.of()));
    }

    private static Reason reason(Reason.Code code, String format, Object... arguments) {
        return new Reason(code, format.formatted(arguments), List.of());
    }
}
