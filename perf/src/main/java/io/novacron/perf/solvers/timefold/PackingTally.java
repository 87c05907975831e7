package io.novacron.perf.solvers.timefold;

import ai.timefold.solver.core.api.score.HardMediumSoftScore;

/// Hard: what exceeds capacities. Medium: hosts in use. Soft: the sum of squares of loads, without
/// which most moves would look the same.
public final class PackingTally implements Tally {
    private static final long UNIT = 1_000; // keeps squares small

    private final int[] capacity;
    private final int[] need; // by vm and resource
    private final int hosts;
    private long[] use; // by host and resource
    private int[] count; // by host
    private long excess;
    private long used;
    private long squares;

    /// @param need by vm and resource, the resource running fastest
    public PackingTally(int[] capacity, int[] need, int hosts) {
        this.capacity = capacity.clone();
        this.need = need.clone();
        this.hosts = hosts;
        use = new long[hosts * capacity.length];
        count = new int[hosts];
    }

    @Override
    public void clear() {
        use = new long[hosts * capacity.length];
        count = new int[hosts];
        excess = 0;
        used = 0;
        squares = 0;
    }

    @Override
    public void add(int item, int place) {
        count(place, -1);
        for (int resource = 0; resource < capacity.length; resource++) {
            use[place * capacity.length + resource] += need[item * capacity.length + resource];
        }
        count[place]++;
        count(place, 1);
    }

    @Override
    public void remove(int item, int place) {
        count(place, -1);
        for (int resource = 0; resource < capacity.length; resource++) {
            use[place * capacity.length + resource] -= need[item * capacity.length + resource];
        }
        count[place]--;
        count(place, 1);
    }

    private void count(int place, int sign) {
        long load = 0;
        for (int resource = 0; resource < capacity.length; resource++) {
            long amount = use[place * capacity.length + resource];
            load += amount;
            excess += sign * Math.max(0, amount - capacity[resource]);
        }
        squares += sign * (load / UNIT * load);
        used += count[place] > 0 ? sign : 0;
    }

    @Override
    public HardMediumSoftScore score() {
        return HardMediumSoftScore.of(-excess, -used, squares);
    }
}
