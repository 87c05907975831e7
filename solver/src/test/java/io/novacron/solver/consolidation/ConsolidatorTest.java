package io.novacron.solver.consolidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ConsolidatorTest {
    private static final int MEMORY = 4_000;
    private static final HostKind SLOW =
            new HostKind(
                    "slow",
                    2,
                    1_000,
                    MEMORY,
                    new PowerCurve(50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100));
    private static final HostKind FAST =
            new HostKind(
                    "fast",
                    2,
                    2_000,
                    MEMORY,
                    new PowerCurve(60, 65, 70, 75, 80, 85, 90, 95, 100, 105, 110));

    private static Estate estate(int hosts, int vms, double mips, int memory) {
        double[] vmMips = new double[vms];
        int[] vmMemory = new int[vms];
        Arrays.fill(vmMips, mips);
        Arrays.fill(vmMemory, memory);
        List<HostKind> kinds = new ArrayList<>();
        for (int host = 0; host < hosts; host++) {
            kinds.add(host % 2 == 0 ? SLOW : FAST);
        }
        return new Estate(kinds, vmMips, vmMemory);
    }

    private static int[] spread(int vms, int hosts) {
        return IntStream.range(0, vms).map(vm -> vm % hosts).toArray();
    }

    private static double[] demands(int vms, double mips) {
        double[] demand = new double[vms];
        Arrays.fill(demand, mips);
        return demand;
    }

    private static void apply(Moves moves, int[] hostOf) {
        for (int move = 0; move < moves.size(); move++) {
            hostOf[moves.vm(move)] = moves.target(move);
        }
    }

    private static long active(int[] hostOf) {
        return Arrays.stream(hostOf).filter(host -> host >= 0).distinct().count();
    }

    @Test
    void theFirstDecisionPacksOntoTheMostEfficientHosts() {
        var estate = estate(20, 20, 1_000, 100);
        var consolidator = new Consolidator(estate, ConsolidationPolicy.DEFAULT, false);
        int[] hostOf = spread(20, 20);
        var moves = new Moves();

        consolidator.decide(demands(20, 300), hostOf, moves);
        apply(moves, hostOf);

        assertThat(active(hostOf)).isLessThanOrEqualTo(3);
        assertThat(Arrays.stream(hostOf)).allMatch(host -> estate.host(host).equals(FAST));
    }

    @Test
    void anOverloadedHostIsRelievedAtOnce() {
        var estate = estate(4, 6, 2_000, 100);
        var consolidator = new Consolidator(estate, ConsolidationPolicy.DEFAULT, false);
        int[] hostOf = {1, 1, 1, 3, 3, 3};
        consolidator.decide(demands(6, 700), hostOf, new Moves());
        var moves = new Moves();

        consolidator.decide(new double[] {1_900, 1_900, 900, 700, 700, 700}, hostOf, moves);
        apply(moves, hostOf);

        assertThat(moves.size()).isPositive();
        double[] demand = {1_900, 1_900, 900, 700, 700, 700};
        for (int host = 0; host < 4; host++) {
            int here = host;
            double load =
                    IntStream.range(0, 6)
                            .filter(vm -> hostOf[vm] == here)
                            .mapToDouble(vm -> demand[vm])
                            .sum();
            assertThat(load).as("host %d", host).isLessThanOrEqualTo(estate.host(host).mips());
        }
    }

    @Test
    void aQuietFleetIsLeftAlone() {
        var estate = estate(20, 20, 1_000, 100);
        var consolidator = new Consolidator(estate, ConsolidationPolicy.DEFAULT, false);
        int[] hostOf = spread(20, 20);
        var moves = new Moves();
        consolidator.decide(demands(20, 300), hostOf, moves);
        apply(moves, hostOf);
        int late = 0;
        for (int step = 0; step < 50; step++) {
            moves.clear();
            consolidator.decide(demands(20, 300), hostOf, moves);
            apply(moves, hostOf);
            late = step < 40 ? 0 : late + moves.size();
        }

        assertThat(late).as("moves once demand is known").isZero();
    }

    @Test
    void hostsAreEmptiedWhenVmsAreGone() {
        var estate = estate(20, 20, 1_000, 100);
        var consolidator = new Consolidator(estate, ConsolidationPolicy.DEFAULT, false);
        int[] hostOf = spread(20, 20);
        var moves = new Moves();
        consolidator.decide(demands(20, 700), hostOf, moves);
        apply(moves, hostOf);
        long before = active(hostOf);
        for (int vm = 0; vm < 14; vm++) {
            hostOf[vm] = Consolidator.GONE;
        }
        for (int step = 0; step < 60; step++) {
            moves.clear();
            consolidator.decide(demands(20, 500), hostOf, moves);
            apply(moves, hostOf);
        }

        assertThat(active(hostOf)).isLessThan(before).isEqualTo(1);
    }

    @Test
    void aVmSoldFasterThanACoreGoesToAFasterHost() {
        var estate = estate(8, 8, 1_900, 900);
        var consolidator = new Consolidator(estate, ConsolidationPolicy.DEFAULT, true);
        int[] hostOf = spread(8, 8);
        var moves = new Moves();

        consolidator.decide(demands(8, 100), hostOf, moves);
        apply(moves, hostOf);

        assertThat(Arrays.stream(hostOf)).allMatch(host -> estate.host(host).equals(FAST));
        assertThat(active(hostOf)).isEqualTo(2);
    }

    @Test
    void badInputIsNamed() {
        var estate = estate(2, 2, 1_000, 100);
        var consolidator = new Consolidator(estate, ConsolidationPolicy.DEFAULT, false);
        var moves = new Moves();

        assertThatThrownBy(
                        () -> consolidator.decide(new double[] {1, Double.NaN}, new int[2], moves))
                .hasMessageContaining("demand[1]=NaN");
        assertThatThrownBy(() -> consolidator.decide(new double[] {1, -1}, new int[2], moves))
                .hasMessageContaining("demand[1]=-1.0");
        assertThatThrownBy(() -> consolidator.decide(new double[2], new int[] {0, 2}, moves))
                .hasMessageContaining("hostOf[1]=2");
        assertThatThrownBy(() -> consolidator.decide(new double[1], new int[2], moves))
                .hasMessageContaining("1 values");
        assertThatThrownBy(() -> new Estate(List.of(SLOW), new double[] {0}, new int[1]))
                .hasMessageContaining("vm 0 has 0.0 MIPS");
        assertThatThrownBy(() -> new PowerCurve(1, 2)).hasMessageContaining("2 values");
        assertThatThrownBy(() -> new HostKind("x", 0, 1, 1, SLOW.power()))
                .hasMessageContaining("cores=0");
    }

    @Test
    void anEmptyEstateHasNothingToMove() {
        var estate = new Estate(List.of(), new double[0], new int[0]);
        var moves = new Moves();

        new Consolidator(estate, ConsolidationPolicy.DEFAULT, false)
                .decide(new double[0], new int[0], moves);

        assertThat(moves.size()).isZero();
    }

    @Test
    void theCurveIsStraightBetweenTenths() {
        var curve = new PowerCurve(50, 60, 80, 80, 80, 80, 80, 80, 80, 80, 100);

        assertThat(curve.watts(0)).isEqualTo(50);
        assertThat(curve.watts(.05)).isEqualTo(55);
        assertThat(curve.watts(.15)).isCloseTo(70, org.assertj.core.api.Assertions.within(1e-9));
        assertThat(curve.watts(1)).isEqualTo(100);
        assertThat(curve.watts(7)).isEqualTo(100);
    }

    /// Random fleets over random days: each plan can be carried out as it stands, and the same day
    /// gives the same plans.
    @Property(tries = 30)
    void plansAreLegalAndRepeatable(@ForAll long seed, @ForAll boolean memoryCounts) {
        List<String> first = day(seed, memoryCounts);

        assertThat(day(seed, memoryCounts)).isEqualTo(first);
    }

    private static List<String> day(long seed, boolean memoryCounts) {
        var random = new SplittableRandom(seed);
        int hosts = 4 + random.nextInt(12);
        int vms = 1 + random.nextInt(hosts * 2);
        double[] mips = new double[vms];
        int[] memory = new int[vms];
        for (int vm = 0; vm < vms; vm++) {
            mips[vm] = 500 + random.nextInt(1_500);
            memory[vm] = 200 + random.nextInt(1_800);
        }
        List<HostKind> kinds = new ArrayList<>();
        for (int host = 0; host < hosts; host++) {
            kinds.add(random.nextBoolean() ? SLOW : FAST);
        }
        var estate = new Estate(kinds, mips, memory);
        var consolidator = new Consolidator(estate, ConsolidationPolicy.DEFAULT, memoryCounts);
        int[] hostOf = spread(vms, hosts);
        int[] movesOf = new int[vms];
        List<String> log = new ArrayList<>();
        for (int step = 0; step < 40; step++) {
            double[] demand = new double[vms];
            for (int vm = 0; vm < vms; vm++) {
                demand[vm] = random.nextDouble() * random.nextDouble() * mips[vm];
                if (random.nextInt(200) == 0) {
                    hostOf[vm] = Consolidator.GONE;
                }
            }
            var moves = new Moves();
            consolidator.decide(demand, hostOf, moves);
            checkPlan(estate, memoryCounts, hostOf, moves, movesOf);
            for (int move = 0; move < moves.size(); move++) {
                log.add(step + ":" + moves.vm(move) + ">" + moves.target(move));
            }
            apply(moves, hostOf);
        }
        return log;
    }

    private static void checkPlan(
            Estate estate, boolean memoryCounts, int[] hostOf, Moves moves, int[] movesOf) {
        boolean[] moved = new boolean[estate.vms()];
        long[] memory = new long[estate.hosts()];
        for (int vm = 0; vm < hostOf.length; vm++) {
            if (hostOf[vm] != Consolidator.GONE) {
                memory[hostOf[vm]] += estate.vmMemory(vm);
            }
        }
        for (int move = 0; move < moves.size(); move++) {
            int vm = moves.vm(move);
            int target = moves.target(move);
            assertThat(hostOf[vm]).as("a vm that is gone stays gone").isNotEqualTo(-1);
            assertThat(moved[vm]).as("a vm moves once in a decision").isFalse();
            assertThat(target).isNotEqualTo(hostOf[vm]).isBetween(0, estate.hosts() - 1);
            moved[vm] = true;
            movesOf[vm]++;
            memory[target] += estate.vmMemory(vm); // the source frees it when all is done
            if (memoryCounts) {
                assertThat(memory[target]).isLessThanOrEqualTo(estate.host(target).memory());
                assertThat(movesOf[vm]).isEqualTo(1);
            }
        }
    }
}
