package io.novacron.solver.search.reassignment;

import io.novacron.solver.search.SearchLimit;
import io.novacron.solver.search.SearchTeam;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Finds cheap plans for machine reassignment by simulated annealing on one or more threads.
public final class ReassignmentSearch {
    private static final int MEETINGS = 50;
    private static final long SETUP_NS_PER_CELL = 100; // a walk's tables, on a busy machine
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
        List<ReassignmentWalk> walks = new ArrayList<>();
        for (int thread = 0; thread < limit.threads(); thread++) {
            walks.add(
                    new ReassignmentWalk(
                            ordered,
                            orderedInitial,
                            limit.seed() + thread * THREAD_SEED_STEP,
                            thread,
                            limit.threads()));
        }
        new SearchTeam<>(walks, limit, MEETINGS).run();
        ReassignmentWalk best = walks.getFirst();
        long evaluations = 0;
        long proposals = 0;
        for (ReassignmentWalk walk : walks) {
            if (walk.bestCost() < best.bestCost()) {
                best = walk;
            }
            evaluations += walk.evaluations();
            proposals += walk.proposals();
        }
        int[] orderedPlan = best.best();
        var plan = new int[order.length];
        for (int place = 0; place < order.length; place++) {
            plan[order[place]] = orderedPlan[place];
        }
        return new ReassignmentPlan(
                plan, best.bestCost(), initialCost, bound, evaluations, proposals);
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
