package io.novacron.solver.search.reassignment;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Counts the cost of a plan and finds the rules that it breaks, from the definition alone. Slow
/// and plain on purpose: it shares nothing with the search but the problem.
///
/// A plan gives each process p a machine M(p); M0 is where it was. U(m, r) is the sum of needs R(p,
/// r) of the processes on m.
/// 1. *capacity*: U(m, r) ≤ C(m, r).
/// 2. *conflict*: processes of one service are on machines that all differ.
/// 3. *spread*: a service is in at least `spreadMin` locations.
/// 4. *dependency*: if service a depends on b, each process of a has one of b in its neighbourhood.
/// 5. *transient use*: for transient r, the sum of R(p, r) over p with M0(p) = m or M(p) = m is at
///    most C(m, r).
///
/// Cost = Σ loadWeight · max(0, U − SC) + Σ balanceWeight · max(0, target · A(first) − A(second)),
/// A = C − U, + processMoveWeight · Σ move cost of moved processes + serviceMoveWeight · the most
/// moved processes of one service + machineMoveWeight · Σ machine move cost from M0(p) to M(p).
public final class ReassignmentRecount {
    private static final int FAULT_LIMIT = 100;

    private final ReassignmentProblem problem;
    private final int[] initial;
    private final int[] plan;

    private ReassignmentRecount(ReassignmentProblem problem, int[] initial, int[] plan) {
        this.problem = problem;
        this.initial = initial;
        this.plan = plan;
    }

    /// @param initial machine of each process before
    /// @param plan machine of each process after
    public static long cost(ReassignmentProblem problem, int[] initial, int[] plan) {
        var recount = new ReassignmentRecount(problem, initial, plan);
        return recount.loadCost() + recount.balanceCost() + recount.moveCost();
    }

    /// @return what is wrong with a plan, the first 100; empty for a sound one
    public static List<String> faults(ReassignmentProblem problem, int[] initial, int[] plan) {
        var recount = new ReassignmentRecount(problem, initial, plan);
        List<String> faults = recount.unknownMachines();
        if (faults.isEmpty()) {
            recount.findOverloads(faults);
            recount.findConflictsAndSpreads(faults);
            recount.findDependencies(faults);
        }
        return faults.subList(0, Math.min(faults.size(), FAULT_LIMIT));
    }

    /// What no plan can go below: the loads and rooms of all machines taken as one.
    public static long lowerBound(ReassignmentProblem problem) {
        long bound = 0;
        long[] used = new long[problem.resources];
        long[] capacity = new long[problem.resources];
        for (int resource = 0; resource < problem.resources; resource++) {
            long safety = 0;
            for (int machine = 0; machine < problem.machines; machine++) {
                capacity[resource] += problem.capacity[machine * problem.resources + resource];
                safety += problem.safety[machine * problem.resources + resource];
            }
            for (int process = 0; process < problem.processes; process++) {
                used[resource] += problem.need[process * problem.resources + resource];
            }
            bound += problem.loadWeight[resource] * Math.max(0, used[resource] - safety);
        }
        for (int balance = 0; balance < problem.balances; balance++) {
            int first = problem.balanceFirst[balance];
            int second = problem.balanceSecond[balance];
            long lacking =
                    problem.balanceTarget[balance] * (capacity[first] - used[first])
                            - (capacity[second] - used[second]);
            bound += problem.balanceWeight[balance] * Math.max(0, lacking);
        }
        return bound;
    }

    private List<String> unknownMachines() {
        List<String> faults = new ArrayList<>();
        if (initial.length != problem.processes || plan.length != problem.processes) {
            faults.add(
                    "the initial assignment has %d and the plan %d processes; the problem has %d"
                            .formatted(initial.length, plan.length, problem.processes));
            return faults;
        }
        for (int process = 0; process < problem.processes; process++) {
            for (int machine : new int[] {initial[process], plan[process]}) {
                if (machine < 0 || machine >= problem.machines) {
                    faults.add(
                            "process %d is on machine %d, which is not in [0, %d)"
                                    .formatted(process, machine, problem.machines));
                }
            }
        }
        return faults;
    }

    /// Uses of all machines, by machine and resource.
    private long[][] uses(boolean alsoBefore) {
        var uses = new long[problem.machines][problem.resources];
        for (int process = 0; process < problem.processes; process++) {
            for (int resource = 0; resource < problem.resources; resource++) {
                int amount = problem.need[process * problem.resources + resource];
                uses[plan[process]][resource] += amount;
                if (alsoBefore && initial[process] != plan[process]) {
                    uses[initial[process]][resource] += amount;
                }
            }
        }
        return uses;
    }

    private void findOverloads(List<String> faults) {
        long[][] uses = uses(false);
        long[][] transientUses = uses(true);
        for (int machine = 0; machine < problem.machines; machine++) {
            for (int resource = 0; resource < problem.resources; resource++) {
                long capacity = problem.capacity[machine * problem.resources + resource];
                if (uses[machine][resource] > capacity) {
                    faults.add(
                            "machine %d uses %d of resource %d, its capacity is %d"
                                    .formatted(
                                            machine, uses[machine][resource], resource, capacity));
                } else if (problem.isTransient[resource]
                        && transientUses[machine][resource] > capacity) {
                    faults.add(
                            "machine %d uses %d of resource %d while processes move, its capacity is %d"
                                    .formatted(
                                            machine,
                                            transientUses[machine][resource],
                                            resource,
                                            capacity));
                }
            }
        }
    }

    private void findConflictsAndSpreads(List<String> faults) {
        Map<Integer, Set<Integer>> machinesOf = new HashMap<>();
        Map<Integer, Set<Integer>> locationsOf = new HashMap<>();
        for (int process = 0; process < problem.processes; process++) {
            int service = problem.service[process];
            int machine = plan[process];
            if (!machinesOf.computeIfAbsent(service, _ -> new HashSet<>()).add(machine)) {
                faults.add(
                        "machine %d has more than one process of service %d"
                                .formatted(machine, service));
            }
            locationsOf
                    .computeIfAbsent(service, _ -> new HashSet<>())
                    .add(problem.location[machine]);
        }
        for (int service = 0; service < problem.services; service++) {
            int spread = locationsOf.getOrDefault(service, Set.of()).size();
            if (spread < problem.spreadMin[service]) {
                faults.add(
                        "service %d is in %d locations, it needs %d"
                                .formatted(service, spread, problem.spreadMin[service]));
            }
        }
    }

    private void findDependencies(List<String> faults) {
        Map<Integer, Set<Integer>> neighbourhoodsOf = new HashMap<>();
        for (int process = 0; process < problem.processes; process++) {
            neighbourhoodsOf
                    .computeIfAbsent(problem.service[process], _ -> new HashSet<>())
                    .add(problem.neighbourhood[plan[process]]);
        }
        neighbourhoodsOf.forEach((service, neighbourhoods) -> {
            for (int needed : problem.dependsOn[service]) {
                Set<Integer> offered = neighbourhoodsOf.getOrDefault(needed, Set.of());
                for (int neighbourhood : neighbourhoods) {
                    if (!offered.contains(neighbourhood)) {
                        faults.add(
                                "service %d needs service %d in neighbourhood %d"
                                        .formatted(service, needed, neighbourhood));
                    }
                }
            }
        });
    }

    private long loadCost() {
        long cost = 0;
        long[][] uses = uses(false);
        for (int machine = 0; machine < problem.machines; machine++) {
            for (int resource = 0; resource < problem.resources; resource++) {
                long above =
                        uses[machine][resource]
                                - problem.safety[machine * problem.resources + resource];
                cost += problem.loadWeight[resource] * Math.max(0, above);
            }
        }
        return cost;
    }

    private long balanceCost() {
        long cost = 0;
        long[][] uses = uses(false);
        for (int balance = 0; balance < problem.balances; balance++) {
            int first = problem.balanceFirst[balance];
            int second = problem.balanceSecond[balance];
            for (int machine = 0; machine < problem.machines; machine++) {
                long firstRoom =
                        problem.capacity[machine * problem.resources + first]
                                - uses[machine][first];
                long secondRoom =
                        problem.capacity[machine * problem.resources + second]
                                - uses[machine][second];
                long lacking = problem.balanceTarget[balance] * firstRoom - secondRoom;
                cost += problem.balanceWeight[balance] * Math.max(0, lacking);
            }
        }
        return cost;
    }

    private long moveCost() {
        long processCost = 0;
        long machineCost = 0;
        var movedOf = new int[problem.services];
        int mostMoved = 0;
        for (int process = 0; process < problem.processes; process++) {
            if (plan[process] != initial[process]) {
                processCost += problem.moveCost[process];
                int service = problem.service[process];
                movedOf[service]++;
                mostMoved = Math.max(mostMoved, movedOf[service]);
            }
            machineCost +=
                    problem.machineMoveCost[initial[process] * problem.machines + plan[process]];
        }
        return problem.processMoveWeight * processCost
                + (long) problem.serviceMoveWeight * mostMoved
                + problem.machineMoveWeight * machineCost;
    }
}
