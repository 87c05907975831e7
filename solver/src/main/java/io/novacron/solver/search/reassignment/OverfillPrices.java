package io.novacron.solver.search.reassignment;

import java.util.Arrays;

/// What a unit above capacity counts, by resource, while a walk may overfill machines.
///
/// A low price lets large processes pass through machines that have no room for them; at the end
/// nothing may be left above capacity. So a price rises while more machines are overfull than the
/// share of the run allows, and falls back slowly once they are fewer.
final class OverfillPrices {
    private static final double RISE = 1.02; // a step
    private static final double FALL = 0.99;
    private static final double HIGHEST = 100; // × the price without a factor
    private static final double STEPS = 2_000; // a run
    private static final double ALLOWED = 0.2; // of the machines, at first
    private static final double STRICT_SHARE = 0.6; // of the run, from which on none is allowed

    private final int machines;
    private final double[] base;
    private final double[] price;
    private double factor = 1;
    private double nextShare;

    OverfillPrices(ReassignmentProblem problem) {
        machines = problem.machines;
        var need = new double[problem.resources];
        double weighted = 0;
        for (int resource = 0; resource < problem.resources; resource++) {
            need[resource] = 1;
            for (int process = 0; process < problem.processes; process++) {
                need[resource] += problem.need[process * problem.resources + resource];
            }
            weighted += problem.loadWeight[resource] * need[resource];
        }
        base = new double[problem.resources];
        for (int resource = 0; resource < problem.resources; resource++) {
            double mean = weighted / problem.resources / need[resource]; // all equally dear
            base[resource] = Math.max(1, Math.max(problem.loadWeight[resource], mean));
        }
        price = base.clone();
    }

    /// Begins a run.
    ///
    /// @param startFactor the lowest prices, × the load weight at least
    double[] start(double startFactor) {
        factor = startFactor;
        nextShare = 0;
        Arrays.setAll(price, resource -> base[resource] * factor);
        return price;
    }

    /// Whether it is time for [#adapt].
    boolean isDue(double share) {
        return share >= nextShare;
    }

    /// @param share of the run
    double[] adapt(ReassignmentState state, double share) {
        nextShare = share + 1 / STEPS;
        double rest = Math.max(0, 1 - share / STRICT_SHARE);
        double allowed = ALLOWED * rest * rest * machines;
        double fall = rest > 0 || state.isSound() ? FALL : 1;
        for (int resource = 0; resource < price.length; resource++) {
            double changed =
                    price[resource] * (state.countOverfull(resource) > allowed ? RISE : fall);
            price[resource] =
                    Math.clamp(changed, base[resource] * factor, base[resource] * HIGHEST);
        }
        return price;
    }

    /// So much that no cost weighs against being overfull.
    double[] highest() {
        return Arrays.stream(base).map(unit -> unit * HIGHEST * HIGHEST).toArray();
    }

    double[] copyFrom(OverfillPrices other) {
        System.arraycopy(other.price, 0, price, 0, price.length);
        return price;
    }
}
