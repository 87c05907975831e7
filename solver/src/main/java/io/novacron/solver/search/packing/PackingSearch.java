package io.novacron.solver.search.packing;

import io.novacron.solver.search.SearchLimit;
import io.novacron.solver.search.SearchTeam;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Packs vms onto few hosts: greedily at first, then by taking away one host after the other.
public final class PackingSearch {
    private static final int MEETINGS = 100;
    private static final long THREAD_SEED_STEP = 1_000_003;
    private static final long GREEDY_NS_PER_PAIR =
            2; // of vms; greedy looks at each pair about once

    private PackingSearch() {}

    public static PackingPlan search(PackingProblem problem, SearchLimit limit) {
        int bound = problem.lowerBound();
        long greedyNs = (long) problem.vms * problem.vms * problem.resources * GREEDY_NS_PER_PAIR;
        if (problem.vms == 0 || limit.isOver() || limit.endsWithin(greedyNs)) {
            return plan(GreedyPacking.nextFit(problem), bound, 0);
        }
        int[] greedy = GreedyPacking.pack(problem);
        int greedyHosts = Arrays.stream(greedy).max().orElse(-1) + 1;
        if (greedyHosts <= bound || limit.isOver()) {
            return plan(greedy, bound, 0);
        }
        int[] near = PackingWalk.near(problem);
        List<PackingWalk> walks = new ArrayList<>();
        for (int thread = 0; thread < limit.threads(); thread++) {
            long seed = limit.seed() + thread * THREAD_SEED_STEP;
            walks.add(new PackingWalk(problem, greedy, near, seed));
        }
        new SearchTeam<>(walks, limit, MEETINGS).run();
        PackingWalk best = walks.getFirst();
        long evaluations = 0;
        for (PackingWalk walk : walks) {
            if (walk.bestHosts() < best.bestHosts()) {
                best = walk;
            }
            evaluations += walk.evaluations();
        }
        return plan(best.best(), bound, evaluations);
    }

    private static PackingPlan plan(int[] hostOf, int bound, long evaluations) {
        int hosts = (int) Arrays.stream(hostOf).distinct().count();
        return new PackingPlan(hostOf, hosts, bound, evaluations);
    }
}
