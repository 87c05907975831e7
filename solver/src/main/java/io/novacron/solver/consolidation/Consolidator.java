package io.novacron.solver.consolidation;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Decides, once an interval, which vms move: packs the fleet the first time, then relieves hosts
/// that are overloaded, opens one when all are too full, and empties one when there is room.
///
/// Who moves is chosen by two things: what goes unserved until it has moved, and the change in
/// expected overflow afterwards, on both hosts. Moves are earned (a number per active host and
/// interval) and saved up to a limit, so a bad hour cannot spend the day's. A vm moves once in a
/// decision at most.
///
/// Belongs to one thread. The same calls give the same moves.
public final class Consolidator {
    /// The host of a vm that no longer exists.
    public static final int GONE = Ledger.GONE;

    private static final double MIGRATION_MB_PER_SECOND = 62.5; // half of 1 Gbit/s
    private static final double INTERVAL_SECONDS = 300;
    private static final double MIGRATION_LOSS = 0.1; // of what a vm asks for, while it moves
    private static final double STAYS_SHORT = 10; // what a relief leaves over counts so many times

    private final Estate estate;
    private final ConsolidationPolicy policy;
    private final boolean memoryCounts;
    private final DemandStatistics statistics;
    private final Ledger ledger;
    private final int[] movesOf;
    private boolean isPacked;
    private double earned;

    /// @param memoryCounts whether a host's memory limits what it can hold; else only its CPU does
    public Consolidator(Estate estate, ConsolidationPolicy policy, boolean memoryCounts) {
        this.estate = estate;
        this.policy = policy;
        this.memoryCounts = memoryCounts;
        statistics = new DemandStatistics(estate, policy);
        ledger = new Ledger(estate, memoryCounts, statistics);
        movesOf = new int[estate.vms()];
    }

    /// Adds the moves of this interval to `moves`, in the order in which they should start.
    ///
    /// @param demand by vm, what it asks for now in MIPS
    /// @param hostOf by vm, where it is now, or [#GONE]
    public void decide(double[] demand, int[] hostOf, Moves moves) {
        check(demand, hostOf);
        for (int vm = 0; vm < hostOf.length; vm++) {
            if (hostOf[vm] != GONE) {
                statistics.add(vm, demand[vm]);
            }
        }
        ledger.begin(demand, hostOf);
        int before = moves.size();
        if (isPacked) {
            earned =
                    Math.min(
                            policy.movesKept(),
                            earned + policy.movesPerHost() * ledger.activeHosts());
            if (!memoryCounts) {
                grow(moves);
            }
            relieve(moves);
            if (!memoryCounts) {
                shrink(moves);
            }
        } else {
            new FirstPacking(estate, policy, memoryCounts, statistics, ledger).pack(moves);
            isPacked = true;
            earned = policy.movesKept() / 2;
        }
        for (int move = before; move < moves.size(); move++) {
            movesOf[moves.vm(move)]++;
        }
    }

    private void check(double[] demand, int[] hostOf) {
        if (demand.length != estate.vms() || hostOf.length != estate.vms()) {
            throw new IllegalArgumentException(
                    "demand has %d values and hostOf has %d, and the estate has %d vms"
                            .formatted(demand.length, hostOf.length, estate.vms()));
        }
        for (int vm = 0; vm < hostOf.length; vm++) {
            if (hostOf[vm] < GONE || hostOf[vm] >= estate.hosts()) {
                throw new IllegalArgumentException(
                        "hostOf[%d]=%d must be a host in [0, %d) or -1 for a vm that is gone"
                                .formatted(vm, hostOf[vm], estate.hosts()));
            }
            if (hostOf[vm] != GONE && !(demand[vm] >= 0 && Double.isFinite(demand[vm]))) {
                throw new IllegalArgumentException(
                        "demand[%d]=%s must be finite and not negative".formatted(vm, demand[vm]));
            }
        }
    }

    private boolean mayMove(int vm) {
        return ledger.hostOf[vm] != GONE
                && !ledger.movedNow[vm]
                && (!memoryCounts || movesOf[vm] < policy.movesPerVm());
    }

    private void relieve(Moves moves) {
        boolean[] isHopeless = new boolean[estate.hosts()];
        while (earned >= 1 || memoryCounts) {
            int worst = -1;
            for (int host = 0; host < isHopeless.length; host++) {
                if (!isHopeless[host]
                        && ledger.excess(host) > 0
                        && (worst < 0 || ledger.excess(host) > ledger.excess(worst))) {
                    worst = host;
                }
            }
            if (worst < 0) {
                return;
            }
            isHopeless[worst] = !relieve(worst, moves);
        }
    }

    private boolean relieve(int source, Moves moves) {
        int bestVm = -1;
        int bestTarget = -1;
        double least = Double.MAX_VALUE;
        double excess = ledger.excess(source);
        double before = ledger.overflow(source);
        int largest = -1;
        for (int vm = 0; vm < estate.vms(); vm++) {
            if (ledger.hostOf[vm] != source || !mayMove(vm) || ledger.demand[vm] <= 0) {
                continue;
            }
            if (largest < 0 || ledger.demand[vm] > ledger.demand[largest]) {
                largest = vm;
            }
            double seconds = estate.vmMemory(vm) / MIGRATION_MB_PER_SECOND;
            double until =
                    (excess + MIGRATION_LOSS * ledger.demand[vm]) * seconds / INTERVAL_SECONDS;
            double left = Math.max(0, excess - ledger.demand[vm]) * STAYS_SHORT;
            double here = ledger.overflowWithout(source, vm) - before;
            for (int target = 0; target < estate.hosts(); target++) {
                if (target == source || ledger.count[target] == 0 || !ledger.fits(vm, target)) {
                    continue;
                }
                double there = ledger.overflowWith(target, vm) - ledger.overflow(target);
                double cost = until + left + policy.horizon() * (here + there);
                if (cost < least) {
                    least = cost;
                    bestVm = vm;
                    bestTarget = target;
                }
            }
        }
        if (bestVm < 0) {
            bestVm = largest;
            bestTarget = largest < 0 ? -1 : closedHost(largest);
        }
        if (bestTarget < 0) {
            return false;
        }
        move(bestVm, bestTarget, moves);
        return true;
    }

    private void move(int vm, int target, Moves moves) {
        ledger.move(vm, target, moves);
        earned--;
    }

    /// The most efficient host that holds nothing and can take a vm, or -1.
    private int closedHost(int vm) {
        int found = -1;
        for (int host = 0; host < estate.hosts(); host++) {
            if (ledger.count[host] == 0
                    && (vm < 0 || ledger.fits(vm, host))
                    && (found < 0 || wattsPerMips(host) < wattsPerMips(found))) {
                found = host;
            }
        }
        return found;
    }

    private double wattsPerMips(int host) {
        return estate.host(host).power().watts(1) / estate.host(host).mips();
    }

    /// Opens a host when those that are on are too full for what is expected, and takes over what
    /// lowers the expected overflow most.
    private void grow(Moves moves) {
        if (earned < 0 || ledger.overflowShare() <= policy.growOverflow()) {
            return;
        }
        int opened = closedHost(-1);
        if (opened < 0) {
            return;
        }
        double level =
                policy.fill() * Arrays.stream(ledger.mean).sum() / (ledger.activeHosts() + 1);
        while (ledger.mean[opened] < level && earned > -policy.movesOwed()) {
            int best = -1;
            double most = 0;
            for (int vm = 0; vm < estate.vms(); vm++) {
                if (!mayMove(vm) || ledger.hostOf[vm] == opened || !ledger.fits(vm, opened)) {
                    continue;
                }
                int source = ledger.hostOf[vm];
                double gain =
                        policy.horizon()
                                        * (ledger.overflow(source)
                                                - ledger.overflowWithout(source, vm))
                                + Math.min(ledger.excess(source), ledger.demand[vm]);
                if (gain > most) {
                    most = gain;
                    best = vm;
                }
            }
            if (best < 0) {
                return;
            }
            move(best, opened, moves);
        }
    }

    /// Empties the host with the fewest vms, if all find room and little overflow is to be expected
    /// afterwards.
    private void shrink(Moves moves) {
        int source = -1;
        for (int host = 0; host < estate.hosts(); host++) {
            if (ledger.count[host] > 0
                    && (source < 0 || ledger.count[host] < ledger.count[source])) {
                source = host;
            }
        }
        if (source < 0
                || ledger.count[source] > earned
                || ledger.overflowShare() > policy.shrinkOverflow()) {
            return;
        }
        int before = moves.size();
        double earnedBefore = earned;
        if (!empty(source, moves) || ledger.overflowShare() > policy.shrinkOverflow()) {
            ledger.undo(moves, before);
            earned = earnedBefore;
        }
    }

    private boolean empty(int source, Moves moves) {
        Integer[] leaving =
                IntStream.range(0, estate.vms())
                        .filter(vm -> ledger.hostOf[vm] == source)
                        .boxed()
                        .sorted((left, right) -> Double.compare(size(right), size(left)))
                        .toArray(Integer[]::new);
        for (int vm : leaving) {
            int found = mayMove(vm) ? leastOverflow(vm, source) : -1;
            if (found < 0) {
                return false;
            }
            move(vm, found, moves);
        }
        return true;
    }

    private double size(int vm) {
        return Math.max(ledger.demand[vm], statistics.mean[vm]);
    }

    private int leastOverflow(int vm, int source) {
        int found = -1;
        double least = Double.MAX_VALUE;
        for (int host = 0; host < estate.hosts(); host++) {
            if (host != source && ledger.count[host] > 0 && ledger.fits(vm, host)) {
                double added = ledger.overflowWith(host, vm) - ledger.overflow(host);
                if (added < least) {
                    least = added;
                    found = host;
                }
            }
        }
        return found;
    }
}
