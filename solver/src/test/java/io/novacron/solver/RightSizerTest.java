package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RightSizerTest {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final Horizon HORIZON = Horizon.ofQuantiles(4, 0.95, 0.1, 0.5, 0.9, 0.95);

    private final RightSizer sizer = new RightSizer(SizingPolicy.DEFAULT);

    private static FleetProblemBuilder host(double cores, double gib) {
        var builder = FleetProblem.builder(HORIZON, Resource.CPU, Resource.MEMORY);
        builder.host("h0").capacity(Resource.CPU, cores).capacity(Resource.MEMORY, gib * GIB);
        return builder;
    }

    private static FleetProblemBuilder.Vm vm(FleetProblemBuilder builder, int vcpus, int max) {
        return builder.vm("v" + builder.vmCount)
                .on("h0")
                .vcpus(vcpus, max)
                .memoryBytes(GIB, 8 * GIB);
    }

    private static float[] flat(double value) {
        return new float[] {(float) value, (float) value, (float) value, (float) value};
    }

    private Advice.SetVcpus onlyVcpus(FleetProblemBuilder builder) {
        return (Advice.SetVcpus) sizer.size(builder.build()).advice().getFirst();
    }

    @Test
    void givesASecondVcpuToAPeggedGuestBeforeAnyForecast() {
        var builder = host(4, 16);
        vm(builder, 1, 4).observed(Resource.CPU, 0.99);
        var advice = onlyVcpus(builder);
        assertThat(advice.fromVcpus()).isEqualTo(1);
        assertThat(advice.toVcpus()).isEqualTo(2);
        assertThat(advice.reliable()).isTrue();
        assertThat(advice.grounds().confidence()).isEqualTo(0.9);
        assertThat(advice.grounds().reasons())
                .extracting(Reason::code)
                .containsExactly(Reason.Code.CPU_SATURATED, Reason.Code.NO_FORECAST);
        assertThat(advice.grounds().cost(Figure.VCPUS_ADDED)).hasValue(1);
    }

    @Test
    void givesASecondVcpuToAPeggedGuestWhoseForecastStillLags() {
        var builder = host(4, 16);
        vm(builder, 1, 4).demand(Resource.CPU, flat(0.3)).observed(Resource.CPU, 1.0);
        var advice = onlyVcpus(builder);
        assertThat(advice.toVcpus()).isEqualTo(2);
        assertThat(advice.grounds().confidence()).isEqualTo(0.9);
    }

    @Test
    void isSureOfAGuestForecastToBePegged() {
        var builder = host(4, 16);
        vm(builder, 1, 4).demand(Resource.CPU, flat(1.0));
        var advice = onlyVcpus(builder);
        assertThat(advice.toVcpus()).isEqualTo(2);
        assertThat(advice.grounds().confidence()).isEqualTo(1, within(1e-9));
        assertThat(advice.grounds().benefit(Figure.OVERLOAD_HOURS_AVOIDED).getAsDouble())
                .isEqualTo(4, within(1e-9));
    }

    @Test
    void growsASaturatedGuestByAFactorSinceItsDemandIsHidden() {
        var builder = host(16, 16);
        vm(builder, 8, 16).demand(Resource.CPU, flat(8));
        assertThat(onlyVcpus(builder).toVcpus()).isEqualTo(12);
    }

    @Test
    void growsWithinTheHotAddMaximumAndSaysSo() {
        var builder = host(16, 16);
        vm(builder, 8, 9).demand(Resource.CPU, flat(8));
        var advice = onlyVcpus(builder);
        assertThat(advice.toVcpus()).isEqualTo(9);
        assertThat(advice.grounds().reasons())
                .extracting(Reason::code)
                .contains(Reason.Code.HOT_ADD_MAXIMUM);
    }

    @Test
    void reportsAVmThatNeedsMoreThanItCanBeGiven() {
        var builder = host(2, 16);
        vm(builder, 1, 1).observed(Resource.CPU, 1.0);
        vm(builder, 1, 2).observed(Resource.CPU, 1.0);
        var sizing = sizer.size(builder.build());
        assertThat(sizing.advice()).isEmpty();
        assertThat(sizing.unresolved())
                .extracting(Unresolved::entityId)
                .containsExactly("v0", "v1");
        assertThat(sizing.unresolved().get(0).reasons().getLast().code())
                .isEqualTo(Reason.Code.HOT_ADD_MAXIMUM);
        assertThat(sizing.unresolved().get(1).reasons().getLast().code())
                .isEqualTo(Reason.Code.HOST_ROOM);
    }

    @Test
    void promisesRoomOnAHostOnlyOnce() {
        var builder = host(5, 16);
        for (int i = 0; i < 4; i++) {
            vm(builder, 1, 2).observed(Resource.CPU, 1.0);
        }
        var sizing = sizer.size(builder.build());
        assertThat(sizing.advice()).hasSize(1);
        assertThat(sizing.unresolved()).hasSize(3);
    }

    @Test
    void shrinksVcpusStepByStepAndCallsItUnreliable() {
        var builder = host(16, 16);
        vm(builder, 8, 8).demand(Resource.CPU, flat(0.5));
        var advice = onlyVcpus(builder);
        assertThat(advice.toVcpus()).as("half in one step").isEqualTo(4);
        assertThat(advice.reliable()).isFalse();
        assertThat(advice.grounds().confidence())
                .as("the highest level, times the doubt about unplugging")
                .isEqualTo(0.95 * 0.5, within(1e-9));
        assertThat(advice.grounds().reasons())
                .extracting(Reason::code)
                .containsExactly(
                        Reason.Code.CPU_OVER_PROVISIONED,
                        Reason.Code.STEP_LIMIT,
                        Reason.Code.VCPU_UNPLUG_UNRELIABLE);
        assertThat(advice.grounds().benefit(Figure.VCPUS_FREED)).hasValue(4);
    }

    @Test
    void doesNotShrinkOnPresentUseAloneNorAYoungVm() {
        var builder = host(16, 16);
        vm(builder, 8, 8).observed(Resource.CPU, 0.1);
        vm(builder, 8, 8).demand(Resource.CPU, flat(0.5)).historyHours(3);
        var sizing = sizer.size(builder.build());
        assertThat(sizing.advice()).isEmpty();
        assertThat(sizing.tooYoung()).isOne();
        assertThat(sizing.withoutForecast()).as("both memories").isEqualTo(2);
    }

    @Test
    void leavesAVmInsideTheBandAlone() {
        var builder = host(16, 16);
        vm(builder, 4, 8)
                .demand(Resource.CPU, flat(0.42 * 4))
                .demand(Resource.MEMORY, flat(0.84 * GIB));
        vm(builder, 4, 8).demand(Resource.CPU, flat(0.84 * 4));
        assertThat(sizer.size(builder.build()).advice()).isEmpty();
    }

    @Test
    void growsMemoryByItsWorkingSet() {
        var builder = host(16, 64);
        vm(builder, 1, 1).demand(Resource.MEMORY, flat(0.95 * GIB));
        var advice = (Advice.SetMemory) sizer.size(builder.build()).advice().getFirst();
        assertThat(advice.fromBytes()).isEqualTo(GIB);
        assertThat(advice.toBytes()).as("0.95 / 0.7 GiB in steps of 64 MiB").isEqualTo(1408 * MIB);
        assertThat(advice.grounds().reasons().getFirst().code())
                .isEqualTo(Reason.Code.MEMORY_UNDER_PROVISIONED);
    }

    @Test
    void keepsTheWorkingSetAndMarginWhenItShrinksMemory() {
        var builder = host(16, 64);
        vm(builder, 1, 1).demand(Resource.MEMORY, flat(0.1 * GIB)).memoryBytes(400 * MIB, GIB);
        var advice = (Advice.SetMemory) sizer.size(builder.build()).advice().getFirst();
        assertThat(advice.toBytes()).as("102 + 128 MiB, rounded up").isEqualTo(256 * MIB);
        assertThat(advice.grounds().reasons())
                .extracting(Reason::code)
                .contains(Reason.Code.WORKING_SET_FLOOR);
        assertThat(advice.grounds().benefit(Figure.MEMORY_FREED)).hasValue(144.0 * MIB);
    }

    @Test
    void leavesWhatOptedOutAlone() {
        var builder = host(16, 16);
        vm(builder, 1, 4).observed(Resource.CPU, 1.0).labels(FleetProblem.OPT_OUT_LABEL);
        var sizing = sizer.size(builder.build());
        assertThat(sizing.advice()).isEmpty();
        assertThat(sizing.optedOut()).isOne();
    }

    @Property(tries = 300, seed = "20261121")
    void breaksNoRuleWhicheverPartIsFollowed(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 6, 30);
        var advice = sizer.size(problem).advice();
        assertThat(PlanChecker.check(problem, advice)).isEmpty();
        var some = RandomFleets.someOf(advice, new SplittableRandom(seed));
        assertThat(PlanChecker.check(problem, some)).isEmpty();
    }

    @Property(tries = 300, seed = "20261121")
    void neverCutsMemoryIntoWorkingSetAndMargin(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 6, 30);
        for (Advice advice : sizer.size(problem).advice()) {
            if (advice instanceof Advice.SetMemory set && set.toBytes() < set.fromBytes()) {
                double workingSet = problem.demandQuantile(problem.memoryIndex(), set.vm(), 1);
                assertThat((double) set.toBytes())
                        .isGreaterThanOrEqualTo(SizingPolicy.DEFAULT.memoryFloor(workingSet));
            }
        }
    }

    /// Followed often enough, advice on the same forecast comes to an end, and never turns back.
    @Property(tries = 300, seed = "20261121")
    void settlesWithoutTurningBack(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        int vcpus = 1 + random.nextInt(32);
        float cores = (float) (vcpus * random.nextDouble());
        long memory = (1 + random.nextInt(64)) * 64 * MIB;
        float workingSet = (float) (memory * random.nextDouble());
        int vcpuDirection = 0;
        int memoryDirection = 0;
        for (int round = 0; round < 12; round++) {
            var builder = host(1_000, 1_000);
            builder.vm("v0")
                    .on("h0")
                    .vcpus(vcpus, 1_000)
                    .memoryBytes(memory, 500 * GIB)
                    .demand(Resource.CPU, flat(cores))
                    .demand(Resource.MEMORY, flat(workingSet));
            var advice = sizer.size(builder.build()).advice();
            if (advice.isEmpty()) {
                return;
            }
            for (Advice one : advice) {
                switch (one) {
                    case Advice.SetVcpus set -> {
                        int direction = Integer.signum(set.toVcpus() - vcpus);
                        assertThat(direction * vcpuDirection).isNotNegative();
                        vcpuDirection = direction;
                        vcpus = set.toVcpus();
                    }
                    case Advice.SetMemory set -> {
                        int direction = Long.signum(set.toBytes() - memory);
                        assertThat(direction * memoryDirection).isNotNegative();
                        memoryDirection = direction;
                        memory = set.toBytes();
                    }
                    case Advice.Migrate _ -> throw new AssertionError("a sizer moves nothing");
                }
            }
        }
        throw new AssertionError("still advising: %s vCPUs, %s bytes".formatted(vcpus, memory));
    }
}
