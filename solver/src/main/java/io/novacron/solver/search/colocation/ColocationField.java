package io.novacron.solver.search.colocation;

import io.novacron.solver.search.SearchRandom;
import java.util.Arrays;
import java.util.List;

/// What walks share: one plan, of which each has machines of its own between two meetings, dealt at
/// random. So two walks get twice as far as one. Touched while all walks wait only.
final class ColocationField {
    private static final int STRIDE = 4; // a quarter of the times does as long as it is hot
    private static final int BLOCK = 400; // machines of a walk: what a core's cache holds
    private static final double FINE_FROM = 0.8;

    private static final int NOBODY = -1;

    private final ColocationProblem problem;
    private final SearchRandom random;
    private final int[] machines; // those in use at the start
    private ColocationState state;
    private boolean isFine;
    private int[] best;
    private double bestCost;

    ColocationField(ColocationProblem problem, int[] start, long seed) {
        this.problem = problem;
        random = new SearchRandom(seed);
        state = new ColocationState(problem, STRIDE);
        state.goTo(start);
        machines = Arrays.stream(start).filter(machine -> machine >= 0).distinct().toArray();
        Arrays.stream(machines).forEach(state::open);
        best = start.clone();
        bestCost = ColocationRecount.cost(problem, start); // of all times, not of those seen now
    }

    ColocationState state() {
        return state;
    }

    /// Deals the machines anew.
    void deal(List<ColocationWalk> walks, double share) {
        if (!isFine && share >= FINE_FROM) {
            refine();
        }
        if (isFine) {
            keepBest();
        }
        for (int index = machines.length - 1; index > 0; index--) {
            int other = random.below(index + 1);
            int machine = machines[index];
            machines[index] = machines[other];
            machines[other] = machine;
        }
        var walkOf = new int[problem.machines];
        Arrays.fill(walkOf, NOBODY);
        int block = Math.min(BLOCK, machines.length / walks.size());
        for (int index = 0; index < block * walks.size(); index++) {
            walkOf[machines[index]] = index / block;
        }
        var counts = new int[walks.size()];
        for (int machine : state.at) {
            if (walkOf[machine] != NOBODY) {
                counts[walkOf[machine]]++;
            }
        }
        var instances = new int[walks.size()][];
        Arrays.setAll(instances, walk -> new int[counts[walk]]);
        for (int instance = problem.instances - 1; instance >= 0; instance--) {
            int walk = walkOf[state.at[instance]];
            if (walk != NOBODY) {
                instances[walk][--counts[walk]] = instance;
            }
        }
        for (int walk = 0; walk < walks.size(); walk++) {
            int[] own = Arrays.copyOfRange(machines, walk * block, (walk + 1) * block);
            walks.get(walk).take(state.share(), own, instances[walk]);
        }
    }

    private void refine() {
        var fine = new ColocationState(problem, 1);
        fine.goTo(state.at);
        Arrays.stream(machines).forEach(fine::open);
        state = fine;
        isFine = true;
    }

    private void keepBest() {
        double cost = state.cost();
        if (cost < bestCost) {
            bestCost = cost;
            best = state.at.clone();
        }
    }

    int[] best() {
        return best.clone();
    }

    double bestCost() {
        return bestCost;
    }
}
