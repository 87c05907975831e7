package io.novacron.perf.solvers.timefold;

import ai.timefold.solver.core.api.score.HardMediumSoftScore;
import io.novacron.perf.solvers.RoadefModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Hard: what exceeds capacities (with transient use), processes of a service on one machine,
/// locations that a service lacks, processes without one they depend on. Soft: the cost.
public final class RoadefTally implements Tally {
    private final RoadefModel model;
    private final int[] initial;
    private final int resources;
    private final int neighbourhoods;
    private final int locations;
    private final int[][] dependants; // by service: services that depend on it
    private final int[] size; // by service: its processes
    private long[][] use; // by machine and resource
    private long[][] everUse; // with what moved away, where that counts
    private int[][] onMachine; // by service and machine
    private int[][] inNeighbourhood; // by service and neighbourhood
    private int[][] inLocation; // by service and location
    private int[] spread; // by service: locations
    private int[] moved; // by service
    private int[] movedServices; // how many services have so many moved processes
    private int mostMoved;
    private long hard;
    private long cost;

    public RoadefTally(RoadefModel model, int[] initial) {
        this.model = model;
        this.initial = initial.clone();
        resources = model.resources();
        neighbourhoods = Arrays.stream(model.neighbourhood).max().orElse(0) + 1;
        locations = Arrays.stream(model.location).max().orElse(0) + 1;
        List<List<Integer>> lists = new ArrayList<>();
        for (int service = 0; service < model.spreadMin.length; service++) {
            lists.add(new ArrayList<>());
        }
        for (int service = 0; service < model.spreadMin.length; service++) {
            for (int other : model.dependsOn[service]) {
                lists.get(other).add(service);
            }
        }
        dependants =
                lists.stream()
                        .map(list -> list.stream().mapToInt(service -> service).toArray())
                        .toArray(int[][]::new);
        size = new int[model.spreadMin.length];
        for (int service : model.service) {
            size[service]++;
        }
        use = new long[0][];
        everUse = use;
        onMachine = new int[0][];
        inNeighbourhood = onMachine;
        inLocation = onMachine;
        spread = new int[0];
        moved = spread;
        movedServices = spread;
        clear();
    }

    @Override
    public void clear() {
        int services = model.spreadMin.length;
        use = new long[model.machines()][resources];
        everUse = new long[model.machines()][resources];
        onMachine = new int[services][model.machines()];
        inNeighbourhood = new int[services][neighbourhoods];
        inLocation = new int[services][locations];
        spread = new int[services];
        moved = new int[services];
        movedServices = new int[model.service.length + 1];
        movedServices[0] = services;
        mostMoved = 0;
        hard = 0;
        cost = 0;
        for (int process = 0; process < initial.length; process++) {
            for (int resource = 0; resource < resources; resource++) {
                if (model.isTransient[resource]) {
                    everUse[initial[process]][resource] += model.need[process][resource];
                }
            }
        }
        for (int machine = 0; machine < model.machines(); machine++) {
            count(machine, 1);
        }
        for (int service = 0; service < services; service++) {
            hard += lacking(service);
        }
    }

    @Override
    public void add(int item, int place) {
        change(item, place, 1);
    }

    @Override
    public void remove(int item, int place) {
        change(item, place, -1);
    }

    private void change(int process, int machine, int sign) {
        int service = model.service[process];
        boolean isMoved = machine != initial[process];
        count(machine, -1);
        for (int resource = 0; resource < resources; resource++) {
            long amount = sign * (long) model.need[process][resource];
            use[machine][resource] += amount;
            if (isMoved || !model.isTransient[resource]) {
                everUse[machine][resource] += amount;
            }
        }
        count(machine, 1);
        if (isMoved) {
            cost += sign * (long) model.processMoveWeight * model.moveCost[process];
            cost +=
                    sign
                            * (long) model.machineMoveWeight
                            * model.machineMoveCost[initial[process]][machine];
            countMoved(service, sign);
        }
        int there = onMachine[service][machine];
        onMachine[service][machine] = there + sign;
        hard += Math.max(0, there + sign - 1) - Math.max(0, there - 1);
        spreadOver(service, model.location[machine], sign);
        int near = model.neighbourhood[machine];
        hard -= lonely(service, near);
        inNeighbourhood[service][near] += sign;
        hard += lonely(service, near);
    }

    private void spreadOver(int service, int location, int sign) {
        hard -= lacking(service);
        int count = inLocation[service][location] + sign;
        inLocation[service][location] = count;
        if (sign > 0 && count == 1) {
            spread[service]++;
        } else if (sign < 0 && count == 0) {
            spread[service]--;
        }
        hard += lacking(service);
    }

    private int lacking(int service) {
        return size[service] == 0 ? 0 : Math.max(0, model.spreadMin[service] - spread[service]);
    }

    /// Processes of this service, or of those that depend on it, that lack another here.
    private long lonely(int service, int neighbourhood) {
        int own = inNeighbourhood[service][neighbourhood];
        long lonely = 0;
        for (int other : model.dependsOn[service]) {
            lonely += inNeighbourhood[other][neighbourhood] == 0 ? own : 0;
        }
        if (own == 0) {
            for (int other : dependants[service]) {
                lonely += inNeighbourhood[other][neighbourhood];
            }
        }
        return lonely;
    }

    private void countMoved(int service, int sign) {
        movedServices[moved[service]]--;
        moved[service] += sign;
        movedServices[moved[service]]++;
        mostMoved = Math.max(mostMoved, moved[service]);
        while (mostMoved > 0 && movedServices[mostMoved] == 0) {
            mostMoved--;
        }
    }

    private void count(int machine, int sign) {
        for (int resource = 0; resource < resources; resource++) {
            long used = use[machine][resource];
            long above = Math.max(used, everUse[machine][resource]);
            hard += sign * Math.max(0, above - model.capacity[machine][resource]);
            cost +=
                    sign
                            * model.loadWeight[resource]
                            * Math.max(0, used - model.safety[machine][resource]);
        }
        for (int[] balance : model.balance) {
            long first = model.capacity[machine][balance[0]] - use[machine][balance[0]];
            long second = model.capacity[machine][balance[1]] - use[machine][balance[1]];
            cost += sign * balance[3] * Math.max(0, balance[2] * first - second);
        }
    }

    @Override
    public HardMediumSoftScore score() {
        return HardMediumSoftScore.of(-hard, 0, -cost - (long) model.serviceMoveWeight * mostMoved);
    }
}
