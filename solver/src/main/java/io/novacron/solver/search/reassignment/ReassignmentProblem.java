package io.novacron.solver.search.reassignment;

import io.novacron.solver.Mistakes;
import java.util.Arrays;

/// A machine reassignment problem in primitive columns; immutable once built.
///
/// A table by two keys is one array, the second key running fastest: `capacity[machine * resources
/// + resource]`. Amounts and costs are whole numbers in [0, 2^31); sums are 64-bit. Definition: the
///   ROADEF/EURO challenge 2012, in short in [ReassignmentRecount].
public final class ReassignmentProblem {
    final int resources;
    final int machines;
    final int services;
    final int processes;
    final int balances;
    final boolean[] isTransient; // by resource
    final int[] loadWeight; // by resource
    final int[] neighbourhood; // by machine
    final int[] location; // by machine
    final int[] capacity; // by machine and resource
    final int[] safety; // by machine and resource
    final int[] machineMoveCost; // by machine left and machine reached
    final int[] spreadMin; // by service
    final int[][] dependsOn; // by service: services
    final int[] service; // by process
    final int[] need; // by process and resource
    final int[] moveCost; // by process
    final int[] balanceFirst; // by balance: resource
    final int[] balanceSecond; // by balance: resource
    final int[] balanceTarget; // by balance
    final int[] balanceWeight; // by balance
    final int processMoveWeight;
    final int serviceMoveWeight;
    final int machineMoveWeight;
    final int neighbourhoods;
    final int locations;

    private ReassignmentProblem(Builder builder) {
        isTransient = builder.isTransient.clone();
        loadWeight = builder.loadWeight.clone();
        neighbourhood = builder.neighbourhood.clone();
        location = builder.location.clone();
        capacity = builder.capacity.clone();
        safety = builder.safety.clone();
        machineMoveCost = builder.machineMoveCost.clone();
        spreadMin = builder.spreadMin.clone();
        dependsOn = Arrays.stream(builder.dependsOn).map(int[]::clone).toArray(int[][]::new);
        service = builder.service.clone();
        need = builder.need.clone();
        moveCost = builder.moveCost.clone();
        balanceFirst = builder.balanceFirst.clone();
        balanceSecond = builder.balanceSecond.clone();
        balanceTarget = builder.balanceTarget.clone();
        balanceWeight = builder.balanceWeight.clone();
        processMoveWeight = builder.processMoveWeight;
        serviceMoveWeight = builder.serviceMoveWeight;
        machineMoveWeight = builder.machineMoveWeight;
        resources = loadWeight.length;
        machines = location.length;
        services = spreadMin.length;
        processes = service.length;
        balances = balanceTarget.length;
        neighbourhoods = Arrays.stream(neighbourhood).max().orElse(-1) + 1;
        locations = Arrays.stream(location).max().orElse(-1) + 1;
    }

    /// The same problem with its processes in another order.
    ReassignmentProblem inOrder(int[] order) {
        var builder = new Builder();
        builder.resources(isTransient, loadWeight)
                .machines(neighbourhood, location, capacity, safety, machineMoveCost)
                .services(spreadMin, dependsOn)
                .balances(balanceFirst, balanceSecond, balanceTarget, balanceWeight)
                .moveWeights(processMoveWeight, serviceMoveWeight, machineMoveWeight);
        var orderedService = new int[processes];
        var orderedNeed = new int[need.length];
        var orderedMoveCost = new int[processes];
        for (int place = 0; place < processes; place++) {
            int process = order[place];
            orderedService[place] = service[process];
            orderedMoveCost[place] = moveCost[process];
            System.arraycopy(need, process * resources, orderedNeed, place * resources, resources);
        }
        return new ReassignmentProblem(
                builder.processes(orderedService, orderedNeed, orderedMoveCost));
    }

    public int machineCount() {
        return machines;
    }

    public int processCount() {
        return processes;
    }

    public int resourceCount() {
        return resources;
    }

    public int serviceCount() {
        return services;
    }

    /// Collects the columns of a problem; [#build] checks them all and names every mistake.
    public static final class Builder {
        private static final int[] NONE = {};

        private boolean[] isTransient = {};
        private int[] loadWeight = NONE;
        private int[] neighbourhood = NONE;
        private int[] location = NONE;
        private int[] capacity = NONE;
        private int[] safety = NONE;
        private int[] machineMoveCost = NONE;
        private int[] spreadMin = NONE;
        private int[][] dependsOn = {};
        private int[] service = NONE;
        private int[] need = NONE;
        private int[] moveCost = NONE;
        private int[] balanceFirst = NONE;
        private int[] balanceSecond = NONE;
        private int[] balanceTarget = NONE;
        private int[] balanceWeight = NONE;
        private int processMoveWeight;
        private int serviceMoveWeight;
        private int machineMoveWeight;

        /// @param isTransient by resource: a moved process also keeps its amount on the machine it
        ///   left
        /// @param loadWeight by resource: cost of one unit above a safety capacity
        public Builder resources(boolean[] isTransient, int[] loadWeight) {
            this.isTransient = isTransient;
            this.loadWeight = loadWeight;
            return this;
        }

        /// @param capacity by machine and resource, as is `safety`
        /// @param moveCost by machine left and machine reached
        public Builder machines(
                int[] neighbourhood, int[] location, int[] capacity, int[] safety, int[] moveCost) {
            this.neighbourhood = neighbourhood;
            this.location = location;
            this.capacity = capacity;
            this.safety = safety;
            this.machineMoveCost = moveCost;
            return this;
        }

        /// @param spreadMin by service: the least number of locations
        /// @param dependsOn by service: the services it needs in its neighbourhoods
        public Builder services(int[] spreadMin, int[][] dependsOn) {
            this.spreadMin = spreadMin;
            this.dependsOn = dependsOn;
            return this;
        }

        /// @param need by process and resource
        /// @param moveCost by process
        public Builder processes(int[] service, int[] need, int[] moveCost) {
            this.service = service;
            this.need = need;
            this.moveCost = moveCost;
            return this;
        }

        /// Of each machine's room a unit of `first` should go with `target` units of `second`.
        public Builder balances(int[] first, int[] second, int[] target, int[] weight) {
            this.balanceFirst = first;
            this.balanceSecond = second;
            this.balanceTarget = target;
            this.balanceWeight = weight;
            return this;
        }

        public Builder moveWeights(int process, int service, int machine) {
            this.processMoveWeight = process;
            this.serviceMoveWeight = service;
            this.machineMoveWeight = machine;
            return this;
        }

        /// @throws io.novacron.solver.InvalidInputException naming every mistake
        public ReassignmentProblem build() {
            var mistakes = new Mistakes("reassignment problem");
            int machineCount = location.length;
            int resourceCount = loadWeight.length;
            int serviceCount = spreadMin.length;
            mistakes.check(machineCount > 0, "there are no machines; at least one is needed");
            lengths(mistakes, machineCount, resourceCount, serviceCount);
            mistakes.throwIfAny();
            range(mistakes, "load weight of resource", loadWeight, Integer.MAX_VALUE);
            range(mistakes, "neighbourhood of machine", neighbourhood, machineCount);
            range(mistakes, "location of machine", location, machineCount);
            range(mistakes, "capacity at index", capacity, Integer.MAX_VALUE);
            range(mistakes, "safety capacity at index", safety, Integer.MAX_VALUE);
            range(mistakes, "machine move cost at index", machineMoveCost, Integer.MAX_VALUE);
            range(mistakes, "least spread of service", spreadMin, Integer.MAX_VALUE);
            range(mistakes, "service of process", service, serviceCount);
            range(mistakes, "need at index", need, Integer.MAX_VALUE);
            range(mistakes, "move cost of process", moveCost, Integer.MAX_VALUE);
            range(mistakes, "first resource of balance", balanceFirst, resourceCount);
            range(mistakes, "second resource of balance", balanceSecond, resourceCount);
            range(mistakes, "target of balance", balanceTarget, Integer.MAX_VALUE);
            range(mistakes, "weight of balance", balanceWeight, Integer.MAX_VALUE);
            for (int index = 0; index < serviceCount; index++) {
                range(
                        mistakes,
                        "dependency of service %d, at".formatted(index),
                        dependsOn[index],
                        serviceCount);
            }
            int[] weights = {processMoveWeight, serviceMoveWeight, machineMoveWeight};
            range(mistakes, "move weight (process, service, machine)", weights, Integer.MAX_VALUE);
            mistakes.throwIfAny();
            return new ReassignmentProblem(this);
        }

        private void lengths(
                Mistakes mistakes, int machineCount, int resourceCount, int serviceCount) {
            length(mistakes, "transient flags", isTransient.length, resourceCount);
            length(mistakes, "neighbourhoods", neighbourhood.length, machineCount);
            length(mistakes, "capacities", capacity.length, machineCount * resourceCount);
            length(mistakes, "safety capacities", safety.length, machineCount * resourceCount);
            length(
                    mistakes,
                    "machine move costs",
                    machineMoveCost.length,
                    machineCount * machineCount);
            length(mistakes, "dependency lists", dependsOn.length, serviceCount);
            length(mistakes, "needs", need.length, service.length * resourceCount);
            length(mistakes, "process move costs", moveCost.length, service.length);
            length(mistakes, "first resources", balanceFirst.length, balanceTarget.length);
            length(mistakes, "second resources", balanceSecond.length, balanceTarget.length);
            length(mistakes, "balance weights", balanceWeight.length, balanceTarget.length);
        }

        private static void length(Mistakes mistakes, String name, int length, int right) {
            mistakes.check(length == right, "%s: there are %d, %d are needed", name, length, right);
        }

        private static void range(Mistakes mistakes, String name, int[] values, int end) {
            for (int index = 0; index < values.length; index++) {
                boolean isRight = values[index] >= 0 && values[index] < end;
                if (!isRight) {
                    mistakes.check(
                            isRight,
                            "%s %d is %d, not in [0, %d)",
                            name,
                            index,
                            values[index],
                            end);
                }
            }
        }
    }
}
