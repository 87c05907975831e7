package io.novacron.solver.search.reassignment;

import io.novacron.solver.search.SearchLimit;
import io.novacron.solver.search.SearchTeam;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Finds cheap plans for machine reassignment by simulated annealing on one or more threads.
///
/// A search by the clock walks twice: for a moment to have its code compiled, and then for all that
/// is left. A walk measures in its first tenths at which temperatures plans take shape, and which
/// way to go is best; in code that is still interpreted it would measure that wrongly.
public final class ReassignmentSearch {
    private static final int MEETINGS = 50;
    private static final long SETUP_NS_PER_CELL = 100; // a walk's tables, on a busy machine
    private static final int WARM_UP_PART = 10; // of the limit at most
    private static final long MOST_WARM_UP_NS = 4_000_000_000L;
    private static final long WARM_UP_NS_PER_CELL = 10_000; // below it there is no time for two
    private static final long THREAD_SEED_STEP = 1_000_003;

    private ReassignmentSearch() {}

    /// @param initial machine of each process; it must keep every rule, for a process that is in
    ///   the way of a transient resource cannot be taken away
    /// @throws IllegalArgumentException naming the rules that `initial` breaks
    public static ReassignmentPlan search(
            ReassignmentProblem problem, int[] initial, SearchLimit limit) {
        List<String> faults = ReassignmentRecount.faults(problem, initial, initial);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(
                    "the initial assignment breaks %d rule(s), the first: %s. Maybe it belongs to another model?"
                            .formatted(faults.size(), faults.getFirst()));
        }
        long initialCost = ReassignmentRecount.cost(problem, initial, initial);
        long bound = ReassignmentRecount.lowerBound(problem);
        long cells = (long) problem.processes * (problem.resources + 1);
        if (problem.processes == 0
                || limit.isOver()
                || limit.endsWithin(cells * SETUP_NS_PER_CELL)) {
            return new ReassignmentPlan(initial.clone(), initialCost, initialCost, bound, 0, 0);
        }
        int[] order = bySize(problem);
        ReassignmentProblem ordered = problem.inOrder(order);
        var orderedInitial = new int[order.length];
        Arrays.setAll(orderedInitial, place -> initial[order[place]]);
        Found found;
        if (limit.isTimeAlone() && !limit.endsWithin(cells * WARM_UP_NS_PER_CELL)) {
            long warmUpNs = Math.min(MOST_WARM_UP_NS, limit.timeNs() / WARM_UP_PART);
            Found early = walk(ordered, orderedInitial, limit.next(warmUpNs));
            found = early.and(walk(ordered, orderedInitial, limit.rest()));
        } else {
            found = walk(ordered, orderedInitial, limit);
        }
        int[] orderedPlan = found.plan();
        var plan = new int[order.length];
        for (int place = 0; place < order.length; place++) {
            plan[order[place]] = orderedPlan[place];
        }
        return new ReassignmentPlan(
                plan, found.cost(), initialCost, bound, found.evaluations(), found.proposals());
    }

    private static Found walk(ReassignmentProblem problem, int[] initial, SearchLimit limit) {
        List<ReassignmentWalk> walks = new ArrayList<>();
        for (int thread = 0; thread < limit.threads(); thread++) {
            walks.add(
                    new ReassignmentWalk(
                            problem,
                            initial,
                            limit.seed() + thread * THREAD_SEED_STEP,
                            thread,
                            limit.threads()));
        }
        new SearchTeam<>(walks, limit, MEETINGS).run();
        return walks.stream()
                .map(walk ->
                        new Found(
                                walk.best(), walk.bestCost(), walk.evaluations(), walk.proposals()))
                .reduce(Found::and)
                .orElseThrow();
    }

    /// The best plan of some walks, and what they did in all.
    private record Found(int[] plan, long cost, long evaluations, long proposals) {
        Found and(Found other) {
            Found best = other.cost < cost ? other : this;
            return new Found(
                    best.plan,
                    best.cost,
                    evaluations + other.evaluations,
                    proposals + other.proposals);
        }
    }

    /// Processes from the smallest to the largest, by the mean share of all use.
    private static int[] bySize(ReassignmentProblem problem) {
        var size = new double[problem.processes];
        for (int resource = 0; resource < problem.resources; resource++) {
            double sum = 1;
            for (int process = 0; process < problem.processes; process++) {
                sum += problem.need[process * problem.resources + resource];
            }
            for (int process = 0; process < problem.processes; process++) {
                size[process] += problem.need[process * problem.resources + resource] / sum;
            }
        }
        return IntStream.range(0, problem.processes)
                .boxed()
                .sorted(Comparator.comparingDouble(process -> size[process]))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
