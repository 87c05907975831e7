package io.novacron.solver.search.colocation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Counts the cost of a plan and finds the rules that it breaks, from the definition alone; shares
/// nothing with the search but the problem.
///
/// Cost = Σ over machines with at least one instance of the mean over time of 1 + 10 · (exp(max(0,
/// CPU used / CPU there is − 0.5)) − 1). Rules: CPU and memory at every time, disk, P, M and PM
/// within what there is; for each rule (first, second, most): where `first` is on a machine there
/// are at most `most` instances of `second`, or `most` + 1 if both are the same application.
public final class ColocationRecount {
    private ColocationRecount() {}

    /// @param machineOf by instance; -1 for not placed
    public static double cost(ColocationProblem problem, int[] machineOf) {
        double cost = 0;
        List<List<Integer>> on = instancesOf(problem, machineOf);
        for (int machine = 0; machine < problem.machines; machine++) {
            if (!on.get(machine).isEmpty()) {
                long[] use = use(problem, problem.cpu, on.get(machine));
                double sum = 0;
                for (long amount : use) {
                    double busy = (double) amount / problem.cpuCapacity[machine];
                    sum += 1 + 10 * (StrictMath.exp(Math.max(0, busy - 0.5)) - 1);
                }
                cost += sum / problem.times;
            }
        }
        return cost;
    }

    /// @return how many instances have a machine
    public static int placed(int[] machineOf) {
        int placed = 0;
        for (int machine : machineOf) {
            placed += machine >= 0 ? 1 : 0;
        }
        return placed;
    }

    /// @return how many machines have an instance
    public static int machines(ColocationProblem problem, int[] machineOf) {
        int used = 0;
        for (List<Integer> instances : instancesOf(problem, machineOf)) {
            used += instances.isEmpty() ? 0 : 1;
        }
        return used;
    }

    /// @return the rules that are broken by instances that are placed
    public static List<String> faults(ColocationProblem problem, int[] machineOf) {
        List<String> faults = new ArrayList<>();
        List<List<Integer>> on = instancesOf(problem, machineOf);
        Map<Integer, List<Integer>> rulesOf = new HashMap<>(); // by first application
        for (int rule = 0; rule < problem.ruleFirst.length; rule++) {
            rulesOf.computeIfAbsent(problem.ruleFirst[rule], _ -> new ArrayList<>()).add(rule);
        }
        for (int machine = 0; machine < problem.machines; machine++) {
            String id = problem.machineIds.get(machine);
            List<Integer> instances = on.get(machine);
            findAbove(
                    faults,
                    id,
                    "CPU",
                    use(problem, problem.cpu, instances),
                    problem.cpuCapacity[machine]);
            findAbove(
                    faults,
                    id,
                    "memory",
                    use(problem, problem.memory, instances),
                    problem.memoryCapacity[machine]);
            for (int single = 0; single < ColocationProblem.SINGLES; single++) {
                long sum = 0;
                for (int instance : instances) {
                    sum +=
                            problem.single[
                                    problem.app[instance] * ColocationProblem.SINGLES + single];
                }
                long capacity =
                        problem.singleCapacity[machine * ColocationProblem.SINGLES + single];
                findAbove(faults, id, "resource " + single, new long[] {sum}, capacity);
            }
            Map<Integer, Integer> counts = new HashMap<>();
            instances.forEach(instance -> counts.merge(problem.app[instance], 1, Integer::sum));
            for (int first : counts.keySet()) {
                for (int rule : rulesOf.getOrDefault(first, List.of())) {
                    int second = problem.ruleSecond[rule];
                    int most = problem.ruleMost[rule] + (first == second ? 1 : 0);
                    int count = counts.getOrDefault(second, 0);
                    if (count > most) {
                        faults.add(
                                "%s has %d instances of application %d beside application %d, %d are allowed"
                                        .formatted(id, count, second, first, most));
                    }
                }
            }
        }
        return faults;
    }

    private static void findAbove(
            List<String> faults, String machine, String name, long[] use, long capacity) {
        for (long amount : use) {
            if (amount > capacity) {
                faults.add(
                        "%s uses %d millionths of %s, it has %d"
                                .formatted(machine, amount, name, capacity));
                return;
            }
        }
    }

    private static long[] use(ColocationProblem problem, int[] demand, List<Integer> instances) {
        var use = new long[problem.times];
        for (int instance : instances) {
            for (int time = 0; time < problem.times; time++) {
                use[time] += demand[problem.app[instance] * problem.times + time];
            }
        }
        return use;
    }

    private static List<List<Integer>> instancesOf(ColocationProblem problem, int[] machineOf) {
        List<List<Integer>> on = new ArrayList<>();
        for (int machine = 0; machine < problem.machines; machine++) {
            on.add(new ArrayList<>());
        }
        for (int instance = 0; instance < machineOf.length; instance++) {
            if (machineOf[instance] >= 0) {
                on.get(machineOf[instance]).add(instance);
            }
        }
        return on;
    }
}
