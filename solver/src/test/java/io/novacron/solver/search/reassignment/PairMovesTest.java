package io.novacron.solver.search.reassignment;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.solver.search.SearchRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PairMovesTest {
    private static final int MOVES = 60;

    private static ReassignmentState relaxed(ReassignmentProblem problem, int[] initial) {
        var state = new ReassignmentState(problem, initial);
        state.relax(new OverfillPrices(problem).highest());
        return state;
    }

    @Property(tries = 300, seed = "20261122")
    void aMoveIsTakenAsAWholeOrNotAtAll(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 6, 25);
        ReassignmentProblem problem = made.problem;
        ReassignmentState state = relaxed(problem, made.initial);
        var random = new SearchRandom(seed);
        var moves = new PairMoves(state, random);
        for (int move = 0; move < MOVES && problem.processes > 0; move++) {
            int[] before = state.plan();
            long costBefore = state.cost();
            int process = random.below(problem.processes);
            boolean isTaken = moves.tryMove(process, random.below(problem.machines), 1);
            int[] plan = state.plan();
            assertThat(state.cost())
                    .isEqualTo(ReassignmentRecount.cost(problem, made.initial, plan));
            if (isTaken) {
                assertThat(state.cost()).as("nothing is known of heat yet").isLessThan(costBefore);
                assertThat(ReassignmentRecount.faults(problem, made.initial, plan)).isEmpty();
                assertThat(changed(moves, plan.length)).containsAll(differing(before, plan));
            } else {
                assertThat(plan).isEqualTo(before);
                assertThat(state.cost()).isEqualTo(costBefore);
            }
        }
    }

    private static List<Integer> changed(PairMoves moves, int processes) {
        var changed = new boolean[processes];
        for (int step = 0; step < moves.steps(); step++) {
            changed[moves.process(step)] = true;
            if (moves.other(step) >= 0) {
                changed[moves.other(step)] = true;
            }
        }
        return IntStream.range(0, processes).filter(process -> changed[process]).boxed().toList();
    }

    private static List<Integer> differing(int[] before, int[] after) {
        return IntStream.range(0, before.length)
                .filter(process -> before[process] != after[process])
                .boxed()
                .toList();
    }

    /// 11 + 12 + 3 and 15 + 6 + 7, of which no shift and no swap makes 27 and 27.
    @Test
    void findsWhatNoShiftAndNoSwapLeadsTo() {
        int[] sizes = {11, 12, 15, 6, 3, 7};
        int[] initial = {1, 1, 0, 0, 1, 0};
        ReassignmentProblem problem = twoMachines(sizes, 27);
        ReassignmentState state = relaxed(problem, initial);
        assertThat(state.cost()).isEqualTo(1);
        for (int first = 0; first < sizes.length; first++) {
            assertThat(state.shiftDelta(first, 1 - initial[first])).isPositive();
            for (int second = 0; second < sizes.length; second++) {
                if (state.maySwap(first, second)) {
                    assertThat(state.swapDelta(first, second)).isNotNegative();
                }
            }
        }
        var random = new SearchRandom(1);
        var moves = new PairMoves(state, random);
        for (int move = 0; move < 100; move++) {
            int process = random.below(sizes.length);
            moves.tryMove(process, 1 - state.at(process), 0);
        }
        assertThat(state.cost()).isZero();
        assertThat(moves.evaluations()).isPositive().isLessThan(moves.tries());
    }

    @Test
    void itIsWarmAtFirstAndColdAtTheEnd() {
        RandomReassignments made = large();
        ReassignmentState state = relaxed(made.problem, made.initial);
        var random = new SearchRandom(2);
        var moves = new PairMoves(state, random);
        int worse = 0;
        for (int move = 0; move < 8_000; move++) {
            long before = state.cost();
            moves.tryMove(
                    random.below(made.problem.processes),
                    random.below(made.problem.machines),
                    move < 5_000 ? 1 : 0);
            if (state.cost() > before) {
                assertThat(move).as("after what the first moves taught").isBetween(2_000, 4_999);
                worse++;
            }
        }
        assertThat(worse).isPositive();
    }

    private static RandomReassignments large() {
        for (long seed = 1; ; seed++) {
            var made = RandomReassignments.of(seed, 12, 60);
            if (made.problem.processes > 40 && made.problem.machines > 6) {
                return made;
            }
        }
    }

    /// One resource, no rule but capacity, which is never reached; what is above the safety
    /// capacity costs 1 a unit.
    private static ReassignmentProblem twoMachines(int[] sizes, int safety) {
        int[] service = new int[sizes.length];
        Arrays.setAll(service, process -> process);
        return new ReassignmentProblem.Builder()
                .resources(new boolean[1], new int[] {1})
                .machines(
                        new int[2],
                        new int[2],
                        new int[] {10_000, 10_000},
                        new int[] {safety, safety},
                        new int[4])
                .services(new int[sizes.length], new int[sizes.length][0])
                .processes(service, sizes, new int[sizes.length])
                .balances(new int[0], new int[0], new int[0], new int[0])
                .moveWeights(0, 0, 0)
                .build();
    }
}
