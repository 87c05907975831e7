package io.novacron.perf.solvers.ortools;

import com.google.ortools.sat.CpModel;
import com.google.ortools.sat.IntVar;
import com.google.ortools.sat.LinearExpr;
import com.google.ortools.sat.LinearExprBuilder;
import com.google.ortools.sat.Literal;
import io.novacron.perf.solvers.PeerPlan;
import io.novacron.perf.solvers.RoadefModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Machine reassignment: a literal for each process and machine; all rules and costs as sums of
/// them.
public final class CpSatRoadef {
    private final RoadefModel problem;
    private final int[] initial;
    private final CpModel model = new CpModel();
    private final LinearExprBuilder cost = LinearExpr.newBuilder();
    private final Literal[][] at; // by process and machine
    private final List<List<Integer>> processesOf = new ArrayList<>(); // by service

    private CpSatRoadef(RoadefModel problem, int[] initial) {
        this.problem = problem;
        this.initial = initial;
        at = new Literal[initial.length][problem.machines()];
        for (int service = 0; service < problem.spreadMin.length; service++) {
            processesOf.add(new ArrayList<>());
        }
        for (int process = 0; process < initial.length; process++) {
            processesOf.get(problem.service[process]).add(process);
        }
    }

    /// @return null if nothing was found in that time
    public static @Nullable PeerPlan solve(
            RoadefModel problem, int[] initial, double seconds, int threads, long seed) {
        long startNs = System.nanoTime();
        CpSatPeer.load();
        var peer = new CpSatRoadef(problem, initial);
        peer.place();
        for (int machine = 0; machine < problem.machines(); machine++) {
            peer.loads(machine);
        }
        for (int service = 0; service < problem.spreadMin.length; service++) {
            peer.keepApart(service);
            peer.spread(service);
        }
        peer.depend();
        peer.model.minimize(peer.cost);
        double left = seconds - (System.nanoTime() - startNs) / 1e9;
        return left <= 0
                ? null
                : CpSatPeer.solve(peer.model, peer.at, initial, left, threads, seed);
    }

    private void place() {
        IntVar most = model.newIntVar(0, initial.length, "most");
        model.addHint(most, 0);
        for (int process = 0; process < initial.length; process++) {
            int from = initial[process];
            for (int machine = 0; machine < problem.machines(); machine++) {
                at[process][machine] = model.newBoolVar("");
                if (machine != from) {
                    cost.addTerm(
                            at[process][machine],
                            (long) problem.processMoveWeight * problem.moveCost[process]
                                    + (long) problem.machineMoveWeight
                                            * problem.machineMoveCost[from][machine]);
                }
            }
            model.addExactlyOne(at[process]);
        }
        for (List<Integer> processes : processesOf) {
            LinearExprBuilder stays = LinearExpr.newBuilder();
            processes.forEach(process -> stays.add(at[process][initial[process]]));
            stays.add(most);
            model.addGreaterOrEqual(stays, processes.size());
        }
        cost.addTerm(most, problem.serviceMoveWeight);
    }

    private void loads(int machine) {
        var use = new LinearExpr[problem.resources()];
        for (int resource = 0; resource < use.length; resource++) {
            int kind = resource;
            long capacity = problem.capacity[machine][resource];
            var terms = new Literal[initial.length];
            Arrays.setAll(terms, process -> at[process][machine]);
            long[] needs =
                    IntStream.range(0, initial.length)
                            .mapToLong(process -> problem.need[process][kind])
                            .toArray();
            use[resource] = LinearExpr.weightedSum(terms, needs);
            model.addLessOrEqual(use[resource], capacity);
            if (problem.isTransient[resource]) {
                LinearExprBuilder both = LinearExpr.newBuilder();
                for (int process = 0; process < initial.length; process++) {
                    if (initial[process] == machine) {
                        both.add(needs[process]);
                    } else {
                        both.addTerm(terms[process], needs[process]);
                    }
                }
                model.addLessOrEqual(both, capacity);
            }
            long safety = problem.safety[machine][resource];
            if (problem.loadWeight[resource] > 0 && safety < capacity) {
                IntVar above = model.newIntVar(0, capacity - safety, "");
                model.addLessOrEqual(
                        LinearExpr.newBuilder().add(use[resource]).addTerm(above, -1), safety);
                cost.addTerm(above, problem.loadWeight[resource]);
                model.addHint(above, Math.max(0, used(machine, resource) - safety));
            }
        }
        for (int[] balance : problem.balance) {
            long first = problem.capacity[machine][balance[0]];
            long second = problem.capacity[machine][balance[1]];
            IntVar lacking = model.newIntVar(0, Math.max(0, balance[2] * first), "");
            // target · (first − use) − (second − use) ≤ lacking
            model.addLessOrEqual(
                    LinearExpr.newBuilder()
                            .addTerm(use[balance[0]], -balance[2])
                            .addTerm(use[balance[1]], 1)
                            .addTerm(lacking, -1),
                    second - balance[2] * first);
            cost.addTerm(lacking, balance[3]);
            long firstLeft = first - used(machine, balance[0]);
            long secondLeft = second - used(machine, balance[1]);
            model.addHint(lacking, Math.max(0, balance[2] * firstLeft - secondLeft));
        }
    }

    /// What is used at the start.
    private long used(int machine, int resource) {
        long used = 0;
        for (int process = 0; process < initial.length; process++) {
            used += initial[process] == machine ? problem.need[process][resource] : 0;
        }
        return used;
    }

    private void keepApart(int service) {
        List<Integer> processes = processesOf.get(service);
        for (int machine = 0; machine < problem.machines() && processes.size() > 1; machine++) {
            int place = machine;
            model.addAtMostOne(processes.stream().map(p -> at[p][place]).toArray(Literal[]::new));
        }
    }

    private void spread(int service) {
        if (problem.spreadMin[service] > 1 && !processesOf.get(service).isEmpty()) {
            model.addGreaterOrEqual(
                    LinearExpr.sum(presence(service, problem.location)),
                    problem.spreadMin[service]);
        }
    }

    private void depend() {
        var present = new Literal[problem.spreadMin.length][];
        for (int service = 0; service < present.length; service++) {
            for (int other : problem.dependsOn[service]) {
                if (present[other] == null) {
                    present[other] = presence(other, problem.neighbourhood);
                }
                for (int process : processesOf.get(service)) {
                    for (int machine = 0; machine < problem.machines(); machine++) {
                        model.addImplication(
                                at[process][machine],
                                present[other][problem.neighbourhood[machine]]);
                    }
                }
            }
        }
    }

    /// A literal for each area, true only if a process of the service is there.
    private Literal[] presence(int service, int[] areaOf) {
        var present = new Literal[Arrays.stream(areaOf).max().orElse(0) + 1];
        for (int area = 0; area < present.length; area++) {
            present[area] = model.newBoolVar("");
            int here = area;
            model.addHint(
                    present[area],
                    processesOf.get(service).stream()
                            .anyMatch(process -> areaOf[initial[process]] == here));
            LinearExprBuilder sum = LinearExpr.newBuilder().addTerm(present[area], -1);
            for (int process : processesOf.get(service)) {
                for (int machine = 0; machine < areaOf.length; machine++) {
                    if (areaOf[machine] == area) {
                        sum.add(at[process][machine]);
                    }
                }
            }
            model.addGreaterOrEqual(sum, 0);
        }
        return present;
    }
}
