package io.novacron.solver.search.packing;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Fills one host after the other, each time with the vm whose shape goes best with the room that
/// is left: the greatest dot product of its needs and the room, both in shares of what is scarce
/// (Panigrahy, Talwar, Uyeda, Wieder, "Heuristics for vector bin packing", 2011).
final class GreedyPacking {
    private GreedyPacking() {}

    /// @return the host of each vm, hosts numbered from 0 without gaps
    static int[] pack(PackingProblem problem) {
        int resources = problem.resources;
        double[] scarcity = scarcity(problem);
        int[] left = bySize(problem, scarcity);
        int count = left.length;
        var hostOf = new int[problem.vms];
        var room = new int[resources];
        for (int host = 0; count > 0; host++) {
            System.arraycopy(problem.capacity, 0, room, 0, resources);
            while (true) {
                int best = bestFit(problem, scarcity, left, count, room);
                if (best < 0) {
                    break;
                }
                int vm = left[best];
                hostOf[vm] = host;
                for (int resource = 0; resource < resources; resource++) {
                    room[resource] -= problem.need[vm * resources + resource];
                }
                System.arraycopy(left, best + 1, left, best, count - best - 1);
                count--;
            }
        }
        return hostOf;
    }

    private static int bestFit(
            PackingProblem problem, double[] scarcity, int[] left, int count, int[] room) {
        int best = -1;
        double bestScore = -1;
        for (int place = 0; place < count; place++) {
            int row = left[place] * problem.resources;
            double score = 0;
            boolean fits = true;
            for (int resource = 0; resource < room.length && fits; resource++) {
                int need = problem.need[row + resource];
                fits = need <= room[resource];
                score += scarcity[resource] * need * room[resource];
            }
            if (fits && score > bestScore) {
                best = place;
                bestScore = score;
            }
        }
        return best;
    }

    private static double[] scarcity(PackingProblem problem) {
        var scarcity = new double[problem.resources];
        for (int vm = 0; vm < problem.vms; vm++) {
            for (int resource = 0; resource < problem.resources; resource++) {
                scarcity[resource] += problem.need[vm * problem.resources + resource];
            }
        }
        for (int resource = 0; resource < problem.resources; resource++) {
            double capacity = Math.max(1, problem.capacity[resource]);
            scarcity[resource] /= capacity * capacity * capacity;
        }
        return scarcity;
    }

    private static int[] bySize(PackingProblem problem, double[] scarcity) {
        var size = new double[problem.vms];
        for (int vm = 0; vm < problem.vms; vm++) {
            for (int resource = 0; resource < problem.resources; resource++) {
                size[vm] += scarcity[resource] * problem.need[vm * problem.resources + resource];
            }
        }
        return IntStream.range(0, problem.vms)
                .boxed()
                .sorted(Comparator.comparingDouble(vm -> -size[vm]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// A host number for each vm when there is no time for more: next fit, in the given order.
    static int[] nextFit(PackingProblem problem) {
        var hostOf = new int[problem.vms];
        int[] room = problem.capacity.clone();
        int host = 0;
        for (int vm = 0; vm < problem.vms; vm++) {
            boolean fits = true;
            for (int resource = 0; resource < room.length; resource++) {
                fits &= problem.need[vm * room.length + resource] <= room[resource];
            }
            if (!fits) {
                host++;
                room = Arrays.copyOf(problem.capacity, room.length);
            }
            hostOf[vm] = host;
            for (int resource = 0; resource < room.length; resource++) {
                room[resource] -= problem.need[vm * room.length + resource];
            }
        }
        return hostOf;
    }
}
