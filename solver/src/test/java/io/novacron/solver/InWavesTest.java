package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.solver.plan.InWaves;
import io.novacron.solver.plan.WaveLimits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class InWavesTest {
    private static final WaveLimits ONE = new WaveLimits(1, 4);
    private static final WorkLimit WORK = WorkLimit.ofMoves(100_000, 1);

    private final Rebalancer relief = new HotHostRelief(ReliefPolicy.DEFAULT);

    @Property(tries = 300, seed = "20261121")
    void reliefInWavesIsTheSameReliefUnderLimits(@ForAll long seed) {
        FleetProblem problem = RandomFleets.fleet(seed, 8, 40);
        Plan atOnce = relief.rebalance(problem, WORK);
        Plan inWaves = new InWaves(relief, ONE).rebalance(problem, WORK);

        assertThat(PlanChecker.check(problem, inWaves.steps())).isEmpty();
        assertThat(inWaves.steps().stream().map(InWavesTest::way))
                .containsExactlyInAnyOrderElementsOf(
                        atOnce.steps().stream().map(InWavesTest::way).toList());
        assertThat(inWaves.after()).isEqualTo(atOnce.after());
        assertThat(inWaves.unresolved()).isEqualTo(atOnce.unresolved());
        Map<List<Integer>, Integer> atATime = new HashMap<>(); // by wave and host
        for (Advice step : inWaves.steps()) {
            var move = (Advice.Migrate) step;
            atATime.merge(List.of(move.wave(), move.fromHost()), 1, Integer::sum);
            atATime.merge(List.of(move.wave(), move.toHost()), 1, Integer::sum);
        }
        assertThat(atATime.values()).allSatisfy(count -> assertThat(count).isEqualTo(1));
    }

    @Test
    void twoVmsThatChangePlacesTakeADetourAndSaySo() {
        FleetProblem problem = fullHosts(3);
        Plan plan = new InWaves(swap(problem), ONE).rebalance(problem, WORK);
        assertThat(plan.steps()).hasSize(3);
        assertThat(PlanChecker.check(problem, plan.steps())).isEmpty();
        assertThat(plan.steps().getFirst().grounds().reasons().getFirst())
                .isEqualTo(
                        new Reason(
                                Reason.Code.MAKES_ROOM,
                                "vm v0 waits on host h2 so that others can pass",
                                List.of()));
        assertThat(plan.unresolved()).isEmpty();
    }

    @Test
    void whatHasNoOrderIsLeftAndNamed() {
        FleetProblem problem = fullHosts(2);
        Plan plan = new InWaves(swap(problem), ONE).rebalance(problem, WORK);
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.unresolved().stream().map(Unresolved::entityId))
                .containsExactly("v0", "v1");
        assertThat(plan.unresolved().getFirst().reasons().getFirst().code())
                .isEqualTo(Reason.Code.NO_ORDER);
        assertThat(plan.after()).isEqualTo(plan.before());
    }

    private static String way(Advice step) {
        var move = (Advice.Migrate) step;
        return move.vmId() + " " + move.fromHostId() + " " + move.toHostId();
    }

    private static FleetProblem fullHosts(int hosts) {
        var builder = FleetProblem.builder(Horizon.ofQuantiles(6, 0.9, 0.9), Resource.MEMORY);
        for (int host = 0; host < hosts; host++) {
            builder.host("h" + host).capacity(Resource.MEMORY, 10).safetyLevel(Resource.MEMORY, 1);
        }
        for (int vm = 0; vm < 2; vm++) {
            builder.vm("v" + vm).on("h" + vm).vcpus(1, 1).memoryBytes(8, 8);
        }
        return builder.build();
    }

    /// Advises that the first two vms change places.
    private static Rebalancer swap(FleetProblem problem) {
        var grounds =
                new Grounds(
                        1,
                        List.of(new Reason(Reason.Code.SHAPE, "for a test", List.of())),
                        List.of(),
                        List.of());
        List<Advice> steps = new ArrayList<>();
        for (int vm = 0; vm < 2; vm++) {
            int to = 1 - vm;
            steps.add(new Advice.Migrate(vm, "v" + vm, vm, "h" + vm, to, "h" + to, 0, grounds));
        }
        var score = FleetScore.recount(problem, new int[] {0, 1});
        return (_, _) -> new Plan(steps, List.of(), score, score, 0, Plan.Ending.COMPLETE);
    }
}
