package io.novacron.solver.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.solver.FleetProblem;
import io.novacron.solver.FleetProblemBuilder;
import io.novacron.solver.Horizon;
import io.novacron.solver.Rejection;
import io.novacron.solver.Resource;
import io.novacron.solver.WorkLimit;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WavePlannerTest {
    private static final long GIB = 1L << 30;
    private static final int HOST_GIB = 16;
    private static final WaveLimits LIMITS = new WaveLimits(2, 8);

    @Property(tries = 1_000, seed = "20261121")
    void everyStepOfEveryPlanIsSoundThereAndBack(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        FleetProblem problem = random(random);
        int[] target = IntStream.range(0, problem.vmCount()).map(problem::hostOf).toArray();
        for (int vm = 0; vm < target.length; vm++) {
            if (random.nextInt(3) > 0) {
                target[vm] = random.nextInt(problem.hostCount());
            }
        }
        var limits = new WaveLimits(1 + random.nextInt(3), 1 + random.nextInt(6));
        WavePlan plan = WavePlanner.plan(problem, target, limits);

        assertThat(WavePlanner.plan(problem, target, limits)).as("the same again").isEqualTo(plan);
        assertThat(WaveCheck.faults(problem, limits, plan)).isEmpty();
        for (int stop = 0; stop <= plan.waves().size(); stop++) {
            assertThat(WaveCheck.undoFaults(problem, limits, plan, stop)).isEmpty();
        }
        int[] end = WaveCheck.hostsAfter(problem, plan, plan.waves().size());
        for (WavePlan.Left left : plan.left()) {
            assertThat(end[left.vm()]).isEqualTo(problem.hostOf(left.vm()));
            assertThat(left.reason()).contains(problem.vmId(left.vm()));
            target[left.vm()] = end[left.vm()];
        }
        assertThat(end).isEqualTo(target);
    }

    @Property(tries = 300, seed = "20261121")
    void findsAnOrderForAnyCirclesOfFullHostsWithOneFreeHost(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        int circles = 1 + random.nextInt(3);
        int length = 2 + random.nextInt(4);
        int perHost = 1 + random.nextInt(3);
        var builder = builder(circles * length + 1);
        var target = new int[circles * length * perHost];
        int vm = 0;
        for (int circle = 0; circle < circles; circle++) {
            for (int place = 0; place < length; place++) {
                for (int count = 0; count < perHost; count++) {
                    addVm(builder, "v" + vm, circle * length + place, HOST_GIB / perHost);
                    target[vm++] = circle * length + (place + 1) % length;
                }
            }
        }
        FleetProblem problem = builder.build();
        WavePlan plan = WavePlanner.plan(problem, target, LIMITS);

        assertThat(plan.left()).isEmpty();
        assertThat(WaveCheck.faults(problem, LIMITS, plan)).isEmpty();
        assertThat(WaveCheck.hostsAfter(problem, plan, plan.waves().size())).isEqualTo(target);
        long detours =
                plan.waves().stream().flatMap(List::stream).filter(Relocation::temporary).count();
        assertThat(detours)
                .as("one vm out of each circle suffices")
                .isBetween(1L, (long) target.length / 2);
    }

    @Property(tries = 300, seed = "20261121")
    void reachesWhatCanBeReachedByMovesOneByOne(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        int hosts = 2 + random.nextInt(3);
        int vms = 1 + random.nextInt(6);
        var builder = builder(hosts);
        var target = new int[vms];
        for (int vm = 0; vm < vms; vm++) {
            addVm(builder, "v" + vm, random.nextInt(hosts), 2 + random.nextInt(6));
            target[vm] = random.nextInt(hosts);
        }
        FleetProblem problem = builder.build();
        boolean canReach = canReach(problem, target, 0, new boolean[1 << vms]);
        WavePlan plan = WavePlanner.plan(problem, target, LIMITS);
        if (canReach) {
            assertThat(plan.left()).isEmpty();
        }
        assertThat(WaveCheck.faults(problem, LIMITS, plan)).isEmpty();
    }

    @Test
    void makesRoomBeforeItIsTaken() {
        var builder = builder(3);
        addVm(builder, "v0", 0, 10);
        addVm(builder, "v1", 1, 10);
        WavePlan plan = WavePlanner.plan(builder.build(), new int[] {1, 2}, LIMITS);
        assertThat(plan.waves())
                .containsExactly(
                        List.of(new Relocation(1, 1, 2, false)),
                        List.of(new Relocation(0, 0, 1, false)));
        assertThat(plan.undo().waves())
                .containsExactly(
                        List.of(new Relocation(0, 1, 0, false)),
                        List.of(new Relocation(1, 2, 1, false)));
        assertThat(plan.undo(1).waves()).containsExactly(List.of(new Relocation(1, 2, 1, false)));
        assertThat(plan.undo(0).waves()).isEmpty();
    }

    @Test
    void movesAtMostSoManyOfAHostAtATime() {
        var builder = builder(2);
        for (int vm = 0; vm < 5; vm++) {
            addVm(builder, "v" + vm, 0, 2);
        }
        WavePlan plan = WavePlanner.plan(builder.build(), new int[] {1, 1, 1, 1, 1}, LIMITS);
        assertThat(plan.waves().stream().map(List::size)).containsExactly(2, 2, 1);
        plan = WavePlanner.plan(builder.build(), new int[] {1, 1, 1, 1, 1}, new WaveLimits(9, 3));
        assertThat(plan.waves().stream().map(List::size)).containsExactly(3, 2);
    }

    @Test
    void keepsAnAffinityGroupTogether() {
        var builder = builder(2);
        addVm(builder, "v0", 0, 2);
        addVm(builder, "v1", 0, 2);
        addVm(builder, "v2", 0, 2);
        FleetProblem problem = builder.affinity("trio", "v0", "v1", "v2").build();
        int[] target = {1, 1, 1};
        var limits = new WaveLimits(3, 8);
        assertThat(WavePlanner.plan(problem, target, limits).waves()).hasSize(1);
        WavePlan tight = WavePlanner.plan(problem, target, LIMITS);
        assertThat(tight.waves()).isEmpty();
        assertThat(tight.left())
                .hasSize(3)
                .allSatisfy(left -> {
                    assertThat(left.rejection()).isEqualTo(Rejection.AFFINITY);
                    assertThat(left.reason()).contains("would be split on the way. Maybe allow");
                });
    }

    @Test
    void namesWhatCannotMoveAndMovesTheRest() {
        var builder = builder(4);
        addVm(builder, "a", 0, 16);
        addVm(builder, "b", 1, 16);
        addVm(builder, "c", 2, 4);
        addVm(builder, "d", 2, 4);
        addVm(builder, "e", 3, 14);
        builder.pin("d", "h2");
        WavePlan plan = WavePlanner.plan(builder.build(), new int[] {1, 0, 2, 3, 3}, LIMITS);
        assertThat(plan.waves()).isEmpty();
        assertThat(plan.isComplete()).isFalse();
        assertThat(plan.left().stream().map(WavePlan.Left::reason))
                .containsExactly(
                        "vm a stays on host h0: host h1 has no room for it before others leave, and"
                                + " none can",
                        "vm b stays on host h1: host h0 has no room for it before others leave, and"
                                + " none can",
                        "vm d stays on host h2: it is pinned to host h2");
    }

    @Test
    void leavesEverythingWithoutWorkToDoIt() {
        var builder = builder(2);
        addVm(builder, "a", 0, 2);
        WavePlan plan =
                WavePlanner.plan(builder.build(), new int[] {1}, LIMITS, WorkLimit.ofMoves(0, 0));
        assertThat(plan.waves()).isEmpty();
        assertThat(plan.left())
                .singleElement()
                .satisfies(left -> assertThat(left.reason()).contains("limit of work"));
    }

    @Test
    void refusesATargetOfAnotherFleet() {
        var builder = builder(2);
        addVm(builder, "a", 0, 2);
        FleetProblem problem = builder.build();
        assertThatThrownBy(() -> WavePlanner.plan(problem, new int[] {2}, LIMITS))
                .hasMessageContaining("vm a should be on host 2, which is not in [0, 2). Maybe");
        assertThatThrownBy(() -> WavePlanner.plan(problem, new int[0], LIMITS))
                .hasMessageContaining("there are 0 hosts for 1 vms");
        assertThatThrownBy(() -> new WaveLimits(0, 0))
                .hasMessageContaining("movesPerHost=0")
                .hasMessageContaining("movesPerWave=0");
        assertThat(WavePlanner.plan(problem, new int[] {0}, LIMITS).waves()).isEmpty();
    }

    @Test
    void checkFindsFaults() {
        var builder = builder(2);
        addVm(builder, "a", 0, 16);
        addVm(builder, "b", 1, 16);
        FleetProblem problem = builder.antiAffinity("apart", "a", "b").build();
        var swap =
                new WavePlan(
                        List.of(
                                List.of(
                                        new Relocation(0, 0, 1, false),
                                        new Relocation(1, 1, 0, false))),
                        List.of());
        assertThat(WaveCheck.faults(problem, LIMITS, swap))
                .anySatisfy(fault -> assertThat(fault).contains("belong apart"))
                .anySatisfy(fault -> assertThat(fault).contains("host h1 holds"));
        assertThat(WaveCheck.faults(problem, new WaveLimits(1, 1), swap))
                .anySatisfy(fault -> assertThat(fault).contains("2 moves at once on host h0"))
                .anySatisfy(fault -> assertThat(fault).contains("a wave has 2 moves"));
    }

    /// Whether all vms can reach their targets, one at a time, straight.
    private static boolean canReach(FleetProblem problem, int[] target, int moved, boolean[] seen) {
        int all = (1 << target.length) - 1;
        if (moved == all) {
            return true;
        }
        if (seen[moved]) {
            return false;
        }
        seen[moved] = true;
        for (int vm = 0; vm < target.length; vm++) {
            if ((moved >> vm & 1) == 0) {
                double held = 0;
                for (int other = 0; other < target.length; other++) {
                    boolean hasMoved = (moved >> other & 1) == 1;
                    int host = hasMoved ? target[other] : problem.hostOf(other);
                    held +=
                            host == target[vm] && other != vm
                                    ? problem.size(problem.memoryIndex(), other)
                                    : 0;
                }
                boolean fits =
                        target[vm] == problem.hostOf(vm)
                                || held + problem.size(problem.memoryIndex(), vm)
                                        <= HOST_GIB * (double) GIB;
                if (fits && canReach(problem, target, moved | 1 << vm, seen)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static FleetProblemBuilder builder(int hosts) {
        var builder =
                FleetProblem.builder(
                        Horizon.ofQuantiles(6, 0.9, 0.5, 0.9), Resource.CPU, Resource.MEMORY);
        for (int host = 0; host < hosts; host++) {
            builder.host("h" + host)
                    .capacity(Resource.CPU, 64)
                    .capacity(Resource.MEMORY, HOST_GIB * (double) GIB)
                    .safetyLevel(Resource.MEMORY, 1);
        }
        return builder;
    }

    private static FleetProblemBuilder.Vm addVm(
            FleetProblemBuilder builder, String id, int host, int gib) {
        return builder.vm(id).on("h" + host).vcpus(1, 1).memoryBytes(gib * GIB, gib * GIB);
    }

    /// With rules of all kinds, some broken from the start, and hosts that are too full.
    private static FleetProblem random(SplittableRandom random) {
        int hosts = 2 + random.nextInt(6);
        int vms = 1 + random.nextInt(24);
        var builder = builder(hosts);
        for (int vm = 0; vm < vms; vm++) {
            var added = addVm(builder, "v" + vm, random.nextInt(hosts), 1 + random.nextInt(8));
            float cpu = random.nextInt(30);
            added.demand(Resource.CPU, cpu / 2, cpu);
            added.labels(random.nextInt(15) == 0 ? FleetProblem.OPT_OUT_LABEL : "any");
        }
        for (int group = 0; group * 4 + 3 < vms; group++) {
            String[] members =
                    IntStream.range(group * 4, group * 4 + 2 + random.nextInt(2))
                            .mapToObj(vm -> "v" + vm)
                            .toArray(String[]::new);
            if (random.nextBoolean()) {
                builder.affinity("a" + group, members);
            } else {
                builder.antiAffinity("x" + group, members);
            }
            String last = "v" + (group * 4 + 3);
            if (random.nextInt(4) == 0) {
                builder.pin(last, "h" + random.nextInt(hosts));
            } else if (random.nextInt(3) == 0) {
                builder.forbid(last, "h" + random.nextInt(hosts));
            }
        }
        if (random.nextInt(6) == 0) {
            builder.host("h" + hosts)
                    .capacity(Resource.CPU, 64)
                    .capacity(Resource.MEMORY, HOST_GIB * (double) GIB)
                    .cordon();
        }
        return builder.build();
    }
}
