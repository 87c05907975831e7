package io.novacron.solver.search.colocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.novacron.solver.search.SearchLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColocationTest {
    private static final int MILLION = 1_000_000;
    private static final double PRECISION = 1e-4; // of a cost by single-precision series

    @TempDir private Path folder;

    @Property(tries = 200, seed = "20261121")
    void judgesEveryMoveAsARecountDoes(@ForAll long seed) {
        var problem = random(seed);
        var state = new ColocationState(problem, 1);
        var random = new SplittableRandom(seed);
        for (int move = 0; move < 150; move++) {
            int instance = random.nextInt(problem.instances);
            int to = random.nextInt(problem.machines);
            int other = random.nextInt(problem.instances);
            if (state.at[instance] != to) {
                int[] plan = state.at.clone();
                plan[instance] = to;
                boolean may = state.mayCome(instance, -1, to);
                assertThat(may).isEqualTo(ColocationRecount.faults(problem, plan).isEmpty());
                if (may) {
                    double delta = state.shiftDelta(instance, to);
                    double cost = ColocationRecount.cost(problem, plan);
                    assertThat(state.cost() + delta).isCloseTo(cost, within(PRECISION * cost));
                    state.shift(instance, to);
                    assertThat(state.at).isEqualTo(plan);
                }
            }
            int place = state.at[instance];
            int otherPlace = state.at[other];
            if (place >= 0 && otherPlace >= 0 && place != otherPlace) {
                int[] plan = state.at.clone();
                plan[instance] = otherPlace;
                plan[other] = place;
                boolean may =
                        state.mayCome(instance, other, otherPlace)
                                && state.mayCome(other, instance, place);
                assertThat(may).isEqualTo(ColocationRecount.faults(problem, plan).isEmpty());
                if (may) {
                    double delta = state.swapDelta(instance, other);
                    double cost = ColocationRecount.cost(problem, plan);
                    assertThat(state.cost() + delta).isCloseTo(cost, within(PRECISION * cost));
                    state.swap(instance, other);
                    assertThat(state.at).isEqualTo(plan);
                }
            }
        }
    }

    @Property(tries = 30, seed = "20261121")
    void plansKeepEveryRuleAndAreTheSameForTheSameMoves(@ForAll long seed) {
        var problem = random(seed);
        var limit = SearchLimit.ofMoves(50_000, seed, 2);
        var plan = ColocationSearch.search(problem, limit);
        assertThat(ColocationRecount.faults(problem, plan.machineOf())).isEmpty();
        assertThat(ColocationSearch.search(problem, limit).machineOf()).isEqualTo(plan.machineOf());
        var atOnce = ColocationSearch.search(problem, SearchLimit.ofMoves(0, seed, 2));
        assertThat(ColocationRecount.faults(problem, atOnce.machineOf())).isEmpty();
        if (ColocationRecount.placed(plan.machineOf()) == problem.instances) {
            assertThat(ColocationRecount.cost(problem, plan.machineOf()))
                    .isLessThanOrEqualTo(
                            ColocationRecount.cost(problem, atOnce.machineOf()) * (1 + PRECISION));
        }
    }

    @Property(tries = 100, seed = "20261121")
    void noPlanIsBelowTheBound(@ForAll long seed) {
        var problem = random(seed);
        double bound = new MachineCount(problem, 1).bound();
        assertThat(ColocationSearch.search(problem, SearchLimit.ofMoves(0, seed, 1)).lowerBound())
                .isEqualTo(bound);
        var random = new SplittableRandom(seed);
        for (int plan = 0; plan < 50; plan++) { // which may break every rule
            int used = 1 + random.nextInt(problem.machines);
            int[] machineOf = random.ints(problem.instances, 0, used).toArray();
            assertThat(ColocationRecount.cost(problem, machineOf)).isGreaterThan(bound - 1e-9);
        }
    }

    @Test
    void boundIsReachedWhereInstancesFillMachinesEvenly() {
        // 10 CPU: three machines of 8 have 12 that are free, two cost 2 + 2 · 10 · (e^(1/8) − 1)
        var count = new MachineCount(of(new int[] {8, 8, 8, 8}, 20, MILLION / 2), 1);
        assertThat(count.bound()).isCloseTo(3, within(1e-9));
        assertThat(count.machines()).hasSize(3);
        // halves of 16 and 8, above them x = 1 and 1 − ln 2: there more costs as much on either
        double cpu = 24 + 32 + 16 * (1 - Math.log(2));
        count = new MachineCount(of(new int[] {16, 32}, 1, (int) (cpu * MILLION)), 1);
        assertThat(count.bound())
                .isCloseTo(2 + 10 * Math.expm1(1) + 10 * Math.expm1(1 - Math.log(2)), within(1e-6));
        assertThat(count.machines()).containsExactly(1, 0);
    }

    @Test
    void readsTheFourTables() throws IOException {
        write();
        var problem = TianchiFiles.read(folder);
        assertThat(problem.machineCount()).isEqualTo(2);
        assertThat(problem.instanceCount()).isEqualTo(3);
        assertThat(problem.initial).containsExactly(0, -1, 1);
        // one machine at 3 of 4 CPU, then at 2 of 4: half of the time 10·(e^0.25 − 1) more
        int[] plan = {0, 0, -1};
        assertThat(ColocationRecount.cost(problem, plan))
                .isCloseTo(1 + 5 * (Math.exp(0.25) - 1), within(1e-9));
        assertThat(ColocationRecount.faults(problem, plan)).isEmpty();
        assertThat(ColocationRecount.faults(problem, new int[] {0, 0, 0}))
                .singleElement()
                .asString()
                .contains(
                        "m1 has 2 instances of application 0 beside application 1, 1 are allowed");
    }

    @Test
    void namesFileLineAndValueOfAMistake() throws IOException {
        write();
        Files.writeString(folder.resolve("x_instance_deploy.csv"), "i1,a1,m1\ni2,a9,\n");
        assertThatThrownBy(() -> TianchiFiles.read(folder))
                .hasMessageContaining(
                        "x_instance_deploy.csv, line 2: the application a9 is not known");
        write();
        Files.writeString(folder.resolve("x_machine_resources.csv"), "m1,4,8,100,z,9,9\n");
        assertThatThrownBy(() -> TianchiFiles.read(folder))
                .hasMessageContaining("line 1: resource is 'z'; a number is needed");
        Files.delete(folder.resolve("x_machine_resources.csv"));
        assertThatThrownBy(() -> TianchiFiles.read(folder))
                .hasMessageContaining("no file whose name contains machine_resources")
                .hasMessageContaining("Maybe");
    }

    private void write() throws IOException {
        Files.writeString(
                folder.resolve("x_machine_resources.csv"), "m1,4,8,100,9,9,9\nm2,4,8,100,9,9,9\n");
        Files.writeString(
                folder.resolve("x_app_resources.csv"),
                "a1,1.5|1,2|2,10,0,0,0\na2,0.5|0,1|1,10,0,0,1\n");
        Files.writeString(folder.resolve("x_instance_deploy.csv"), "i1,a1,m1\ni2,a1,\ni3,a2,m2\n");
        Files.writeString(folder.resolve("x_app_interference.csv"), "a2,a1,1\n");
    }

    private static ColocationProblem of(int[] machineCpus, int instances, int cpu) {
        int machines = machineCpus.length;
        var singles = new long[machines * ColocationProblem.SINGLES];
        var memory = new int[machines];
        Arrays.fill(memory, MILLION);
        return new ColocationProblem(
                1,
                IntStream.range(0, machines).mapToObj(i -> "m" + i).collect(Collectors.toList()),
                Arrays.stream(machineCpus).map(value -> value * MILLION).toArray(),
                memory,
                singles,
                new int[] {cpu},
                new int[] {0},
                new long[ColocationProblem.SINGLES],
                IntStream.range(0, instances).mapToObj(i -> "i" + i).collect(Collectors.toList()),
                new int[instances],
                new int[instances],
                new int[0],
                new int[0],
                new int[0]);
    }

    private static ColocationProblem random(long seed) {
        var random = new SplittableRandom(seed);
        int times = 1 + random.nextInt(20);
        int machines = 2 + random.nextInt(5);
        int apps = 1 + random.nextInt(80);
        int instances = 1 + random.nextInt(25);
        int rules = random.nextInt(60);
        var initial = new int[instances];
        Arrays.fill(initial, -1);
        return new ColocationProblem(
                times,
                IntStream.range(0, machines).mapToObj(i -> "m" + i).collect(Collectors.toList()),
                amounts(random, machines, 8, 40),
                amounts(random, machines, 8, 40),
                Arrays.stream(amounts(random, machines * ColocationProblem.SINGLES, 5, 30))
                        .asLongStream()
                        .toArray(),
                amounts(random, apps * times, 0, 6),
                amounts(random, apps * times, 0, 6),
                Arrays.stream(amounts(random, apps * ColocationProblem.SINGLES, 0, 6))
                        .asLongStream()
                        .toArray(),
                IntStream.range(0, instances).mapToObj(i -> "i" + i).collect(Collectors.toList()),
                random.ints(instances, 0, apps).toArray(),
                initial,
                random.ints(rules, 0, apps).toArray(),
                random.ints(rules, 0, apps).toArray(),
                random.ints(rules, 0, 2).toArray());
    }

    private static int[] amounts(SplittableRandom random, int length, int from, int to) {
        return random.ints(length, from * MILLION, to * MILLION).toArray();
    }
}
