package io.novacron.solver.search.colocation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// How many machines to use, and what any plan costs at least, when all rules but the amount of CPU
/// are left out and instances can be split.
///
/// Without rules the machines with the most CPU are the best ones, as each costs 1. On n of them
/// all are first filled to the half that is free, then the rest is spread so that a little more
/// would cost the same anywhere: exp(x) = λ · capacity on those with x > 0, which are the largest.
/// The cost is convex in the loads, so that is the least at each time, and its mean the least for
/// n.
final class MachineCount {
    private static final double STEEPNESS = 10;

    private final int[] order; // machines, by falling capacity
    private final double[] half; // of the first machines together, by how many
    private final double[] capacitySum;
    private final double[] logSum; // Σ capacity · ln capacity
    private final double[] capacity; // in that order
    private final double[] total; // by time
    private int best;
    private double bound = Double.POSITIVE_INFINITY;

    /// @param inflation of the demand; 1 for the bound
    MachineCount(ColocationProblem problem, double inflation) {
        order =
                IntStream.range(0, problem.machines)
                        .boxed()
                        .sorted(Comparator.comparingInt(machine -> -problem.cpuCapacity[machine]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        half = new double[problem.machines + 1];
        capacitySum = new double[problem.machines + 1];
        logSum = new double[problem.machines + 1];
        capacity = new double[problem.machines];
        for (int index = 0; index < problem.machines; index++) {
            capacity[index] = problem.cpuCapacity[order[index]];
            half[index + 1] = half[index] + capacity[index] / 2;
            capacitySum[index + 1] = capacitySum[index] + capacity[index];
            logSum[index + 1] = logSum[index] + capacity[index] * StrictMath.log(capacity[index]);
        }
        total = new double[problem.times];
        for (int app : problem.app) {
            for (int time = 0; time < problem.times; time++) {
                total[time] += inflation * problem.cpu[app * problem.times + time];
            }
        }
        if (problem.instances == 0) {
            bound = 0;
        }
        for (int count = 1; count <= problem.machines && bound > 0; count++) {
            double cost = cost(count);
            if (cost < bound) {
                bound = cost;
                best = count;
            }
        }
    }

    /// @return what any plan costs at least
    double bound() {
        return bound;
    }

    /// @return the machines that a plan of that cost would use
    int[] machines() {
        return Arrays.copyOf(order, best);
    }

    private double cost(int count) {
        double sum = 0;
        for (double amount : total) {
            double excess = amount - half[count];
            if (excess > 0) {
                sum += growth(excess, count);
            }
        }
        return count + STEEPNESS * sum / total.length;
    }

    /// Σ exp(x) − 1 over machines, with Σ capacity · x = excess.
    private double growth(double excess, int count) {
        int low = 1; // so many of the largest take part
        int high = count;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (logShare(excess, middle) + StrictMath.log(capacity[middle - 1]) > 0) {
                low = middle; // the smallest of them takes part
            } else {
                high = middle - 1;
            }
        }
        return StrictMath.exp(logShare(excess, low)) * capacitySum[low] - low;
    }

    /// ln λ if so many take part: Σ capacity · (ln λ + ln capacity) = excess.
    private double logShare(double excess, int taking) {
        return (excess - logSum[taking]) / capacitySum[taking];
    }
}
