package io.novacron.solver.plan;

import io.novacron.solver.Advice;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.FleetScore;
import io.novacron.solver.Grounds;
import io.novacron.solver.Plan;
import io.novacron.solver.Reason;
import io.novacron.solver.Rebalancer;
import io.novacron.solver.Unresolved;
import io.novacron.solver.WorkLimit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Puts the moves of another rebalancer's plan into waves, under limits of moves at a time. Its
/// order does not matter: where it moves a vm twice, only the last host counts. Other steps come
/// first.
///
/// Thread-safe if the other one is.
public final class InWaves implements Rebalancer {
    private final Rebalancer rebalancer;
    private final WaveLimits limits;

    public InWaves(Rebalancer rebalancer, WaveLimits limits) {
        this.rebalancer = rebalancer;
        this.limits = limits;
    }

    @Override
    public Plan rebalance(FleetProblem problem, WorkLimit limit) {
        Plan plan = rebalancer.rebalance(problem, limit);
        var target = new int[problem.vmCount()];
        for (int vm = 0; vm < target.length; vm++) {
            target[vm] = problem.hostOf(vm);
        }
        List<Advice> steps = new ArrayList<>();
        Map<Integer, Advice.Migrate> moves = new HashMap<>(); // never iterated
        for (Advice step : plan.steps()) {
            if (step instanceof Advice.Migrate move) {
                target[move.vm()] = move.toHost();
                moves.put(move.vm(), move);
            } else {
                steps.add(step);
            }
        }
        if (moves.isEmpty()) {
            return plan;
        }
        WavePlan ordered = WavePlanner.plan(problem, target, limits);
        for (int wave = 0; wave < ordered.waves().size(); wave++) {
            for (Relocation move : ordered.waves().get(wave)) {
                Advice.Migrate asked = moves.get(move.vm());
                if (asked == null) {
                    throw new IllegalStateException(
                            "vm %s moves though nobody asked".formatted(problem.vmId(move.vm())));
                }
                steps.add(advice(problem, asked, move, wave));
            }
        }
        List<Unresolved> unresolved = new ArrayList<>(plan.unresolved());
        for (WavePlan.Left left : ordered.left()) {
            var reason = new Reason(Reason.Code.NO_ORDER, left.reason(), List.of());
            unresolved.add(new Unresolved(problem.vmId(left.vm()), List.of(reason)));
        }
        FleetScore after =
                ordered.isComplete()
                        ? plan.after()
                        : FleetScore.recount(
                                problem,
                                WaveCheck.hostsAfter(problem, ordered, ordered.waves().size()));
        return new Plan(
                steps, unresolved, plan.before(), after, plan.movesEvaluated(), plan.ending());
    }

    private static Advice.Migrate advice(
            FleetProblem problem, Advice.Migrate asked, Relocation move, int wave) {
        Grounds grounds = asked.grounds();
        if (move.temporary()) {
            List<Reason> reasons = new ArrayList<>();
            reasons.add(
                    new Reason(
                            Reason.Code.MAKES_ROOM,
                            "vm %s waits on host %s so that others can pass"
                                    .formatted(asked.vmId(), problem.hostId(move.toHost())),
                            List.of()));
            reasons.addAll(grounds.reasons());
            grounds = new Grounds(grounds.confidence(), reasons, grounds.cost(), List.of());
        }
        return new Advice.Migrate(
                asked.vm(),
                asked.vmId(),
                move.fromHost(),
                problem.hostId(move.fromHost()),
                move.toHost(),
                problem.hostId(move.toHost()),
                wave,
                grounds);
    }
}
