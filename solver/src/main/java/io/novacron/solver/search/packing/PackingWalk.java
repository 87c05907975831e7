package io.novacron.solver.search.packing;

import io.novacron.solver.search.SearchRandom;
import io.novacron.solver.search.Walk;
import java.util.Arrays;
import java.util.List;

/// Empties one host after the other: its vms are spread over the rest, and shifts and swaps anneal
/// away what is above capacity there. The last packing without anything above capacity is kept, so
/// there is a sound answer at any time.
final class PackingWalk implements Walk<PackingWalk> {
    private static final double HOT = 0.006; // of a vm's mean need
    private static final double COLD = 0.0001;
    private static final long FIRST_ROUND = 2_000_000; // moves of the first annealing of a target
    private static final int MOVES_PER_STEP = 512;
    private static final int NEAR = 32;
    private static final int WINDOW = 256; // of vms by their first need, where near ones are sought

    private final PackingProblem problem;
    private final int resources;
    private final int[] need;
    private final SearchRandom random;
    private final int[] near; // by vm: NEAR vms of about the same needs
    private final int[] at;
    private final int[] above; // by host and resource: use above capacity, negative for room
    private final int[] best;
    private final double meanNeed;
    private int bestHosts;
    private int hosts; // tried for now
    private long excess; // sum of what is above capacity
    private long round;
    private long roundMoves;
    private double temperature;
    private long evaluations;

    PackingWalk(PackingProblem problem, int[] hostOf, int[] near, long seed) {
        this.problem = problem;
        this.near = near;
        resources = problem.resources;
        need = problem.need;
        random = new SearchRandom(seed);
        at = hostOf.clone();
        best = hostOf.clone();
        hosts = Arrays.stream(hostOf).max().orElse(-1) + 1;
        bestHosts = hosts;
        above = new int[hosts * resources];
        meanNeed = Arrays.stream(need).average().orElse(1);
        recount();
        startTarget();
    }

    /// For each vm those that differ least from it, all resources together.
    static int[] near(PackingProblem problem) {
        int resources = problem.resources;
        var order = new Integer[problem.vms];
        Arrays.setAll(order, vm -> vm);
        Arrays.sort(
                order,
                java.util.Comparator.comparingInt((Integer vm) -> problem.need[vm * resources]));
        var near = new int[problem.vms * NEAR];
        var found = new long[2 * WINDOW + 1];
        for (int place = 0; place < problem.vms; place++) {
            int vm = order[place];
            int count = 0;
            int last = Math.min(problem.vms - 1, place + WINDOW);
            for (int other = Math.max(0, place - WINDOW); other <= last; other++) {
                if (other != place) {
                    long distance = 0;
                    for (int resource = 0; resource < resources; resource++) {
                        distance +=
                                Math.abs(
                                        problem.need[vm * resources + resource]
                                                - problem.need[
                                                        order[other] * resources + resource]);
                    }
                    found[count++] = (Math.min(distance, Integer.MAX_VALUE) << 32) | order[other];
                }
            }
            Arrays.sort(found, 0, count);
            for (int index = 0; index < NEAR; index++) {
                near[vm * NEAR + index] = count == 0 ? vm : (int) found[index % count];
            }
        }
        return near;
    }

    private void recount() {
        for (int host = 0; host < above.length / resources; host++) {
            for (int resource = 0; resource < resources; resource++) {
                above[host * resources + resource] = -problem.capacity[resource];
            }
        }
        for (int vm = 0; vm < problem.vms; vm++) {
            for (int resource = 0; resource < resources; resource++) {
                above[at[vm] * resources + resource] += need[vm * resources + resource];
            }
        }
        excess = 0;
        for (int index = 0; index < hosts * resources; index++) {
            excess += Math.max(0, above[index]);
        }
    }

    /// Takes the emptiest host away and begins to anneal.
    private void startTarget() {
        if (hosts <= problem.lowerBound()) {
            return;
        }
        int emptiest = 0;
        long least = Long.MAX_VALUE;
        for (int host = 0; host < hosts; host++) {
            long use = 0;
            for (int resource = 0; resource < resources; resource++) {
                use += above[host * resources + resource];
            }
            if (use < least) {
                least = use;
                emptiest = host;
            }
        }
        int last = --hosts;
        for (int vm = 0; vm < problem.vms; vm++) {
            if (at[vm] == emptiest) {
                at[vm] = random.below(hosts);
            } else if (at[vm] == last) {
                at[vm] = emptiest;
            }
            if (at[vm] == last) { // it was drawn before the last one took the number
                at[vm] = emptiest;
            }
        }
        recount();
        round = FIRST_ROUND;
        roundMoves = 0;
    }

    @Override
    public long step(double share) {
        if (bestHosts <= problem.lowerBound()) {
            return MOVES_PER_STEP; // nothing is left to be gained
        }
        double part = (double) roundMoves / round;
        temperature = meanNeed * HOT * StrictMath.pow(COLD / HOT, part);
        for (int move = 0; move < MOVES_PER_STEP && excess > 0; move++) {
            int vm = random.below(problem.vms);
            if ((move & 7) == 0) {
                tryShift(vm, random.below(hosts));
            } else if ((move & 3) == 1) {
                trySwap(vm, random.below(problem.vms));
            } else {
                trySwap(vm, near[vm * NEAR + random.below(NEAR)]);
            }
        }
        roundMoves += MOVES_PER_STEP;
        if (excess == 0) {
            keep();
            startTarget();
        } else if (roundMoves >= round) {
            round *= 2;
            roundMoves = 0;
        }
        return MOVES_PER_STEP;
    }

    private void keep() {
        System.arraycopy(at, 0, best, 0, at.length);
        bestHosts = hosts;
    }

    private void tryShift(int vm, int to) {
        int from = at[vm];
        if (from == to) {
            return;
        }
        evaluations++;
        int row = vm * resources;
        long delta = 0;
        for (int resource = 0; resource < resources; resource++) {
            int amount = need[row + resource];
            int fromAbove = above[from * resources + resource];
            int toAbove = above[to * resources + resource];
            delta +=
                    Math.max(0, fromAbove - amount)
                            - Math.max(0, fromAbove)
                            + Math.max(0, toAbove + amount)
                            - Math.max(0, toAbove);
        }
        if (delta < temperature * random.exponential()) {
            for (int resource = 0; resource < resources; resource++) {
                above[from * resources + resource] -= need[row + resource];
                above[to * resources + resource] += need[row + resource];
            }
            at[vm] = to;
            excess += delta;
        }
    }

    private void trySwap(int first, int second) {
        int firstAt = at[first];
        int secondAt = at[second];
        if (firstAt == secondAt) {
            return;
        }
        evaluations++;
        long delta = 0;
        for (int resource = 0; resource < resources; resource++) {
            int more = need[second * resources + resource] - need[first * resources + resource];
            int firstAbove = above[firstAt * resources + resource];
            int secondAbove = above[secondAt * resources + resource];
            delta +=
                    Math.max(0, firstAbove + more)
                            - Math.max(0, firstAbove)
                            + Math.max(0, secondAbove - more)
                            - Math.max(0, secondAbove);
        }
        if (delta < temperature * random.exponential()) {
            for (int resource = 0; resource < resources; resource++) {
                int more = need[second * resources + resource] - need[first * resources + resource];
                above[firstAt * resources + resource] += more;
                above[secondAt * resources + resource] -= more;
            }
            at[first] = secondAt;
            at[second] = firstAt;
            excess += delta;
        }
    }

    @Override
    public void meet(List<PackingWalk> team, double share) {
        PackingWalk leader = this;
        for (PackingWalk walk : team) {
            boolean isBetter =
                    walk.bestHosts < leader.bestHosts
                            || (walk.bestHosts == leader.bestHosts && walk.excess < leader.excess);
            if (isBetter) {
                leader = walk;
            }
        }
        for (PackingWalk walk : team) {
            if (walk.bestHosts > leader.bestHosts) { // else each goes its own way
                System.arraycopy(leader.at, 0, walk.at, 0, walk.at.length);
                System.arraycopy(leader.best, 0, walk.best, 0, walk.best.length);
                walk.bestHosts = leader.bestHosts;
                walk.hosts = leader.hosts;
                walk.round = leader.round;
                walk.roundMoves = leader.roundMoves;
                walk.recount();
            }
        }
    }

    int[] best() {
        return best.clone();
    }

    int bestHosts() {
        return bestHosts;
    }

    long evaluations() {
        return evaluations;
    }
}
