package io.novacron.perf.consolidation;

import io.novacron.solver.consolidation.Estate;
import java.util.Arrays;
import java.util.stream.IntStream;

/// What no policy can get below: the energy of the demand itself, from the first decision to the
/// last.
///
/// - CPU alone: all demand at the least watts per MIPS that any host reaches at any load.
/// - Hard memory: the least number of hosts that can hold all vms are on all the time, each drawing
///   at least the tangent of the cheapest host's curve: its idle power plus a slope per MIPS.
///
/// The demand of a vm that is destroyed counts until then.
final class EnergyBound {
    private static final double JOULES_PER_KWH = 3_600_000;
    private static final int TENTHS = 10;
    private static final int DIVISORS = 30;

    private EnergyBound() {}

    static double kwh(DayTrace trace, Estate estate, Mode mode) {
        boolean[] gone = new boolean[estate.vms()];
        double mipsSeconds = 0;
        double seconds = 0;
        double now = 0.1;
        for (int step = 1; step < DayTrace.STEPS - 1; step++) {
            now += DayTrace.STEP_SECONDS;
            for (int vm = 0; vm < gone.length; vm++) {
                double share = gone[vm] ? 0 : trace.utilisation(vm, now);
                gone[vm] |= share == 0 && !mode.keepsVms();
                mipsSeconds += share * estate.vmMips(vm) * DayTrace.STEP_SECONDS;
            }
            seconds += DayTrace.STEP_SECONDS;
        }
        double joules =
                mode.hardMemory()
                        ? heldJoules(estate, seconds, mipsSeconds)
                        : mipsSeconds * leastWattsPerMips(estate);
        return joules / JOULES_PER_KWH;
    }

    private static double leastWattsPerMips(Estate estate) {
        double least = Double.MAX_VALUE;
        for (int host = 0; host < estate.hosts(); host++) {
            var kind = estate.host(host);
            for (int tenth = 1; tenth <= TENTHS; tenth++) {
                double load = (double) tenth / TENTHS;
                least = Math.min(least, kind.power().watts(load) / (load * kind.mips()));
            }
        }
        return least;
    }

    /// The line under all curves that starts at the least idle power: every host draws at least
    /// `idle + slope × MIPS`.
    private static double heldJoules(Estate estate, double seconds, double mipsSeconds) {
        double idle =
                IntStream.range(0, estate.hosts())
                        .mapToDouble(host -> estate.host(host).power().watts(0))
                        .min()
                        .orElse(0);
        double slope = Double.MAX_VALUE;
        for (int host = 0; host < estate.hosts(); host++) {
            var kind = estate.host(host);
            for (int tenth = 1; tenth <= TENTHS; tenth++) {
                double load = (double) tenth / TENTHS;
                slope = Math.min(slope, (kind.power().watts(load) - idle) / (load * kind.mips()));
            }
        }
        return leastHosts(estate) * idle * seconds + slope * mipsSeconds;
    }

    /// Least number of hosts by memory: the best of the dual feasible functions `floor((k + 1) x) /
    /// k` of Fekete and Schepers, `x` a vm's share of a host's memory.
    static int leastHosts(Estate estate) {
        int capacity =
                IntStream.range(0, estate.hosts())
                        .map(host -> estate.host(host).memory())
                        .max()
                        .orElse(0);
        int[] memory = IntStream.range(0, estate.vms()).map(estate::vmMemory).toArray();
        long total = Arrays.stream(memory).asLongStream().sum();
        long most = Math.ceilDiv(total, capacity);
        for (int k = 1; k <= DIVISORS; k++) {
            long units = 0; // k times capacity each is one host, so that whole shares stay whole
            for (int vm : memory) {
                long scaled = (long) (k + 1) * vm;
                units += scaled % capacity == 0 ? (long) k * vm : scaled / capacity * capacity;
            }
            most = Math.max(most, Math.ceilDiv(units, (long) k * capacity));
        }
        return (int) most;
    }
}
