package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// A checker is believed only because it finds every kind of fault.
class PlanCheckerTest {
    private static final long GIB = 1L << 30;
    private static final Horizon HORIZON = Horizon.ofQuantiles(4, 0.9, 0.5, 0.9);
    private static final Grounds GROUNDS =
            new Grounds(
                    1,
                    List.of(Reason.of(Reason.Code.SOURCE_OVERLOADED, List.of(), "test")),
                    List.of(),
                    List.of());

    private final FleetProblemBuilder builder =
            FleetProblem.builder(HORIZON, Resource.CPU, Resource.MEMORY);

    PlanCheckerTest() {
        for (int i = 0; i < 4; i++) {
            builder.host("h" + i)
                    .capacity(Resource.CPU, 8)
                    .safetyLevel(Resource.CPU, 0.5)
                    .capacity(Resource.MEMORY, 8.0 * GIB)
                    .safetyLevel(Resource.MEMORY, 1);
        }
    }

    private FleetProblemBuilder.Vm vm(String id, String host, int gib, double cores) {
        return builder.vm(id)
                .on(host)
                .vcpus(2, 4)
                .memoryBytes(gib * GIB, 2 * gib * GIB)
                .demand(Resource.CPU, (float) cores, (float) cores)
                .demand(Resource.MEMORY, (float) gib * GIB / 2, (float) gib * GIB / 2);
    }

    private static Advice.Migrate migrate(FleetProblem problem, int vm, int to, int wave) {
        return migrate(problem, vm, problem.hostOf(vm), to, wave);
    }

    private static Advice.Migrate migrate(
            FleetProblem problem, int vm, int from, int to, int wave) {
        return new Advice.Migrate(
                vm,
                problem.vmId(vm),
                from,
                problem.hostId(from),
                to,
                problem.hostId(to),
                wave,
                GROUNDS);
    }

    private static Advice.SetMemory setMemory(FleetProblem problem, int vm, long from, long to) {
        int host = problem.hostOf(vm);
        return new Advice.SetMemory(
                vm, problem.vmId(vm), host, problem.hostId(host), from, to, GROUNDS);
    }

    private static Advice.SetVcpus setVcpus(
            FleetProblem problem, int vm, int from, int to, boolean reliable) {
        int host = problem.hostOf(vm);
        return new Advice.SetVcpus(
                vm, problem.vmId(vm), host, problem.hostId(host), from, to, reliable, GROUNDS);
    }

    private static void assertFault(FleetProblem problem, String text, Advice... steps) {
        assertThat(PlanChecker.check(problem, List.of(steps)))
                .anyMatch(fault -> fault.step() == steps.length - 1 && fault.text().contains(text));
    }

    @Test
    void findsNothingInASoundPlan() {
        vm("v0", "h0", 4, 1);
        var problem = builder.build();
        assertThat(PlanChecker.check(problem, List.of(migrate(problem, 0, 1, 0)))).isEmpty();
    }

    @Test
    void findsAnOverfullAndAHotDestination() {
        vm("v0", "h0", 5, 3);
        vm("v1", "h1", 5, 3);
        var problem = builder.build();
        assertFault(problem, "memory promised", migrate(problem, 0, 1, 0));
        assertFault(problem, "would be hot", migrate(problem, 0, 1, 0));
    }

    @Test
    void countsTransientUseUntilTheWaveEnds() {
        vm("v0", "h0", 5, 1);
        vm("v1", "h1", 5, 1);
        var problem = builder.build();
        var away = migrate(problem, 0, 2, 0);
        assertFault(problem, "memory promised", away, migrate(problem, 1, 0, 0));
        assertThat(PlanChecker.check(problem, List.of(away, migrate(problem, 1, 0, 1))))
                .as("in the next wave the room is free")
                .isEmpty();
        assertFault(problem, "comes after wave", migrate(problem, 0, 2, 1), away);
    }

    @Test
    void findsBrokenRules() {
        for (int i = 0; i < 6; i++) {
            vm("v" + i, "h0", 1, 0.1);
        }
        vm("v6", "h1", 1, 0.1);
        builder.affinity("a", "v0", "v1").antiAffinity("x", "v2", "v6");
        builder.pin("v3", "h0").forbid("v4", "h1");
        builder.host("closed").capacity(Resource.CPU, 8).capacity(Resource.MEMORY, GIB).cordon();
        var problem = builder.build();
        assertFault(problem, "affinity group a is split", migrate(problem, 0, 2, 0));
        assertFault(problem, "belong apart", migrate(problem, 2, 1, 0));
        assertFault(problem, "v3 is pinned to host h0", migrate(problem, 3, 2, 0));
        assertFault(problem, "v4 is forbidden on host h1", migrate(problem, 4, 1, 0));
        assertFault(problem, "takes no vms", migrate(problem, 5, 4, 0));
    }

    @Test
    void findsOneRuleBrokenWhileAnotherIsMended() {
        vm("v0", "h0", 1, 0.1);
        vm("v1", "h0", 1, 0.1);
        vm("v2", "h1", 1, 0.1);
        builder.antiAffinity("x", "v0", "v1").antiAffinity("y", "v0", "v2");
        assertFault(builder.build(), "belong apart", migrate(builder.build(), 0, 1, 0));
    }

    @Test
    void findsStepsThatDoNotStartFromWhatIs() {
        vm("v0", "h0", 1, 0.1);
        var problem = builder.build();
        assertFault(problem, "not on host h1", migrate(problem, 0, 1, 2, 0));
        assertFault(problem, "expected", setVcpus(problem, 0, 3, 4, true));
        assertFault(problem, "expected", setMemory(problem, 0, 2 * GIB, GIB));
        assertFault(
                problem,
                "no vm ghost",
                new Advice.SetMemory(7, "ghost", 0, "h0", GIB, GIB, GROUNDS));
    }

    @Test
    void findsBadSizes() {
        vm("v0", "h0", 2, 0.1);
        vm("v1", "h0", 6, 0.1);
        var problem = builder.build();
        assertFault(problem, "not in [1, maximum]", setVcpus(problem, 0, 2, 5, true));
        assertFault(problem, "called reliable", setVcpus(problem, 0, 2, 1, true));
        assertFault(problem, "not in [1, maximum]", setMemory(problem, 0, 2 * GIB, 5 * GIB));
        assertFault(problem, "working set", setMemory(problem, 0, 2 * GIB, GIB / 2));
        assertFault(problem, "memory promised", setMemory(problem, 0, 2 * GIB, 3 * GIB));
    }

    @Test
    void findsTouchesOnWhatOptedOut() {
        vm("v0", "h0", 1, 0.1).labels(FleetProblem.OPT_OUT_LABEL);
        var problem = builder.build();
        assertFault(problem, "opted out", migrate(problem, 0, 1, 0));
        assertFault(problem, "opted out", setVcpus(problem, 0, 2, 3, true));
    }
}
