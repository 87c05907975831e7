package io.novacron.solver.search.reassignment;

import java.util.SplittableRandom;

/// A problem with every kind of rule, and an assignment that keeps them all, from a seed.
final class RandomReassignments {
    private static final int TARGET_LIMIT = 4;

    final ReassignmentProblem problem;
    final int[] initial;

    private RandomReassignments(ReassignmentProblem problem, int[] initial) {
        this.problem = problem;
        this.initial = initial;
    }

    static RandomReassignments of(long seed, int mostMachines, int mostProcesses) {
        var random = new SplittableRandom(seed);
        while (true) {
            var made = attempt(random, mostMachines, mostProcesses);
            if (ReassignmentRecount.faults(made.problem, made.initial, made.initial).isEmpty()) {
                return made;
            }
        }
    }

    private static RandomReassignments attempt(
            SplittableRandom random, int mostMachines, int mostProcesses) {
        int machines = 1 + random.nextInt(mostMachines);
        int processes = random.nextInt(mostProcesses + 1);
        int resources = 1 + random.nextInt(3);
        int services = 1 + random.nextInt(Math.max(1, processes));
        int[] service = column(random, processes, services);
        int[] initial = column(random, processes, machines);
        int[] need = column(random, processes * resources, 10);
        var use = new int[machines * resources];
        for (int index = 0; index < need.length; index++) {
            use[initial[index / resources] * resources + index % resources] += need[index];
        }
        int[] capacity = column(random, machines * resources, 30);
        for (int index = 0; index < capacity.length; index++) {
            capacity[index] += use[index];
        }
        var isTransient = new boolean[resources];
        for (int resource = 0; resource < resources; resource++) {
            isTransient[resource] = random.nextBoolean();
        }
        var dependsOn = new int[services][];
        for (int index = 0; index < services; index++) {
            dependsOn[index] = random.nextInt(4) == 0 ? column(random, 1, services) : new int[0];
        }
        int balances = random.nextInt(3);
        var problem =
                new ReassignmentProblem.Builder()
                        .resources(isTransient, column(random, resources, 5))
                        .machines(
                                column(random, machines, Math.min(2, machines)),
                                column(random, machines, Math.min(3, machines)),
                                capacity,
                                column(random, machines * resources, 30),
                                column(random, machines * machines, 4))
                        .services(column(random, services, 3), dependsOn)
                        .processes(service, need, column(random, processes, 5))
                        .balances(
                                column(random, balances, resources),
                                column(random, balances, resources),
                                column(random, balances, TARGET_LIMIT),
                                column(random, balances, 3))
                        .moveWeights(random.nextInt(3), random.nextInt(9), random.nextInt(3))
                        .build();
        return new RandomReassignments(problem, initial);
    }

    private static int[] column(SplittableRandom random, int length, int end) {
        return random.ints(length, 0, end).toArray();
    }
}
