package io.novacron.solver.search.colocation;

import io.novacron.solver.kernel.UsageKernel;
import java.util.Arrays;

/// Where each instance is, with the loads of all machines. One thread's own, unless threads that
/// share one ([#share]) keep to machines of their own, and to the instances on them.
final class ColocationState {
    static final int NOWHERE = -1;
    private static final double STEEPNESS = 10;
    private static final int FIRST_LENGTH = 16;

    final ColocationProblem problem;
    final int[] at; // by instance

    private final int stride;
    private final int length; // of a row of times, with zeros at its end
    private final int seen; // times that the cost looks at
    private final int seenLength; // of a row of those
    private final int[] seenCpu; // by machine and time seen: used
    private final int[] seenDemand; // by app and time seen; the last row is of no app
    private final int[] cpu; // by machine and time: used
    private final int[] cpuDemand; // by app and time; the last row is of no app
    private final int[] memory; // by machine and time: used
    private final int[] memoryDemand; // by app and time; the last row is of no app
    private final int[] cpuPeak; // by machine
    private final int[] memoryPeak; // by machine
    private final int[] appCpuPeak; // by app
    private final int[] appMemoryPeak; // by app
    private final long[] single; // by machine and single: used
    private final int[][] appsOn; // by machine: its apps
    private final int[][] countsOn; // by machine: how many instances of each
    private final long[] appBits; // by machine: bit app mod 64 of each of its apps
    private final int[] appCount; // by machine
    private final int[] instanceCount; // by machine
    private final double[] machineCost;
    private final boolean[] isOpen; // by machine: costs 1 even when there is nothing on it
    private final ApartRules apart;

    private final double costPerGrowth;
    private final UsageKernel kernel = UsageKernel.best();
    private double leftCost; // what the machines of the move judged last would cost
    private double reachedCost;

    /// @param stride the cost looks at every so many-th time; 1 for the whole cost
    ColocationState(ColocationProblem problem, int stride) {
        this.problem = problem;
        this.stride = stride;
        int times = problem.times;
        length = UsageKernel.padded(times);
        cpuDemand = rows(problem.cpu, 1);
        memoryDemand = rows(problem.memory, 1);
        cpu = new int[problem.machines * length];
        memory = new int[problem.machines * length];
        seen = Math.ceilDiv(times, stride);
        seenLength = UsageKernel.padded(seen);
        costPerGrowth = STEEPNESS / UsageKernel.GROWTH_UNITS / seen;
        seenDemand = stride == 1 ? cpuDemand : rows(problem.cpu, stride);
        seenCpu = stride == 1 ? cpu : new int[problem.machines * seenLength];
        at = new int[problem.instances];
        Arrays.fill(at, NOWHERE);
        cpuPeak = new int[problem.machines];
        appCpuPeak = new int[problem.apps];
        memoryPeak = new int[problem.machines];
        appMemoryPeak = new int[problem.apps];
        single = new long[problem.machines * ColocationProblem.SINGLES];
        appsOn = new int[problem.machines][FIRST_LENGTH];
        countsOn = new int[problem.machines][FIRST_LENGTH];
        appBits = new long[problem.machines];
        appCount = new int[problem.machines];
        instanceCount = new int[problem.machines];
        machineCost = new double[problem.machines];
        isOpen = new boolean[problem.machines];
        for (int app = 0; app < problem.apps; app++) {
            for (int time = 0; time < times; time++) {
                appCpuPeak[app] = Math.max(appCpuPeak[app], problem.cpu[app * times + time]);
                appMemoryPeak[app] =
                        Math.max(appMemoryPeak[app], problem.memory[app * times + time]);
            }
        }
        apart = new ApartRules(problem);
    }

    /// Shares everything with another but what a move under judgement needs.
    private ColocationState(ColocationState other) {
        problem = other.problem;
        stride = other.stride;
        length = other.length;
        seen = other.seen;
        seenLength = other.seenLength;
        costPerGrowth = other.costPerGrowth;
        seenCpu = other.seenCpu;
        seenDemand = other.seenDemand;
        cpu = other.cpu;
        cpuDemand = other.cpuDemand;
        memory = other.memory;
        memoryDemand = other.memoryDemand;
        at = other.at;
        cpuPeak = other.cpuPeak;
        memoryPeak = other.memoryPeak;
        appCpuPeak = other.appCpuPeak;
        appMemoryPeak = other.appMemoryPeak;
        single = other.single;
        appsOn = other.appsOn;
        countsOn = other.countsOn;
        appBits = other.appBits;
        appCount = other.appCount;
        instanceCount = other.instanceCount;
        machineCost = other.machineCost;
        isOpen = other.isOpen;
        apart = other.apart;
    }

    ColocationState share() {
        return new ColocationState(this);
    }

    private int[] rows(int[] demand, int stride) {
        int count = Math.ceilDiv(problem.times, stride);
        int rowLength = UsageKernel.padded(count);
        var rows = new int[(problem.apps + 1) * rowLength];
        for (int app = 0; app < problem.apps; app++) {
            for (int index = 0; index < count; index++) {
                rows[app * rowLength + index] = demand[app * problem.times + index * stride];
            }
        }
        return rows;
    }

    /// The cost of all machines; those that are open count even when nothing is on them.
    double cost() {
        double cost = 0;
        for (double of : machineCost) {
            cost += of;
        }
        return cost;
    }

    /// Lets a machine cost 1 at least from now on.
    void open(int machine) {
        isOpen[machine] = true;
        machineCost[machine] = costWith(machine, NOWHERE, NOWHERE);
    }

    boolean isOpen(int machine) {
        return isOpen[machine];
    }

    boolean isUsed(int machine) {
        return instanceCount[machine] > 0;
    }

    double machineCost(int machine) {
        return machineCost[machine];
    }

    /// Whether an instance may come to a machine while another one (or -1) leaves it.
    boolean mayCome(int instance, int leaving, int to) {
        int app = problem.app[instance];
        int leavingApp = leaving < 0 ? NOWHERE : problem.app[leaving];
        if (app == leavingApp) {
            return true;
        }
        for (int index = 0; index < ColocationProblem.SINGLES; index++) {
            long use =
                    single[to * ColocationProblem.SINGLES + index]
                            + problem.single[app * ColocationProblem.SINGLES + index];
            if (leavingApp >= 0) {
                use -= problem.single[leavingApp * ColocationProblem.SINGLES + index];
            }
            if (use > problem.singleCapacity[to * ColocationProblem.SINGLES + index]) {
                return false;
            }
        }
        return keepsApart(app, leavingApp, to)
                && (cpuPeak[to] + appCpuPeak[app] <= problem.cpuCapacity[to]
                        || fits(cpu, cpuDemand, problem.cpuCapacity[to], app, leavingApp, to))
                && (memoryPeak[to] + appMemoryPeak[app] <= problem.memoryCapacity[to]
                        || fits(
                                memory,
                                memoryDemand,
                                problem.memoryCapacity[to],
                                app,
                                leavingApp,
                                to));
    }

    private boolean keepsApart(int app, int leavingApp, int machine) {
        int count = 1 + count(app, machine);
        if (count > apart.most(app)) {
            return false;
        }
        int[] apps = appsOn[machine];
        int[] counts = countsOn[machine];
        for (int index = appCount[machine] - 1; index >= 0; index--) {
            int other = apps[index];
            int otherCount = counts[index] - (other == leavingApp ? 1 : 0);
            if (otherCount > 0 && other != app && !apart.allow(app, count, other, otherCount)) {
                return false;
            }
        }
        return true;
    }

    private int count(int app, int machine) {
        if ((appBits[machine] & (1L << app)) == 0) {
            return 0; // what is said most often, without a look at the list
        }
        int[] apps = appsOn[machine];
        for (int index = appCount[machine] - 1; index >= 0; index--) {
            if (apps[index] == app) {
                return countsOn[machine][index];
            }
        }
        return 0;
    }

    private boolean fits(
            int[] use, int[] demand, int capacity, int app, int leavingApp, int machine) {
        return kernel.highest(
                        use,
                        machine * length,
                        demand,
                        app * length,
                        (leavingApp < 0 ? problem.apps : leavingApp) * length,
                        length)
                <= capacity;
    }

    /// The cost of a machine with an app more and an app less; -1 for none.
    private double costWith(int machine, int added, int removed) {
        int count = instanceCount[machine] + (added < 0 ? 0 : 1) - (removed < 0 ? 0 : 1);
        if (count == 0) {
            return isOpen[machine] ? 1 : 0;
        }
        int capacity = problem.cpuCapacity[machine];
        int growth =
                kernel.growth(
                        seenCpu,
                        machine * seenLength,
                        seenDemand,
                        (added < 0 ? problem.apps : added) * seenLength,
                        (removed < 0 ? problem.apps : removed) * seenLength,
                        seenLength,
                        capacity / 2,
                        1f / capacity);
        return 1 + growth * costPerGrowth;
    }

    /// What a machine's cost would rise by if an instance that is elsewhere came.
    double comingDelta(int instance, int to) {
        reachedCost = costWith(to, problem.app[instance], NOWHERE);
        return reachedCost - machineCost[to];
    }

    /// What the cost of an instance's machine would rise by if it left: at most 0.
    double leavingDelta(int instance) {
        int from = at[instance];
        leftCost = costWith(from, NOWHERE, problem.app[instance]);
        return leftCost - machineCost[from];
    }

    double shiftDelta(int instance, int to) {
        return comingDelta(instance, to) + (at[instance] < 0 ? 0 : leavingDelta(instance));
    }

    /// Carries out the shift that [#comingDelta], and [#leavingDelta] where it has a machine, have
    /// judged last.
    void shift(int instance, int to) {
        int from = at[instance];
        if (from >= 0) {
            take(instance, from);
            machineCost[from] = leftCost;
        }
        put(instance, to);
        machineCost[to] = reachedCost;
    }

    double swapDelta(int first, int second) {
        return swapDelta(first, second, Double.POSITIVE_INFINITY);
    }

    /// @param most what is of interest
    /// @return the delta, or something above `most` where it is above that
    double swapDelta(int first, int second, double most) {
        int firstApp = problem.app[first];
        int secondApp = problem.app[second];
        leftCost = costWith(at[first], secondApp, firstApp);
        double delta = leftCost - machineCost[at[first]];
        double least = delta + 1 - machineCost[at[second]]; // as no machine in use costs less
        if (least > most) {
            return least;
        }
        reachedCost = costWith(at[second], firstApp, secondApp);
        return delta + reachedCost - machineCost[at[second]];
    }

    /// Carries out the swap that [#swapDelta] judged last.
    void swap(int first, int second) {
        int firstAt = at[first];
        int secondAt = at[second];
        take(first, firstAt);
        take(second, secondAt);
        put(first, secondAt);
        put(second, firstAt);
        machineCost[firstAt] = leftCost;
        machineCost[secondAt] = reachedCost;
    }

    private void put(int instance, int machine) {
        int app = problem.app[instance];
        add(app, machine, 1);
        at[instance] = machine;
        instanceCount[machine]++;
        int index = 0;
        while (index < appCount[machine] && appsOn[machine][index] != app) {
            index++;
        }
        if (index == appCount[machine]) {
            if (index == appsOn[machine].length) {
                appsOn[machine] = Arrays.copyOf(appsOn[machine], 2 * index);
                countsOn[machine] = Arrays.copyOf(countsOn[machine], 2 * index);
            }
            appsOn[machine][index] = app;
            countsOn[machine][index] = 0;
            appCount[machine]++;
            appBits[machine] |= 1L << app;
        }
        countsOn[machine][index]++;
    }

    private void take(int instance, int machine) {
        int app = problem.app[instance];
        add(app, machine, -1);
        at[instance] = NOWHERE;
        instanceCount[machine]--;
        int index = 0;
        while (appsOn[machine][index] != app) {
            index++;
        }
        if (--countsOn[machine][index] == 0) {
            int last = --appCount[machine];
            appsOn[machine][index] = appsOn[machine][last];
            countsOn[machine][index] = countsOn[machine][last];
            long bits = 0;
            for (int place = 0; place < last; place++) {
                bits |= 1L << appsOn[machine][place];
            }
            appBits[machine] = bits;
        }
    }

    private void add(int app, int machine, int sign) {
        cpuPeak[machine] = add(cpu, cpuDemand, app, machine, length, sign);
        memoryPeak[machine] = add(memory, memoryDemand, app, machine, length, sign);
        if (stride > 1) {
            add(seenCpu, seenDemand, app, machine, seenLength, sign);
        }
        for (int index = 0; index < ColocationProblem.SINGLES; index++) {
            single[machine * ColocationProblem.SINGLES + index] +=
                    sign * problem.single[app * ColocationProblem.SINGLES + index];
        }
    }

    /// @return the machine's peak
    private static int add(int[] use, int[] demand, int app, int machine, int length, int sign) {
        int row = machine * length;
        int appRow = app * length;
        int highest = 0;
        for (int time = 0; time < length; time++) {
            int amount = use[row + time] + sign * demand[appRow + time];
            use[row + time] = amount;
            highest = Math.max(highest, amount);
        }
        return highest;
    }

    /// Goes to another plan that keeps every rule.
    void goTo(int[] plan) {
        for (int instance = 0; instance < plan.length; instance++) {
            if (at[instance] != plan[instance] && at[instance] >= 0) {
                take(instance, at[instance]);
            }
        }
        for (int instance = 0; instance < plan.length; instance++) {
            if (at[instance] != plan[instance]) {
                put(instance, plan[instance]);
            }
        }
        for (int machine = 0; machine < problem.machines; machine++) {
            machineCost[machine] = costWith(machine, NOWHERE, NOWHERE);
        }
    }
}
