package io.novacron.solver.search.colocation;

import io.novacron.solver.search.SearchLimit;
import io.novacron.solver.search.SearchRandom;
import io.novacron.solver.search.SearchTeam;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Places all instances greedily, whatever the initial deployment broke, and anneals from there.
/// The initial deployment is not kept: moving is free in this problem.
public final class ColocationSearch {
    private static final long MEETING_NS = 250_000_000;
    private static final long MEETING_MOVES = 1_000_000;
    private static final int LEAST_MEETINGS = 4;
    private static final int MEETING_LIMIT = 10_000;
    private static final double INFLATION = 1.01; // of demand: no plan is as even as the bound's
    private static final int CANDIDATES = 40;
    private static final long THREAD_SEED_STEP = 1_000_003;

    private ColocationSearch() {}

    public static ColocationPlan search(ColocationProblem problem, SearchLimit limit) {
        int[] wanted = new MachineCount(problem, INFLATION).machines();
        double bound = new MachineCount(problem, 1).bound();
        int[] start = place(problem, wanted, limit);
        boolean isWhole = ColocationRecount.placed(start) == problem.instances;
        if (!isWhole || problem.instances == 0 || limit.isOver()) {
            return new ColocationPlan(start, bound, 0);
        }
        var field = new ColocationField(problem, start, limit.seed());
        List<ColocationWalk> walks = new ArrayList<>();
        for (int thread = 0; thread < limit.threads(); thread++) {
            walks.add(new ColocationWalk(field, limit.seed() + (thread + 1) * THREAD_SEED_STEP));
        }
        field.deal(walks, 0);
        new SearchTeam<>(walks, limit, meetings(limit)).run();
        long evaluations = walks.stream().mapToLong(ColocationWalk::evaluations).sum();
        return new ColocationPlan(field.best(), bound, evaluations);
    }

    /// How often walks meet: the more, the sooner any instance can get to any machine.
    private static int meetings(SearchLimit limit) {
        long meetings =
                limit.timeNs() < 0
                        ? limit.moves() / MEETING_MOVES
                        : Math.min(limit.timeNs() / MEETING_NS, limit.moves() / MEETING_MOVES);
        return Math.clamp(meetings, LEAST_MEETINGS, MEETING_LIMIT);
    }

    /// The largest first, each on the best of some of the wanted machines drawn at random, or on
    /// the first machine of all that can take it when none of those can.
    private static int[] place(ColocationProblem problem, int[] wanted, SearchLimit limit) {
        var state = new ColocationState(problem, 1);
        Arrays.stream(wanted).forEach(state::open);
        var random = new SearchRandom(limit.seed());
        for (int instance : bySize(problem)) {
            int best = ColocationState.NOWHERE;
            double bestDelta = Double.POSITIVE_INFINITY;
            int candidates = limit.isOver() ? 1 : CANDIDATES;
            for (int count = 0; count < candidates; count++) {
                int machine = wanted[random.below(wanted.length)];
                if (state.mayCome(instance, ColocationState.NOWHERE, machine)) {
                    double delta = state.comingDelta(instance, machine);
                    if (delta < bestDelta) {
                        best = machine;
                        bestDelta = delta;
                    }
                }
            }
            for (int index = 0; index < wanted.length && best < 0; index++) {
                if (state.mayCome(instance, ColocationState.NOWHERE, wanted[index])) {
                    best = wanted[index];
                }
            }
            for (int machine = 0; machine < problem.machines && best < 0; machine++) {
                if (state.mayCome(instance, ColocationState.NOWHERE, machine)) {
                    best = machine;
                }
            }
            if (best >= 0) {
                state.comingDelta(instance, best);
                state.shift(instance, best);
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
