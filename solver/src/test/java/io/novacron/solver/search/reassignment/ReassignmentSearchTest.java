package io.novacron.solver.search.reassignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.solver.search.SearchLimit;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ReassignmentSearchTest {
    private static final long MOVES = 400_000;

    @Property(tries = 40, seed = "20261121")
    void findsTheBestPlanOfSmallProblems(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 3, 6);
        var plan = search(made, SearchLimit.ofMoves(MOVES, seed, 2));
        assertThat(plan.cost()).isEqualTo(bestCost(made, made.initial.clone(), 0));
    }

    @Property(tries = 60, seed = "20261121")
    void keepsEveryRuleAndCountsRight(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 12, 60);
        var plan = search(made, SearchLimit.ofMoves(20_000, seed, 2));
        assertThat(ReassignmentRecount.faults(made.problem, made.initial, plan.machineOf()))
                .isEmpty();
        assertThat(ReassignmentRecount.cost(made.problem, made.initial, plan.machineOf()))
                .isEqualTo(plan.cost())
                .isLessThanOrEqualTo(plan.initialCost())
                .isGreaterThanOrEqualTo(plan.lowerBound());
    }

    @Property(tries = 10, seed = "20261121")
    void givesTheSamePlanForTheSameSeedAndMoves(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 12, 60);
        var limit = SearchLimit.ofMoves(100_000, seed, 2);
        var plan = search(made, limit);
        assertThat(search(made, limit)).usingRecursiveComparison().isEqualTo(plan);
    }

    @Test
    void staysWhereItIsWithoutAnyWork() {
        var made = RandomReassignments.of(3, 12, 60);
        var now = new AtomicLong();
        for (var limit :
                new SearchLimit[] {
                    SearchLimit.ofMoves(0, 1, 2), SearchLimit.ofTime(0, now::get, 1, 2)
                }) {
            var plan = search(made, limit);
            assertThat(plan.machineOf()).isEqualTo(made.initial);
            assertThat(plan.cost()).isEqualTo(plan.initialCost());
        }
    }

    @Test
    void givesALegalPlanWithinAMillisecondOfTheClock() {
        var made = RandomReassignments.of(5, 12, 60);
        var now = new AtomicLong();
        var plan =
                search(
                        made,
                        SearchLimit.ofTime(
                                1_000_000, () -> now.addAndGet(1_000), 1, 2)); // by reads of it
        assertThat(ReassignmentRecount.faults(made.problem, made.initial, plan.machineOf()))
                .isEmpty();
        assertThat(now.get()).isBetween(1_000_000L, 1_100_000L);
    }

    @Test
    void keepsToTheClockWithAWarmUpAsWell() {
        var made = RandomReassignments.of(5, 12, 60);
        var now = new AtomicLong();
        var plan =
                search(
                        made,
                        SearchLimit.ofTime(
                                2_000_000_000L, () -> now.addAndGet(100_000), 1, 2)); // by reads
        assertThat(ReassignmentRecount.faults(made.problem, made.initial, plan.machineOf()))
                .isEmpty();
        assertThat(ReassignmentRecount.cost(made.problem, made.initial, plan.machineOf()))
                .isEqualTo(plan.cost())
                .isLessThan(plan.initialCost());
        assertThat(now.get()).isBetween(2_000_000_000L, 2_020_000_000L);
    }

    @Test
    void refusesAStartThatBreaksARuleByName() {
        var made = RandomReassignments.of(11, 6, 30);
        var elsewhere = made.initial.clone();
        Arrays.fill(elsewhere, made.problem.machines);
        assertThatThrownBy(() ->
                        ReassignmentSearch.search(
                                made.problem, elsewhere, SearchLimit.ofMoves(1, 1, 1)))
                .hasMessageContaining("process 0 is on machine " + made.problem.machines)
                .hasMessageContaining("Maybe");
    }

    private static ReassignmentPlan search(RandomReassignments made, SearchLimit limit) {
        return ReassignmentSearch.search(made.problem, made.initial, limit);
    }

    /// The least cost over all assignments.
    private static long bestCost(RandomReassignments made, int[] plan, int process) {
        if (process == plan.length) {
            return ReassignmentRecount.faults(made.problem, made.initial, plan).isEmpty()
                    ? ReassignmentRecount.cost(made.problem, made.initial, plan)
                    : Long.MAX_VALUE;
        }
        long best = Long.MAX_VALUE;
        for (int machine = 0; machine < made.problem.machines; machine++) {
            plan[process] = machine;
            best = Math.min(best, bestCost(made, plan, process + 1));
        }
        return best;
    }
}
