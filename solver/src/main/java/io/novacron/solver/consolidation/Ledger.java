package io.novacron.solver.consolidation;

import java.util.Arrays;

/// What each host holds while a decision is made: loads as they will be after the planned moves,
/// memory as it will be *during* them, for a vm that moves takes its memory on both hosts.
final class Ledger {
    static final int GONE = -1;

    private final Estate estate;
    private final boolean memoryCounts;
    private final DemandStatistics statistics;

    private final int[] startedAt;
    final int[] hostOf;
    final boolean[] movedNow;

    /// By vm: what it asks for at this moment.
    final double[] demand;

    final double[] asked;
    final double[] mean;
    final double[] variance;
    final int[] count;
    final int[] memory;

    Ledger(Estate estate, boolean memoryCounts, DemandStatistics statistics) {
        this.estate = estate;
        this.memoryCounts = memoryCounts;
        this.statistics = statistics;
        startedAt = new int[estate.vms()];
        hostOf = new int[estate.vms()];
        movedNow = new boolean[estate.vms()];
        demand = new double[estate.vms()];
        asked = new double[estate.hosts()];
        mean = new double[estate.hosts()];
        variance = new double[estate.hosts()];
        count = new int[estate.hosts()];
        memory = new int[estate.hosts()];
    }

    void begin(double[] demands, int[] placement) {
        System.arraycopy(placement, 0, startedAt, 0, placement.length);
        System.arraycopy(placement, 0, hostOf, 0, placement.length);
        System.arraycopy(demands, 0, demand, 0, demands.length);
        Arrays.fill(movedNow, false);
        recount();
    }

    private void recount() {
        Arrays.fill(asked, 0);
        Arrays.fill(mean, 0);
        Arrays.fill(variance, 0);
        Arrays.fill(count, 0);
        Arrays.fill(memory, 0);
        for (int vm = 0; vm < hostOf.length; vm++) {
            if (hostOf[vm] != GONE) {
                book(vm, hostOf[vm], 1);
                memory[startedAt[vm]] += estate.vmMemory(vm);
                if (movedNow[vm]) {
                    memory[hostOf[vm]] += estate.vmMemory(vm);
                }
            }
        }
    }

    private void book(int vm, int host, int sign) {
        asked[host] += sign * Math.min(demand[vm], estate.host(host).coreMips());
        mean[host] += sign * statistics.mean[vm];
        variance[host] += sign * statistics.variance[vm];
        count[host] += sign;
    }

    void move(int vm, int target, Moves moves) {
        book(vm, hostOf[vm], -1);
        book(vm, target, 1);
        memory[target] += estate.vmMemory(vm);
        hostOf[vm] = target;
        movedNow[vm] = true;
        moves.add(vm, target);
    }

    /// Takes back all moves from `size` on. A vm moves at most once in a decision.
    void undo(Moves moves, int size) {
        for (int move = size; move < moves.size(); move++) {
            int vm = moves.vm(move);
            hostOf[vm] = startedAt[vm];
            movedNow[vm] = false;
        }
        moves.truncate(size);
        recount();
    }

    /// Whether a host has room for a vm at this moment: for what it asks, and for its memory.
    boolean fits(int vm, int host) {
        var kind = estate.host(host);
        return asked[host] + demand[vm] <= kind.mips()
                && demand[vm] <= kind.coreMips()
                && (!memoryCounts || memory[host] + estate.vmMemory(vm) <= kind.memory());
    }

    double excess(int host) {
        return Math.max(0, asked[host] - estate.host(host).mips());
    }

    double overflow(int host) {
        return Overflow.expected(estate.host(host).mips(), mean[host], variance[host]);
    }

    double overflowWith(int host, int vm) {
        return Overflow.expected(
                estate.host(host).mips(),
                mean[host] + statistics.mean[vm],
                variance[host] + statistics.variance[vm]);
    }

    double overflowWithout(int host, int vm) {
        return Overflow.expected(
                estate.host(host).mips(),
                mean[host] - statistics.mean[vm],
                variance[host] - statistics.variance[vm]);
    }

    /// How full a host would be with a vm: mean and one standard deviation, less capacity, as a
    /// share of capacity.
    double levelWith(int host, int vm) {
        double capacity = estate.host(host).mips();
        double deviation = Math.sqrt(Math.max(1, variance[host] + statistics.variance[vm]));
        return (mean[host] + statistics.mean[vm] + deviation - capacity) / capacity;
    }

    double overflowShare() {
        double overflow = 0;
        double total = 0;
        for (int host = 0; host < count.length; host++) {
            if (count[host] > 0) {
                overflow += overflow(host);
                total += mean[host];
            }
        }
        return total > 0 ? overflow / total : 0;
    }

    int activeHosts() {
        int active = 0;
        for (int vms : count) {
            active += vms > 0 ? 1 : 0;
        }
        return active;
    }
}
