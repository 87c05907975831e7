package io.novacron.solver.search.colocation;

import io.novacron.solver.search.Cooling;
import io.novacron.solver.search.SearchRandom;
import io.novacron.solver.search.Walk;
import java.util.List;

/// Simulated annealing by shifts and swaps of instances between machines that are this walk's own
/// until walks meet again.
final class ColocationWalk implements Walk<ColocationWalk> {
    private static final int GROUPS_PER_STEP = 32;
    private static final double HOTTEST = 0.1; // a machine costs about 1
    private static final double COLDEST = 0.001;
    private static final int SHIFTS = 3;
    private static final int SWAPS = 3;

    private final ColocationField field;
    private final SearchRandom random;
    private final Cooling cooling = Cooling.even(HOTTEST, COLDEST);
    private ColocationState state;
    private int[] machines = {};
    private int[] instances = {}; // on those machines
    private double temperature;
    private long evaluations;

    ColocationWalk(ColocationField field, long seed) {
        this.field = field;
        state = field.state();
        random = new SearchRandom(seed);
    }

    /// Gives this walk the machines that it may touch until it is told again.
    void take(ColocationState shared, int[] ownMachines, int[] ownInstances) {
        state = shared;
        machines = ownMachines;
        instances = ownInstances;
    }

    @Override
    public long step(double share) {
        if (machines.length < 2 || instances.length == 0) {
            return GROUPS_PER_STEP * (SHIFTS + SWAPS); // nothing can move
        }
        temperature = cooling.temperature(share);
        for (int group = 0; group < GROUPS_PER_STEP; group++) {
            int instance = instances[random.below(instances.length)];
            tryShifts(instance);
            for (int count = 0; count < SWAPS; count++) {
                trySwap(instance, instances[random.below(instances.length)]);
            }
        }
        return GROUPS_PER_STEP * (SHIFTS + SWAPS);
    }

    private void tryShifts(int instance) {
        double leaving = Double.NaN; // the same for all, until one is carried out
        for (int count = 0; count < SHIFTS; count++) {
            int to = machines[random.below(machines.length)];
            if (state.at[instance] != to && state.mayCome(instance, -1, to)) {
                evaluations++;
                if (Double.isNaN(leaving)) {
                    leaving = state.leavingDelta(instance);
                }
                double delta = leaving + state.comingDelta(instance, to);
                if (delta < temperature * random.exponential()) {
                    state.shift(instance, to);
                    leaving = Double.NaN;
                }
            }
        }
    }

    private void trySwap(int first, int second) {
        int firstAt = state.at[first];
        int secondAt = state.at[second];
        if (firstAt != secondAt
                && state.problem.app[first] != state.problem.app[second]
                && state.mayCome(first, second, secondAt)
                && state.mayCome(second, first, firstAt)) {
            evaluations++;
            double most = temperature * random.exponential();
            if (state.swapDelta(first, second, most) < most) {
                state.swap(first, second);
            }
        }
    }

    @Override
    public void meet(List<ColocationWalk> team, double share) {
        field.deal(team, share);
    }

    long evaluations() {
        return evaluations;
    }
}
