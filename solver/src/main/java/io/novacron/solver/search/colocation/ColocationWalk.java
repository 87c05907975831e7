package io.novacron.solver.search.colocation;

import io.novacron.solver.search.Cooling;
import io.novacron.solver.search.SearchRandom;
import io.novacron.solver.search.Walk;
import java.util.List;

/// Simulated annealing by shifts and swaps of instances.
final class ColocationWalk implements Walk<ColocationWalk> {
    private static final int GROUPS_PER_STEP = 32;
    private static final int SHIFTS = Integer.getInteger("tshift", 3);
    private static final int SWAPS = Integer.getInteger("tswap", 3);

    private final ColocationProblem problem;
    private final ColocationState state;
    private final SearchRandom random;
    private final Cooling cooling = Cooling.even(Double.parseDouble(System.getProperty("thot", "0.05")), Double.parseDouble(System.getProperty("tcold", "0.0005")));
    private double temperature;
    private int[] best;
    private double bestCost;
    private long evaluations;

    ColocationWalk(ColocationProblem problem, int[] start, long seed) {
        this.problem = problem;
        state = new ColocationState(problem);
        state.goTo(start);
        random = new SearchRandom(seed);
        best = start.clone();
        bestCost = state.cost();
    }

    int lastTrace;

    @Override
    public long step(double share) {
        temperature = cooling.temperature(share);
        if (Boolean.getBoolean("trace") && (int) (share * 20) != lastTrace) {
            lastTrace = (int) (share * 20);
            System.out.printf("  %.2f T %.3g cost %.2f evals %.2fM%n", share, temperature, state.cost(), evaluations / 1e6);
        }
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
            walk.keepBest();
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
