package io.novacron.solver.search.colocation;

import io.novacron.solver.search.SearchLimit;
import io.novacron.solver.search.SearchRandom;
import io.novacron.solver.search.SearchTeam;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Places all instances greedily, whatever the initial deployment broke, and anneals from there.
/// The initial deployment is not kept: moving is free in this problem.
public final class ColocationSearch {
    private static final int MEETINGS = 60;
    private static final int CANDIDATES = 40;
    private static final long THREAD_SEED_STEP = 1_000_003;

    private ColocationSearch() {}

    public static ColocationPlan search(ColocationProblem problem, SearchLimit limit) {
        int[] start = place(problem, limit);
        boolean isWhole = ColocationRecount.placed(start) == problem.instances;
        if (!isWhole || problem.instances == 0 || limit.isOver()) {
            return new ColocationPlan(start, 0);
        }
        List<ColocationWalk> walks = new ArrayList<>();
        for (int thread = 0; thread < limit.threads(); thread++) {
            long seed = limit.seed() + thread * THREAD_SEED_STEP;
            walks.add(new ColocationWalk(problem, start, seed));
        }
        new SearchTeam<>(walks, limit, MEETINGS).run();
        ColocationWalk best = walks.getFirst();
        long evaluations = 0;
        for (ColocationWalk walk : walks) {
            if (walk.bestCost() < best.bestCost()) {
                best = walk;
            }
            evaluations += walk.evaluations();
        }
        return new ColocationPlan(best.best(), evaluations);
    }

    /// The largest first, each on the best of some machines drawn at random, or on the first that
    /// can take it when none of those can.
    private static int[] place(ColocationProblem problem, SearchLimit limit) {
        var state = new ColocationState(problem, 1);
        var random = new SearchRandom(limit.seed());
        for (int instance : bySize(problem)) {
            int best = ColocationState.NOWHERE;
            double bestDelta = Double.POSITIVE_INFINITY;
            int candidates = limit.isOver() ? 1 : CANDIDATES;
            for (int count = 0; count < candidates; count++) {
                int machine = random.below(problem.machines);
                if (state.mayCome(instance, ColocationState.NOWHERE, machine)) {
                    double delta = state.shiftDelta(instance, machine);
                    if (delta < bestDelta) {
                        best = machine;
                        bestDelta = delta;
                    }
                }
            }
            for (int machine = 0; machine < problem.machines && best < 0; machine++) {
                if (state.mayCome(instance, ColocationState.NOWHERE, machine)) {
                    best = machine;
                }
            }
            if (best >= 0) {
                state.shift(instance, best, state.shiftDelta(instance, best));
            }
        }
        return state.at.clone();
    }

    private static int[] bySize(ColocationProblem problem) {
        var size = new double[problem.apps];
        for (int app = 0; app < problem.apps; app++) {
            for (int time = 0; time < problem.times; time++) {
                size[app] =
                        Math.max(
                                size[app],
                                problem.cpu[app * problem.times + time]
                                        + problem.memory[app * problem.times + time] / 3.0);
            }
        }
        return IntStream.range(0, problem.instances)
                .boxed()
                .sorted(Comparator.comparingDouble(instance -> -size[problem.app[instance]]))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
