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

    /// What the machine costs that a process leaves is not computed again for the next shift.
    @Property(tries = 200, seed = "20261121")
    void judgesShiftsOfAProcessToOneMachineAfterTheOther(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 5, 9);
        var problem = made.problem;
        var state = new ReassignmentState(problem, made.initial);
        var random = new SplittableRandom(seed);
        for (int move = 0; move < MOVES && problem.processes > 0; move++) {
            int process = random.nextInt(problem.processes);
            for (int to = 0; to < problem.machines; to++) {
                if (state.mayShift(process, to)) {
                    int[] plan = state.plan();
                    plan[process] = to;
                    assertThat(state.cost() + state.shiftDelta(process, to))
                            .isEqualTo(cost(made, plan));
                }
                if (random.nextInt(4) == 0) {
                    shiftSomewhere(state, random);
                }
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
    void findsTheFirstMachineThatAProcessMayGoTo(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 5, 9);
        var problem = made.problem;
        var state = new ReassignmentState(problem, made.initial);
        var random = new SplittableRandom(seed);
        if (random.nextBoolean()) {
            state.relax(new double[problem.resources]);
        }
        for (int move = 0; move < MOVES && problem.processes > 0; move++) {
            shiftSomewhere(state, random);
            int process = random.nextInt(problem.processes);
            int start = random.nextInt(problem.machines);
            int found = state.findShift(process, start);
            int last = found >= 0 ? found : start; // it gives up after a few
            if (found >= 0) {
                assertThat(state.mayShift(process, found)).isTrue();
            } else {
                assertThat(start != state.home(process) && state.mayShift(process, start))
                        .isFalse();
            }
            for (int machine = start; machine != last; machine = (machine + 1) % problem.machines) {
                assertThat(machine != state.home(process) && state.mayShift(process, machine))
                        .as("passed over machine %d", machine)
                        .isFalse();
            }
        }
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

    @Property(tries = 400, seed = "20261121")
    void judgesEveryMoveOfARelaxedStateAsARecountWithPricesDoes(@ForAll long seed) {
        var made = RandomReassignments.of(seed, 5, 9);
        var problem = made.problem;
        var roomy = withoutSteadyCapacity(problem);
        var state = new ReassignmentState(problem, made.initial);
        var random = new SplittableRandom(seed);
        double[] price = random.ints(problem.resources, 1, 50).asDoubleStream().toArray();
        state.relax(price);
        for (int move = 0; move < MOVES && problem.processes > 0; move++) {
            int process = random.nextInt(problem.processes);
            int other = random.nextInt(problem.processes);
            int to = random.nextInt(problem.machines);
            int kind = random.nextInt(3);
            int from = state.at(process);
            int place = state.at(other);
            int[] plan = state.plan();
            plan[process] = kind == 0 ? to : place;
            if (kind > 0) {
                plan[other] = kind == 1 ? from : to;
            }
            boolean isMove =
                    switch (kind) {
                        case 0 -> from != to;
                        case 1 -> from != place;
                        default -> from != place && from != to && place != to;
                    };
            boolean may =
                    switch (kind) {
                        case 0 -> state.mayShift(process, to);
                        case 1 -> state.maySwap(process, other);
                        default -> state.mayEject(process, other, to);
                    };
            assertThat(may)
                    .isEqualTo(
                            isMove
                                    && ReassignmentRecount.faults(roomy, made.initial, plan)
                                            .isEmpty());
            if (may) {
                long prices = overfillPrices(made, plan, price);
                boolean wasSound = overfillPrices(made, state.plan(), price) == 0;
                long delta =
                        switch (kind) {
                            case 0 -> state.shiftDelta(process, to);
                            case 1 -> state.swapDelta(process, other);
                            default -> state.ejectDelta(process, other, to);
                        };
                assertThat(state.cost() + delta).isEqualTo(cost(made, plan) + prices);
                assertThat(state.isJudgedSound() || !wasSound).isEqualTo(prices == 0 || !wasSound);
                switch (kind) {
                    case 0 -> state.shift(process, to, delta);
                    case 1 -> state.swap(process, other, delta);
                    default -> state.eject(process, other, to, delta);
                }
                assertThat(state.plan()).isEqualTo(plan);
                assertThat(state.isSound()).isEqualTo(prices == 0).isEqualTo(isSound(made, plan));
            }
        }
        state.relax(new double[problem.resources]);
        state.goTo(made.initial);
        state.harden();
        assertThat(state.cost()).isEqualTo(cost(made, made.initial));
    }

    private static ReassignmentProblem withoutSteadyCapacity(ReassignmentProblem problem) {
        int[] capacity = problem.capacity.clone();
        for (int index = 0; index < capacity.length; index++) {
            if (!problem.isTransient[index % problem.resources]) {
                capacity[index] = Integer.MAX_VALUE - 1;
            }
        }
        return new ReassignmentProblem.Builder()
                .resources(problem.isTransient, problem.loadWeight)
                .machines(
                        problem.neighbourhood,
                        problem.location,
                        capacity,
                        problem.safety,
                        problem.machineMoveCost)
                .services(problem.spreadMin, problem.dependsOn)
                .processes(problem.service, problem.need, problem.moveCost)
                .build();
    }

    private static long overfillPrices(RandomReassignments made, int[] plan, double[] price) {
        var problem = made.problem;
        long sum = 0;
        for (int machine = 0; machine < problem.machines; machine++) {
            for (int resource = 0; resource < problem.resources; resource++) {
                long over = -problem.capacity[machine * problem.resources + resource];
                for (int process = 0; process < plan.length; process++) {
                    if (plan[process] == machine) {
                        over += problem.need[process * problem.resources + resource];
                    }
                }
                sum += (long) price[resource] * Math.max(0, over);
            }
        }
        return sum;
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
