package io.novacron.solver.search.colocation;

import java.util.Arrays;

/// Where each instance is, with the loads of all machines. One thread's own.
final class ColocationState {
    static final int NOWHERE = -1;
    private static final float STEEPNESS = 10;
    private static final int FIRST_LENGTH = 16;

    final ColocationProblem problem;
    final int[] at; // by instance

    private final int times;
    private final int seen; // times that the cost looks at
    private final int[] seenCpu; // by machine and time seen: used
    private final int[] seenDemand; // by app and time seen
    private final int[] cpu; // by machine and time: used
    private final int[] memory; // by machine and time: used
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
    private final int[][] limitsOthers; // by app: {other, most} pairs
    private final int[][] limitedBy; // by app: {other, most} pairs
    private final int[] most; // by app: instances on one machine
    private double cost;

    private final int[] busy; // room to work in, by time
    private final float[] grown; // exp(x) − 1 by its series, to 10^-6 in [0, 0.5]

    private double leftCost; // what the machines of the move judged last would cost
    private double reachedCost;

    /// @param stride the cost looks at every so many-th time; 1 for the whole cost
    ColocationState(ColocationProblem problem, int stride) {
        this.problem = problem;
        times = problem.times;
        seen = Math.ceilDiv(times, stride);
        seenCpu = new int[problem.machines * seen];
        seenDemand = new int[problem.apps * seen];
        for (int app = 0; app < problem.apps; app++) {
            for (int index = 0; index < seen; index++) {
                seenDemand[app * seen + index] = problem.cpu[app * times + index * stride];
            }
        }
        busy = new int[seen];
        grown = new float[seen];
        at = new int[problem.instances];
        Arrays.fill(at, NOWHERE);
        cpu = new int[problem.machines * times];
        memory = new int[problem.machines * times];
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
        for (int app = 0; app < problem.apps; app++) {
            for (int time = 0; time < times; time++) {
                appCpuPeak[app] = Math.max(appCpuPeak[app], problem.cpu[app * times + time]);
                appMemoryPeak[app] =
                        Math.max(appMemoryPeak[app], problem.memory[app * times + time]);
            }
        }
        most = new int[problem.apps];
        Arrays.fill(most, Integer.MAX_VALUE);
        limitsOthers = pairs(problem.ruleFirst, problem.ruleSecond);
        limitedBy = pairs(problem.ruleSecond, problem.ruleFirst);
    }

    private int[][] pairs(int[] keys, int[] others) {
        var pairs = new int[problem.apps][0];
        for (int rule = 0; rule < keys.length; rule++) {
            int app = keys[rule];
            if (app == others[rule]) {
                most[app] = Math.min(most[app], problem.ruleMost[rule] + 1);
            } else {
                int length = pairs[app].length;
                pairs[app] = Arrays.copyOf(pairs[app], length + 2);
                pairs[app][length] = others[rule];
                pairs[app][length + 1] = problem.ruleMost[rule];
            }
        }
        return pairs;
    }

    double cost() {
        return cost;
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
                        || fits(cpu, problem.cpu, problem.cpuCapacity[to], app, leavingApp, to))
                && (memoryPeak[to] + appMemoryPeak[app] <= problem.memoryCapacity[to]
                        || fits(
                                memory,
                                problem.memory,
                                problem.memoryCapacity[to],
                                app,
                                leavingApp,
                                to));
    }

    private boolean keepsApart(int app, int leavingApp, int machine) {
        int count = count(app, machine) + 1;
        if (count > most[app]) {
            return false;
        }
        int[] limits = limitsOthers[app];
        for (int index = 0; index < limits.length; index += 2) {
            int other = limits[index];
            int there = count(other, machine) - (other == leavingApp ? 1 : 0);
            if (there > limits[index + 1]) {
                return false;
            }
        }
        limits = limitedBy[app];
        for (int index = 0; index < limits.length; index += 2) {
            int other = limits[index];
            if (count > limits[index + 1]
                    && count(other, machine) - (other == leavingApp ? 1 : 0) > 0) {
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
        int row = machine * times;
        int appRow = app * times;
        int highest = 0;
        if (leavingApp < 0) {
            for (int time = 0; time < times; time++) {
                highest = Math.max(highest, use[row + time] + demand[appRow + time]);
            }
        } else {
            int leavingRow = leavingApp * times;
            for (int time = 0; time < times; time++) {
                highest =
                        Math.max(
                                highest,
                                use[row + time]
                                        + demand[appRow + time]
                                        - demand[leavingRow + time]);
            }
        }
        return highest <= capacity;
    }

    /// The cost of a machine with an app more and an app less; -1 for none.
    private double costWith(int machine, int added, int removed) {
        int count = instanceCount[machine] + (added < 0 ? 0 : 1) - (removed < 0 ? 0 : 1);
        if (count == 0) {
            return 0;
        }
        int row = machine * seen;
        int half = problem.cpuCapacity[machine] / 2;
        float perUnit = 1f / problem.cpuCapacity[machine];
        int[] demand = seenDemand;
        // in steps that the compiler makes vectors of: a float sum would keep it from that
        if (added >= 0 && removed >= 0) {
            int addedRow = added * seen;
            int removedRow = removed * seen;
            for (int time = 0; time < seen; time++) {
                busy[time] =
                        seenCpu[row + time] + demand[addedRow + time] - demand[removedRow + time];
            }
        } else if (added >= 0) {
            int addedRow = added * seen;
            for (int time = 0; time < seen; time++) {
                busy[time] = seenCpu[row + time] + demand[addedRow + time];
            }
        } else if (removed >= 0) {
            int removedRow = removed * seen;
            for (int time = 0; time < seen; time++) {
                busy[time] = seenCpu[row + time] - demand[removedRow + time];
            }
        } else {
            System.arraycopy(seenCpu, row, busy, 0, seen);
        }
        int highest = 0;
        for (int time = 0; time < seen; time++) {
            highest = Math.max(highest, busy[time]);
        }
        if (highest <= half) {
            return 1;
        }
        for (int time = 0; time < seen; time++) {
            float x = Math.max(0, busy[time] - half) * perUnit;
            grown[time] = x * (1 + x * (1 / 2f + x * (1 / 6f + x * (1 / 24f + x * (1 / 120f)))));
        }
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        int time = 0;
        for (; time + 3 < seen; time += 4) {
            sum0 += grown[time];
            sum1 += grown[time + 1];
            sum2 += grown[time + 2];
            sum3 += grown[time + 3];
        }
        for (; time < seen; time++) {
            sum0 += grown[time];
        }
        return 1 + (double) STEEPNESS * (sum0 + sum1 + sum2 + sum3) / seen;
    }

    double shiftDelta(int instance, int to) {
        int app = problem.app[instance];
        int from = at[instance];
        reachedCost = costWith(to, app, NOWHERE);
        double delta = reachedCost - machineCost[to];
        if (from >= 0) {
            leftCost = costWith(from, NOWHERE, app);
            delta += leftCost - machineCost[from];
        }
        return delta;
    }

    /// Carries out the shift that [#shiftDelta] judged last.
    void shift(int instance, int to, double delta) {
        int from = at[instance];
        if (from >= 0) {
            take(instance, from);
            machineCost[from] = leftCost;
        }
        put(instance, to);
        machineCost[to] = reachedCost;
        cost += delta;
    }

    double swapDelta(int first, int second) {
        int firstApp = problem.app[first];
        int secondApp = problem.app[second];
        leftCost = costWith(at[first], secondApp, firstApp);
        reachedCost = costWith(at[second], firstApp, secondApp);
        return leftCost + reachedCost - machineCost[at[first]] - machineCost[at[second]];
    }

    /// Carries out the swap that [#swapDelta] judged last.
    void swap(int first, int second, double delta) {
        int firstAt = at[first];
        int secondAt = at[second];
        take(first, firstAt);
        take(second, secondAt);
        put(first, secondAt);
        put(second, firstAt);
        machineCost[firstAt] = leftCost;
        machineCost[secondAt] = reachedCost;
        cost += delta;
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
        int row = machine * times;
        int appRow = app * times;
        int highestCpu = 0;
        for (int time = 0; time < times; time++) {
            int use = cpu[row + time] + sign * problem.cpu[appRow + time];
            cpu[row + time] = use;
            highestCpu = Math.max(highestCpu, use);
        }
        for (int index = 0; index < seen; index++) {
            seenCpu[machine * seen + index] += sign * seenDemand[app * seen + index];
        }
        int highestMemory = 0;
        for (int time = 0; time < times; time++) {
            int use = memory[row + time] + sign * problem.memory[appRow + time];
            memory[row + time] = use;
            highestMemory = Math.max(highestMemory, use);
        }
        cpuPeak[machine] = highestCpu;
        memoryPeak[machine] = highestMemory;
        for (int index = 0; index < ColocationProblem.SINGLES; index++) {
            single[machine * ColocationProblem.SINGLES + index] +=
                    sign * problem.single[app * ColocationProblem.SINGLES + index];
        }
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
        cost = 0;
        for (int machine = 0; machine < problem.machines; machine++) {
            machineCost[machine] = costWith(machine, NOWHERE, NOWHERE);
            cost += machineCost[machine];
        }
    }
}
