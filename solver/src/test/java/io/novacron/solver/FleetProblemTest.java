package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class FleetProblemTest {
    private static final Horizon HORIZON = Horizon.ofQuantiles(2, 0.9, 0.5, 0.9);
    private static final long GIB = 1L << 30;

    private static FleetProblemBuilder empty() {
        return FleetProblem.builder(HORIZON, Resource.CPU, Resource.MEMORY);
    }

    private static FleetProblemBuilder oneHost() {
        var builder = empty();
        builder.host("h0").capacity(Resource.CPU, 8).capacity(Resource.MEMORY, 64.0 * GIB);
        return builder;
    }

    private static FleetProblemBuilder.Vm vm(FleetProblemBuilder builder, String id) {
        return builder.vm(id).on("h0").vcpus(2, 4).memoryBytes(GIB, 2 * GIB);
    }

    private static InvalidInputException refusal(FleetProblemBuilder builder) {
        var refusal = catchThrowableOfType(InvalidInputException.class, builder::build);
        assertThat(refusal).as("the problem is refused").isNotNull();
        return refusal;
    }

    @Test
    void listsEveryMistakeAtOnce() {
        var builder = empty();
        builder.host("h0").capacity(Resource.CPU, -4).capacity(Resource.MEMORY, Double.NaN);
        builder.host("h0")
                .capacity(Resource.CPU, 4)
                .capacity(Resource.MEMORY, GIB)
                .overCommit(Resource.CPU, 0)
                .safetyLevel(Resource.CPU, 80);
        builder.vm("v0").on("nowhere").vcpus(0, 0).memoryBytes(0, 0);
        vm(builder, "v1").demand(Resource.CPU, Float.NaN, -1f).demand(Resource.MEMORY, 1f);
        vm(builder, "v1").demand(Resource.NETWORK, 1f, 1f).observed(Resource.CPU, -1);
        vm(builder, "v2").vcpus(4, 2).dirtyBytesPerSecond(-1).historyHours(Double.NaN);
        vm(builder, "v3").demand(Resource.CPU, 1e30f, 1e30f);
        builder.affinity("a", "v1", "ghost").antiAffinity("x", "ghost").affinity("a", "v1");
        builder.pin("ghost", "h0").pin("v1", "nowhere").forbid("v1", "nowhere");

        var refusal = refusal(builder);

        assertThat(refusal.mistakes())
                .anyMatch(text -> text.contains("capacity of cpu is -4.0"))
                .anyMatch(text -> text.contains("capacity of memory is NaN"))
                .anyMatch(text -> text.contains("host h0 is listed twice"))
                .anyMatch(text -> text.contains("over-commit ratio of cpu is 0.0"))
                .anyMatch(text -> text.contains("safety level of cpu is 80.0"))
                .anyMatch(text -> text.contains("vm v0 is on host nowhere"))
                .anyMatch(text -> text.contains("vm v0: vcpus=0"))
                .anyMatch(text -> text.contains("vm v0: memoryBytes=0"))
                .anyMatch(text -> text.contains("vm v1 is listed twice"))
                .anyMatch(text -> text.contains("vm v1: demand quantile of cpu is NaN"))
                .anyMatch(text -> text.contains("vm v1: demand quantile of cpu is -1.0"))
                .anyMatch(text -> text.contains("vm v1: memory has 1 quantiles"))
                .anyMatch(text -> text.contains("vm v1 refers to resource network"))
                .anyMatch(text -> text.contains("vm v1: observed use of cpu is -1.0"))
                .anyMatch(text -> text.contains("vm v2: maxVcpus=2"))
                .anyMatch(text -> text.contains("vm v2: dirtyBytesPerSecond=-1.0"))
                .anyMatch(text -> text.contains("vm v2: historyHours=NaN"))
                .anyMatch(text -> text.contains("vm v3: ") && text.contains("largest host"))
                .anyMatch(text -> text.contains("affinity group a refers to vm ghost"))
                .anyMatch(text -> text.contains("affinity group a is listed twice"))
                .anyMatch(text -> text.contains("anti-affinity group x refers to vm ghost"))
                .anyMatch(text -> text.contains("pin refers to vm ghost"))
                .anyMatch(text -> text.contains("pin of vm v1 refers to host nowhere"))
                .anyMatch(text -> text.contains("forbid of vm v1 refers to host nowhere"))
                .allMatch(text -> text.contains("Maybe"), "every mistake has a next step");
        assertThat(refusal).hasMessageContaining("mistake(s)");
    }

    @Test
    void refusesAFleetWithoutHosts() {
        assertThat(refusal(empty()).mistakes()).singleElement().asString().contains("no hosts");
    }

    @Test
    void acceptsAFleetWithoutVms() {
        var problem = oneHost().build();
        assertThat(problem.vmCount()).isZero();
        assertThat(new RightSizer(SizingPolicy.DEFAULT).size(problem).advice()).isEmpty();
        var plan =
                new HotHostRelief(ReliefPolicy.DEFAULT)
                        .rebalance(problem, WorkLimit.ofMoves(100, 1));
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.ending()).isEqualTo(Plan.Ending.COMPLETE);
    }

    @Test
    void boundsTheListOfMistakesButCountsThemAll() {
        var builder = oneHost();
        for (int i = 0; i < 150; i++) {
            vm(builder, "v" + i).vcpus(0, 0);
        }
        var refusal = refusal(builder);
        assertThat(refusal.mistakes()).hasSize(Mistakes.LISTED_LIMIT);
        assertThat(refusal.mistakeCount()).isEqualTo(150);
        assertThat(refusal).hasMessageContaining("and 50 more");
    }

    @Test
    void namesRulesThatContradictEachOther() {
        var builder = oneHost();
        builder.host("h1").capacity(Resource.CPU, 8).capacity(Resource.MEMORY, 64.0 * GIB);
        for (int i = 0; i < 8; i++) {
            vm(builder, "v" + i);
        }
        builder.pin("v0", "h0").forbid("v0", "h0");
        builder.pin("v1", "h0").pin("v1", "h1");
        builder.pin("v2", "h0").pin("v3", "h1").affinity("a", "v2", "v3");
        builder.pin("v4", "h0").pin("v5", "h0").antiAffinity("x", "v4", "v5");
        builder.affinity("b", "v6", "v7").antiAffinity("y", "v6", "v7");
        builder.forbid("v7", "h0").forbid("v7", "h1");

        assertThat(refusal(builder).mistakes())
                .hasSize(6)
                .anyMatch(text -> text.contains("v0 is both pinned to and forbidden on host h0"))
                .anyMatch(text -> text.contains("v1 is pinned to host h0 and to host h1"))
                .anyMatch(text -> text.contains("affinity group a: vm v2 is pinned to host h0"))
                .anyMatch(text -> text.contains("anti-affinity group x: vms v4 and v5"))
                .anyMatch(text -> text.contains("affinity group b and anti-affinity group y"))
                .anyMatch(text -> text.contains("v7 is forbidden on all 2 hosts"));
    }

    @Test
    void sortsQuantilesThatCrossAndCountsThem() {
        var builder = oneHost();
        vm(builder, "v0").demand(Resource.CPU, 1.5f, 1.0f);
        var problem = builder.build();
        assertThat(problem.quantilesRearranged()).isOne();
        assertThat(problem.demandQuantile(0, 0, 0.5)).isEqualTo(1.0, within(1e-6));
        assertThat(problem.demandQuantile(0, 0, 0.9)).isEqualTo(1.5, within(1e-6));
    }

    @Test
    void readsQuantilesAndProbabilitiesOffTheGrid() {
        var builder = oneHost();
        vm(builder, "v0").demand(Resource.CPU, 1.0f, 1.4f);
        var problem = builder.build();
        assertThat(problem.demandQuantile(0, 0, 0.7)).isEqualTo(1.2, within(1e-6));
        assertThat(problem.demandQuantile(0, 0, 0.1)).isEqualTo(1.0, within(1e-6));
        assertThat(problem.exceedProbability(0, 0, 1.2)).isEqualTo(0.3, within(1e-6));
        assertThat(problem.exceedProbability(0, 0, 5)).isEqualTo(0.1, within(1e-9));
        assertThat(problem.exceedProbability(0, 0, 0.8))
                .as("continues the lowest stretch")
                .isEqualTo(0.7, within(1e-6));
        assertThat(problem.exceedProbability(0, 0, 0.1)).isEqualTo(1.0, within(1e-9));
        assertThat(problem.exceedProbability(1, 0, 1)).as("no forecast").isNaN();
    }

    @Test
    void takesAVmWithoutForecastToUseAllOfItsSize() {
        var builder = oneHost();
        vm(builder, "v0");
        var problem = builder.build();
        assertThat(problem.hasForecast(0, 0)).isFalse();
        assertThat(problem.demandQuantile(0, 0, 0.5)).isEqualTo(2);
        assertThat(new FleetState(problem).peak(0, 0)).isEqualTo(2);
    }

    @Test
    void addsQuantilesLevelByLevelWhenThereAreNoPaths() {
        var builder = oneHost();
        vm(builder, "v0").demand(Resource.CPU, 1.0f, 2.0f);
        vm(builder, "v1").demand(Resource.CPU, 0.5f, 1.5f);
        var problem = builder.build();
        assertThat(problem.scenarioCount()).isEqualTo(2);
        assertThat(new FleetState(problem).peak(0, 0)).isEqualTo(3.5, within(1e-6));
        assertThat(new FleetState(problem).overloadProbability(0, new double[] {4.5, 0}))
                .as("only the upper level, which weighs one half, exceeds 6.4 cores")
                .isEqualTo(0.5, within(1e-9));
    }

    @Test
    void lowersAHostsPeakWherePathsDoNotPeakTogether() {
        var horizon = HORIZON.withScenarios(1, 2);
        var builder = FleetProblem.builder(horizon, Resource.CPU);
        builder.host("h0").capacity(Resource.CPU, 8);
        vm(builder, "v0").paths(Resource.CPU, 2f, 0f);
        vm(builder, "v1").paths(Resource.CPU, 0f, 2f);
        var problem = builder.build();
        assertThat(new FleetState(problem).peak(0, 0)).isEqualTo(2);
        assertThat(problem.demandQuantile(0, 0, 0.9))
                .as("quantiles follow from paths")
                .isEqualTo(2);
    }

    @Test
    void holdsAVmWithoutPathsAtTheRiskLevelAmongOthersWithPaths() {
        var builder = FleetProblem.builder(HORIZON.withScenarios(2, 2), Resource.CPU);
        builder.host("h0").capacity(Resource.CPU, 8);
        vm(builder, "v0").paths(Resource.CPU, 1f, 0f, 0f, 1f);
        vm(builder, "v1").demand(Resource.CPU, 0.5f, 1.5f);
        assertThat(new FleetState(builder.build()).peak(0, 0)).isEqualTo(2.5, within(1e-6));
    }

    @Test
    void refusesAHorizonWithEveryMistakeListed() {
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class,
                        () -> new Horizon(-1, List.of(0.9, 0.5, 90.0), 95, 65, 0));
        assertThat(refusal.mistakes()).hasSize(6);
    }

    @Test
    void refusesDemandThatNoColumnCouldHold() {
        var builder =
                FleetProblem.builder(HORIZON.withScenarios(64, 288), Resource.CPU, Resource.MEMORY);
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class,
                        () -> {
                            for (int i = 0; i < 10_000; i++) {
                                builder.vm("v" + i);
                            }
                        });
        assertThat(refusal).hasMessageContaining("fewer scenarios");
    }
}
