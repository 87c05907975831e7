package io.novacron.solver.consolidation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Packs a fleet that is spread over all hosts onto few, when the first demand is known.
///
/// Hosts are ranked by what they draw for what they will carry: at full load where CPU is what runs
/// out, at the average load where memory is. Vms that need a faster core than the cheapest hosts
/// have are packed first, on the fastest; then all others. In each phase the least number of hosts
/// is opened for which everything fits and the expected overflow stays within the policy. Vms
/// already on an open host stay.
final class FirstPacking {
    private static final int STEPS = 500; // of the hosts open, how many more are tried at once

    private final Estate estate;
    private final ConsolidationPolicy policy;
    private final boolean memoryCounts;
    private final DemandStatistics statistics;
    private final Ledger ledger;

    private final double[] price;
    private final int[] waste;
    private final int[] misplaced;
    private final double fastestCore;
    private int cheapest;

    FirstPacking(
            Estate estate,
            ConsolidationPolicy policy,
            boolean memoryCounts,
            DemandStatistics statistics,
            Ledger ledger) {
        this.estate = estate;
        this.policy = policy;
        this.memoryCounts = memoryCounts;
        this.statistics = statistics;
        this.ledger = ledger;
        price = new double[estate.hosts()];
        waste = new int[estate.hosts()];
        misplaced = new int[estate.hosts()];
        fastestCore =
                IntStream.range(0, estate.hosts())
                        .mapToDouble(host -> estate.host(host).coreMips())
                        .max()
                        .orElse(0);
    }

    void pack(Moves moves) {
        setPrices();
        if (memoryCounts) {
            setWaste();
        }
        Integer[] order = order();
        double[] held = ledger.mean.clone();
        boolean[] open = new boolean[estate.hosts()];
        Comparator<Integer> byContent =
                Comparator.<Integer>comparingInt(host -> waste[host])
                        .thenComparingDouble(host -> -held[host]);
        Comparator<Integer> byPrice = Comparator.comparingDouble(host -> price[host]);
        Integer[] fast =
                hosts(
                        kind -> kind.coreMips() == fastestCore,
                        byPrice.thenComparingInt(host -> misplaced[host]).thenComparing(byContent));
        Integer[] all = hosts(kind -> true, byPrice.thenComparing(byContent));
        openLeast(fast, order, open, true, moves);
        openLeast(all, order, open, false, moves);
    }

    private Integer[] hosts(
            java.util.function.Predicate<HostKind> which, Comparator<Integer> order) {
        return IntStream.range(0, estate.hosts())
                .filter(host -> which.test(estate.host(host)))
                .boxed()
                .sorted(order)
                .toArray(Integer[]::new);
    }

    private void setPrices() {
        double demand = Arrays.stream(ledger.mean).sum();
        long memory = Arrays.stream(ledger.memory).asLongStream().sum();
        for (int host = 0; host < price.length; host++) {
            var kind = estate.host(host);
            if (memoryCounts) {
                double hostsNeeded = Math.max(1, (double) memory / kind.memory());
                price[host] = kind.power().watts(demand / hostsNeeded / kind.mips());
            } else {
                price[host] = kind.power().watts(1) / kind.mips();
            }
            if (price[host] < price[cheapest]) {
                cheapest = host;
            }
        }
    }

    /// Memory that no mix of vms can fill, by host, given what it holds.
    private void setWaste() {
        int[] sizes =
                IntStream.range(0, estate.vms())
                        .filter(vm -> ledger.hostOf[vm] != Ledger.GONE)
                        .map(estate::vmMemory)
                        .filter(size -> size > 0)
                        .distinct()
                        .toArray();
        int largest = 0;
        for (int host = 0; host < waste.length; host++) {
            largest = Math.max(largest, estate.host(host).memory());
        }
        boolean[] isSum = new boolean[largest + 1];
        isSum[0] = true;
        int[] unfilled = new int[largest + 1];
        for (int memory = 1; memory <= largest; memory++) {
            for (int size : sizes) {
                isSum[memory] |= memory >= size && isSum[memory - size];
            }
            unfilled[memory] = isSum[memory] ? 0 : unfilled[memory - 1] + 1;
        }
        for (int host = 0; host < waste.length; host++) {
            waste[host] = unfilled[Math.max(0, estate.host(host).memory() - ledger.memory[host])];
        }
        for (int vm = 0; vm < estate.vms(); vm++) {
            if (ledger.hostOf[vm] != Ledger.GONE && isFastEnough(cheapest, vm)) {
                misplaced[ledger.hostOf[vm]] += estate.vmMemory(vm);
            }
        }
    }

    private Integer[] order() {
        Comparator<Integer> byLoad =
                Comparator.comparingDouble(vm -> -(statistics.mean[vm] + statistics.deviation(vm)));
        Comparator<Integer> byMemory = Comparator.comparingInt(vm -> -estate.vmMemory(vm));
        return IntStream.range(0, estate.vms())
                .filter(vm -> ledger.hostOf[vm] != Ledger.GONE)
                .boxed()
                .sorted(memoryCounts ? byMemory.thenComparing(byLoad) : byLoad)
                .toArray(Integer[]::new);
    }

    private void openLeast(
            Integer[] ranked, Integer[] order, boolean[] open, boolean onlyFast, Moves moves) {
        int before = moves.size();
        int next = 0;
        if (!onlyFast) {
            double lacking = shortage(open); // fewer hosts cannot do
            for (; next < ranked.length && lacking > 0; next++) {
                lacking -= open[ranked[next]] ? 0 : size(ranked[next]);
                open[ranked[next]] = true;
            }
        }
        while (!tryPack(order, open, onlyFast, moves)) {
            ledger.undo(moves, before);
            int opened = 0;
            for (; opened < Math.max(1, next / STEPS) && next < ranked.length; next++) {
                if (!open[ranked[next]]) {
                    open[ranked[next]] = true;
                    opened++;
                }
            }
            if (opened == 0) {
                return; // all that may be open are: who is left stays where it is
            }
        }
    }

    /// What open hosts lack for all there is, whatever the packing: of memory where that counts,
    /// else of CPU.
    private double shortage(boolean[] open) {
        double shortage = memoryCounts ? memoryOfAll() : Arrays.stream(ledger.mean).sum();
        for (int host = 0; host < open.length; host++) {
            shortage -= open[host] ? size(host) : 0;
        }
        return shortage;
    }

    private double memoryOfAll() {
        return IntStream.range(0, estate.vms())
                .filter(vm -> ledger.hostOf[vm] != Ledger.GONE)
                .mapToLong(estate::vmMemory)
                .sum();
    }

    private double size(int host) {
        return memoryCounts ? estate.host(host).memory() : estate.host(host).mips();
    }

    private boolean tryPack(Integer[] order, boolean[] open, boolean onlyFast, Moves moves) {
        for (int vm : order) {
            int source = ledger.hostOf[vm];
            boolean stays =
                    ledger.movedNow[vm]
                            || (open[source] && isFastEnough(source, vm))
                            || (onlyFast && isFastEnough(cheapest, vm));
            if (!stays) {
                int target = leastFull(vm, open, onlyFast);
                if (target < 0) {
                    return false;
                }
                ledger.move(vm, target, moves);
            }
        }
        return ledger.overflowShare() <= policy.packOverflow();
    }

    private int leastFull(int vm, boolean[] open, boolean onlyFast) {
        int found = -1;
        double least = Double.MAX_VALUE;
        for (int host = 0; host < open.length; host++) {
            boolean isCandidate =
                    open[host]
                            && (!onlyFast || estate.host(host).coreMips() == fastestCore)
                            && isFastEnough(host, vm)
                            && ledger.fits(vm, host);
            if (isCandidate) {
                double level = ledger.levelWith(host, vm);
                if (level < least) {
                    least = level;
                    found = host;
                }
            }
        }
        return found;
    }

    private boolean isFastEnough(int host, int vm) {
        double core = estate.host(host).coreMips();
        double sold = estate.vmMips(vm);
        if (sold <= core || core == fastestCore) {
            return true;
        }
        double atMost = statistics.mean[vm] + policy.toleranceSigmas() * statistics.deviation(vm);
        return sold <= core * (1 + policy.tolerance()) && atMost <= core;
    }
}
