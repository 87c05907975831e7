package io.novacron.solver.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.solver.Advice;
import io.novacron.solver.Figure;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.FleetProblemBuilder;
import io.novacron.solver.Horizon;
import io.novacron.solver.MigrationModel;
import io.novacron.solver.PlanChecker;
import io.novacron.solver.Reason;
import io.novacron.solver.Resource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class HostDrainTest {
    private static final long GIB = 1L << 30;
    private static final WaveLimits LIMITS = new WaveLimits(2, 8);

    @Test
    void everyVmGetsAHostThatLeavesMostRoomInWavesOfTwo() {
        var builder = hosts(3, 0);
        for (int vm = 0; vm < 4; vm++) {
            vm(builder, "v" + vm, "h0", 2);
        }
        vm(builder, "w", "h1", 8);

        HostDrain.Result drained = drain(builder.build(), 0);

        assertThat(drained.stays()).isEmpty();
        assertThat(drained.steps()).hasSize(4);
        assertThat(drained.steps()).extracting(Advice.Migrate::wave).containsExactly(0, 0, 1, 1);
        assertThat(drained.steps()).extracting(Advice.Migrate::toHostId).containsOnly("h2");
        var first = drained.steps().getFirst();
        assertThat(first.grounds().reasons().getFirst().code()).isEqualTo(Reason.Code.HOST_DRAINED);
        assertThat(first.grounds().cost(Figure.DURATION)).isPresent();
        assertThat(first.grounds().cost(Figure.DOWNTIME)).isPresent();
    }

    @Test
    void whatNobodyTakesStaysAndSaysWhy() {
        var builder = hosts(3, 0);
        vm(builder, "fits", "h0", 2);
        vm(builder, "large", "h0", 15);
        vm(builder, "alone", "h0", 1);
        vm(builder, "left-alone", "h0", 1).labels(FleetProblem.OPT_OUT_LABEL);
        vm(builder, "a", "h1", 4);
        vm(builder, "b", "h2", 4);
        builder.antiAffinity("apart", "alone", "a", "b");

        HostDrain.Result drained = drain(builder.build(), 0);

        assertThat(drained.steps()).extracting(Advice.Migrate::vmId).containsExactly("fits");
        assertThat(drained.stays())
                .extracting(stays -> stays.reasons().getFirst().text())
                .containsExactly(
                        "vm large stays on host h0: no host takes it (2 hosts: capacity)",
                        "vm alone stays on host h0: no host takes it (2 hosts: anti affinity)",
                        "vm left-alone stays on host h0: no host takes it (2 hosts: opted out)");
    }

    @Test
    void anAffinityGroupLeavesTogether() {
        var builder = hosts(3, 0);
        vm(builder, "v0", "h0", 4);
        vm(builder, "v1", "h0", 3);
        vm(builder, "w", "h1", 10);
        builder.affinity("pair", "v0", "v1");

        HostDrain.Result drained = drain(builder.build(), 0);

        assertThat(drained.stays()).isEmpty();
        assertThat(drained.steps()).hasSize(2);
        assertThat(drained.steps()).extracting(Advice.Migrate::toHostId).containsOnly("h2");
        assertThat(drained.steps()).extracting(Advice.Migrate::wave).containsOnly(0);
    }

    @Test
    void noVmGoesToAnotherHostThatIsDrained() {
        var builder = hosts(3, 0, 1);
        vm(builder, "v0", "h0", 4);
        vm(builder, "v1", "h1", 4);
        HostDrain.Result drained = drain(builder.build(), 0, 1);
        assertThat(drained.steps()).extracting(Advice.Migrate::toHostId).containsOnly("h2");
        assertThat(drained.steps()).hasSize(2);
    }

    @Property(tries = 500, seed = "20261121")
    void everyPlanIsSoundAndTellsOfEveryVm(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        var builder = hosts(2 + random.nextInt(5), 0);
        int hostCount = builder.build().hostCount();
        int vms = random.nextInt(20);
        for (int vm = 0; vm < vms; vm++) {
            vm(builder, "v" + vm, "h" + random.nextInt(hostCount), 1 + random.nextInt(3));
        }
        for (int group = 0; group * 4 + 3 < vms; group++) {
            builder.antiAffinity("x" + group, "v" + group * 4, "v" + (group * 4 + 1));
        }
        FleetProblem problem = builder.build();

        HostDrain.Result drained = drain(problem, 0);

        List<Advice> steps = new ArrayList<>(drained.steps());
        assertThat(PlanChecker.check(problem, steps)).isEmpty();
        long there = 0;
        for (int vm = 0; vm < problem.vmCount(); vm++) {
            there += problem.hostOf(vm) == 0 ? 1 : 0;
        }
        long gone = drained.steps().stream().mapToInt(Advice.Migrate::vm).distinct().count();
        assertThat(gone + drained.stays().size()).isEqualTo(there);
        assertThat(drain(problem, 0)).as("the same again").isEqualTo(drained);
    }

    private static HostDrain.Result drain(FleetProblem problem, int... hosts) {
        var drained = new BitSet();
        for (int host : hosts) {
            drained.set(host);
        }
        return HostDrain.drain(problem, drained, LIMITS, MigrationModel.DEFAULT);
    }

    private static FleetProblemBuilder hosts(int count, int... cordoned) {
        var builder =
                FleetProblem.builder(
                        Horizon.ofQuantiles(1, 0.9, 0.5, 0.9), Resource.CPU, Resource.MEMORY);
        for (int host = 0; host < count; host++) {
            var added =
                    builder.host("h" + host)
                            .capacity(Resource.CPU, 64)
                            .capacity(Resource.MEMORY, 16 * GIB);
            for (int one : cordoned) {
                if (one == host) {
                    added.cordon();
                }
            }
        }
        return builder;
    }

    private static FleetProblemBuilder.Vm vm(
            FleetProblemBuilder builder, String id, String host, int gib) {
        return builder.vm(id)
                .on(host)
                .vcpus(1, 1)
                .memoryBytes(gib * GIB, gib * GIB)
                .demand(Resource.CPU, 0.5f, 1f)
                .demand(Resource.MEMORY, gib * GIB / 4f, gib * GIB / 2f);
    }
}
