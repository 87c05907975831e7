package io.novacron.solver.search.colocation;

import io.novacron.solver.search.Cooling;
import io.novacron.solver.search.SearchRandom;
import io.novacron.solver.search.Walk;
import java.util.List;

/// Simulated annealing by shifts and swaps of instances.
final class ColocationWalk implements Walk<ColocationWalk> {
    private static final int GROUPS_PER_STEP = 32;
    private static final int STRIDE = 4; // a quarter of the times does as long as it is hot
    private static final double FINE_FROM = 0.8;
    private static final double HOTTEST = 0.05; // a machine costs about 1
    private static final double COLDEST = 0.0005;
    private static final int SHIFTS = 3;
    private static final int SWAPS = 3;

    private final ColocationProblem problem;
    private ColocationState state;
    private final SearchRandom random;
    private final Cooling cooling = Cooling.even(HOTTEST, COLDEST);
    private boolean isFine;
    private double temperature;
    private int[] best;
    private double bestCost;
    private long evaluations;

    ColocationWalk(ColocationProblem problem, int[] start, long seed) {
        this.problem = problem;
        state = new ColocationState(problem, STRIDE);
        state.goTo(start);
        random = new SearchRandom(seed);
        best = start.clone();
        bestCost = ColocationRecount.cost(problem, start); // of all times, not of those seen now
    }

    @Override
    public long step(double share) {
        if (!isFine && share >= FINE_FROM) {
            refine();
        }
        temperature = cooling.temperature(share);
        for (int group = 0; group < GROUPS_PER_STEP; group++) {
            int instance = random.below(problem.instances);
            for (int count = 0; count < SHIFTS; count++) {
                tryShift(instance, random.below(problem.machines));
            }
            for (int count = 0; count < SWAPS; count++) {
                trySwap(instance, random.below(problem.instances));
            }
        }
        return GROUPS_PER_STEP * (SHIFTS + SWAPS);
    }

    private void refine() {
        var fine = new ColocationState(problem, 1);
        fine.goTo(state.at);
        state = fine;
        isFine = true;
    }

    private void tryShift(int instance, int to) {
        if (state.at[instance] != to && state.mayCome(instance, -1, to)) {
            evaluations++;
            double delta = state.shiftDelta(instance, to);
            if (delta < temperature * random.exponential()) {
                state.shift(instance, to, delta);
            }
        }
    }

    private void trySwap(int first, int second) {
        int firstAt = state.at[first];
        int secondAt = state.at[second];
        if (firstAt != secondAt
                && problem.app[first] != problem.app[second]
                && state.mayCome(first, second, secondAt)
                && state.mayCome(second, first, firstAt)) {
            evaluations++;
            double delta = state.swapDelta(first, second);
            if (delta < temperature * random.exponential()) {
                state.swap(first, second, delta);
            }
        }
    }

    private void keepBest() {
        if (state.cost() < bestCost) {
            bestCost = state.cost();
            best = state.at.clone();
        }
    }

    @Override
    public void meet(List<ColocationWalk> team, double share) {
        ColocationWalk leader = this;
        for (ColocationWalk walk : team) {
            if (share >= FINE_FROM) {
                if (!walk.isFine) {
                    walk.refine();
                }
                walk.keepBest();
            }
            if (walk.state.cost() < leader.state.cost()) {
                leader = walk;
            }
        }
        for (ColocationWalk walk : team) {
            if (walk != leader) {
                walk.state.goTo(leader.state.at);
            }
        }
    }

    int[] best() {
        return best.clone();
    }

    double bestCost() {
        return bestCost;
    }

    long evaluations() {
        return evaluations;
    }
}
