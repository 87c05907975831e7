package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PlanFrontTest {
    private static final WorkLimit WORK = WorkLimit.ofMoves(20_000, 1);

    @Property(tries = 60, seed = "20261121")
    void noChoiceIsAsGoodAsAnotherInBothAndAllAreSound(@ForAll long seed) {
        FleetProblem problem = RandomFleets.fleet(seed, 8, 40);
        PlanFront front = PlanFront.of(problem, ReliefPolicy.DEFAULT, WORK);
        Plan most = new HotHostRelief(ReliefPolicy.DEFAULT).rebalance(problem, WORK);

        List<PlanFront.Choice> choices = front.choices();
        assertThat(choices.getFirst().plan().steps()).as("nothing moves").isEmpty();
        assertThat(choices.getLast().overload()).isLessThanOrEqualTo(most.after().overload());
        for (int index = 0; index < choices.size(); index++) {
            PlanFront.Choice choice = choices.get(index);
            assertThat(PlanChecker.check(problem, choice.plan().steps())).isEmpty();
            var hostOf = problem.hostOf.clone();
            for (Advice step : choice.plan().steps()) {
                hostOf[step.vm()] = ((Advice.Migrate) step).toHost();
            }
            assertThat(FleetScore.recount(problem, hostOf).overload())
                    .isCloseTo(choice.overload(), within(1e-9));
            if (index > 0) {
                PlanFront.Choice cheaper = choices.get(index - 1);
                assertThat(choice.migrationSeconds()).isGreaterThan(cheaper.migrationSeconds());
                assertThat(choice.overload()).isLessThan(cheaper.overload());
            }
        }
        assertThat(PlanFront.of(problem, ReliefPolicy.DEFAULT, WORK)).isEqualTo(front);
        assertThat(front.best(0)).isEqualTo(choices.getFirst());
        assertThat(front.best(1e12)).isEqualTo(choices.getLast());
    }

    @Test
    void offersAPlanForEachHotHost() {
        var builder =
                FleetProblem.builder(
                        Horizon.ofQuantiles(6, 0.9, 0.9), Resource.CPU, Resource.MEMORY);
        for (int host = 0; host < 6; host++) {
            builder.host("h" + host).capacity(Resource.CPU, 10).capacity(Resource.MEMORY, 1e12);
        }
        for (int vm = 0; vm < 6; vm++) {
            long memory = (1L + vm) << 30;
            builder.vm("v" + vm)
                    .on("h" + vm % 3)
                    .vcpus(5, 5)
                    .memoryBytes(memory, memory)
                    .demand(Resource.CPU, 5);
        }
        PlanFront front = PlanFront.of(builder.build(), ReliefPolicy.DEFAULT, WORK);
        assertThat(front.choices().stream().map(choice -> choice.plan().steps().size()))
                .containsExactly(0, 1, 2, 3);
        assertThat(front.choices().getLast().overload()).isZero();
        double one = front.choices().get(1).migrationSeconds();
        assertThat(front.best(2 * one / 0.2)).isNotEqualTo(front.choices().getFirst());
    }
}
