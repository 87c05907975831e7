package io.novacron.solver.search.reassignment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Each move's rules and cost are held against a full recount of the plan that it leads to.
class ReassignmentStateTest {
    private static final int MOVES = 60;

    @Property(tries = 400, seed = "20261121")
    void judgesEveryShiftAsARecountDoes(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 5, 9);
        var problem = made.problem;
        var state = new ReassignmentState(problem, made.initial);
        var random = new SplittableRandom(seed);
        for (int move = 0; move < MOVES && problem.processes > 0; move++) {
            int process = random.nextInt(problem.processes);
            int to = random.nextInt(problem.machines);
            int[] plan = state.plan();
            plan[process] = to;
            boolean may = state.mayShift(process, to);
            assertThat(may).isEqualTo(to != state.at(process) && isSound(made, plan));
            if (may) {
                long delta = state.shiftDelta(process, to);
                assertThat(state.cost() + delta).isEqualTo(cost(made, plan));
                state.shift(process, to, delta);
                assertThat(state.plan()).isEqualTo(plan);
                assertThat(state.cost()).isEqualTo(cost(made, plan));
            }
        }
    }

    @Property(tries = 400, seed = "20261121")
    void judgesEverySwapAsARecountDoes(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 4, 9);
        var problem = made.problem;
        var state = new ReassignmentState(problem, made.initial);
        var random = new SplittableRandom(seed);
        for (int move = 0; move < MOVES && problem.processes > 0; move++) {
            shiftSomewhere(state, random);
            int first = random.nextInt(problem.processes);
            int second = random.nextInt(problem.processes);
            int[] plan = state.plan();
            plan[first] = state.at(second);
            plan[second] = state.at(first);
            boolean may = state.maySwap(first, second);
            assertThat(may).isEqualTo(state.at(first) != state.at(second) && isSound(made, plan));
            if (may) {
                long delta = state.swapDelta(first, second);
                assertThat(state.cost() + delta).isEqualTo(cost(made, plan));
                state.swap(first, second, delta);
                assertThat(state.plan()).isEqualTo(plan);
            }
        }
        assertThat(state.cost()).isEqualTo(cost(made, state.plan()));
    }

    @Property(tries = 400, seed = "20261121")
    void judgesEveryEjectionAsARecountDoes(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 5, 9);
        var problem = made.problem;
        var state = new ReassignmentState(problem, made.initial);
        var random = new SplittableRandom(seed);
        for (int move = 0; move < MOVES && problem.processes > 0; move++) {
            shiftSomewhere(state, random);
            int process = random.nextInt(problem.processes);
            int ejected = random.nextInt(problem.processes);
            int to = random.nextInt(problem.machines);
            int place = state.at(ejected);
            int[] plan = state.plan();
            plan[process] = place;
            plan[ejected] = to;
            boolean areThree = state.at(process) != place && state.at(process) != to && place != to;
            boolean may = state.mayEject(process, ejected, to);
            assertThat(may).isEqualTo(areThree && isSound(made, plan));
            if (may) {
                long delta = state.ejectDelta(process, ejected, to);
                assertThat(state.cost() + delta).isEqualTo(cost(made, plan));
                state.eject(process, ejected, to, delta);
                assertThat(state.plan()).isEqualTo(plan);
            }
        }
        assertThat(state.cost()).isEqualTo(cost(made, state.plan()));
    }

    @Property(tries = 200, seed = "20261121")
    void goesToAnotherPlanAsIfItHadMovedThere(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 5, 9);
        var random = new SplittableRandom(seed);
        var there = new ReassignmentState(made.problem, made.initial);
        var here = new ReassignmentState(made.problem, made.initial);
        for (int move = 0; move < MOVES && made.problem.processes > 0; move++) {
            shiftSomewhere(there, random);
            shiftSomewhere(here, random);
        }
        here.goTo(there.plan());
        assertThat(here.plan()).isEqualTo(there.plan());
        assertThat(here.cost()).isEqualTo(cost(made, there.plan()));
        for (int move = 0; move < MOVES && made.problem.processes > 0; move++) {
            int process = random.nextInt(made.problem.processes);
            int to = random.nextInt(made.problem.machines);
            assertThat(here.mayShift(process, to)).isEqualTo(there.mayShift(process, to));
        }
    }

    private static void shiftSomewhere(ReassignmentState state, SplittableRandom random) {
        int process = random.nextInt(state.problem.processes);
        int to = random.nextInt(state.problem.machines);
        if (state.mayShift(process, to)) {
            state.shift(process, to, state.shiftDelta(process, to));
        }
    }

    private static boolean isSound(RandomReassignments made, int[] plan) {
        return ReassignmentRecount.faults(made.problem, made.initial, plan).isEmpty();
    }

    private static long cost(RandomReassignments made, int[] plan) {
        return ReassignmentRecount.cost(made.problem, made.initial, plan);
    }
}
