package io.novacron.solver.search.colocation;

import java.util.List;

/// Machines, applications, their instances and rules, in primitive columns; immutable.
///
/// Amounts are whole numbers of millionths, so that sums are exact. CPU and memory of an
/// application are by time; disk and the three counters P, M and PM are single.
public final class ColocationProblem {
    static final int SINGLES = 4; // disk, P, M, PM

    final int times;
    final int machines;
    final int apps;
    final int instances;
    final List<String> machineIds;
    final List<String> instanceIds;
    final int[] cpuCapacity; // by machine
    final int[] memoryCapacity; // by machine
    final long[] singleCapacity; // by machine and single
    final int[] cpu; // by app and time
    final int[] memory; // by app and time
    final long[] single; // by app and single
    final int[] app; // by instance
    final int[] initial; // by instance: machine, or -1
    final int[] ruleFirst; // where this app is on a machine …
    final int[] ruleSecond; // … there may be of this one
    final int[] ruleMost; // so many at most

    ColocationProblem(
            int times,
            List<String> machineIds,
            int[] cpuCapacity,
            int[] memoryCapacity,
            long[] singleCapacity,
            int[] cpu,
            int[] memory,
            long[] single,
            List<String> instanceIds,
            int[] app,
            int[] initial,
            int[] ruleFirst,
            int[] ruleSecond,
            int[] ruleMost) {
        this.times = times;
        this.machineIds = List.copyOf(machineIds);
        this.cpuCapacity = cpuCapacity.clone();
        this.memoryCapacity = memoryCapacity.clone();
        this.singleCapacity = singleCapacity.clone();
        this.cpu = cpu.clone();
        this.memory = memory.clone();
        this.single = single.clone();
        this.instanceIds = List.copyOf(instanceIds);
        this.app = app.clone();
        this.initial = initial.clone();
        this.ruleFirst = ruleFirst.clone();
        this.ruleSecond = ruleSecond.clone();
        this.ruleMost = ruleMost.clone();
        machines = cpuCapacity.length;
        apps = cpu.length / times;
        instances = app.length;
    }

    public int machineCount() {
        return machines;
    }

    public int instanceCount() {
        return instances;
    }
}
