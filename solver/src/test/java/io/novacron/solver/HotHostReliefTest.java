package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class HotHostReliefTest {
    private static final long GIB = 1L << 30;
    private static final long MOVES = 200_000;
    private static final Horizon HORIZON = Horizon.ofQuantiles(4, 0.9, 0.5, 0.9);

    private final Rebalancer relief = new HotHostRelief(ReliefPolicy.DEFAULT);

    private static FleetProblemBuilder hosts(int count) {
        var builder = FleetProblem.builder(HORIZON, Resource.CPU, Resource.MEMORY);
        for (int i = 0; i < count; i++) {
            builder.host("h" + i)
                    .capacity(Resource.CPU, 10)
                    .overCommit(Resource.CPU, 4)
                    .safetyLevel(Resource.CPU, 0.8)
                    .capacity(Resource.MEMORY, 64.0 * GIB)
                    .safetyLevel(Resource.MEMORY, 1);
        }
        return builder;
    }

    private static FleetProblemBuilder.Vm vm(
            FleetProblemBuilder builder, String id, String host, double cores, int gib) {
        return builder.vm(id)
                .on(host)
                .vcpus(8, 8)
                .memoryBytes(gib * GIB, gib * GIB)
                .demand(Resource.CPU, (float) cores, (float) cores)
                .demand(Resource.MEMORY, (float) gib * GIB, (float) gib * GIB);
    }

    @Test
    void movesTheCheapestVmThatSuffices() {
        var builder = hosts(3);
        vm(builder, "large", "h0", 6, 32);
        vm(builder, "small", "h0", 3, 4);
        vm(builder, "busy", "h1", 6, 8);

        var plan = relief.rebalance(builder.build(), WorkLimit.ofMoves(MOVES, 1));

        assertThat(plan.unresolved()).isEmpty();
        assertThat(plan.before().overload()).isEqualTo(0.1, within(1e-9));
        assertThat(plan.after().overload()).isZero();
        assertThat(plan.steps()).hasSize(1);
        var move = (Advice.Migrate) plan.steps().getFirst();
        assertThat(move.vmId()).isEqualTo("small");
        assertThat(move.fromHostId()).isEqualTo("h0");
        assertThat(move.toHostId()).as("the roomier destination").isEqualTo("h2");
        assertThat(move.wave()).isZero();
    }

    @Test
    void saysWhatAMoveCostsAndBrings() {
        var builder = hosts(2);
        vm(builder, "v0", "h0", 6, 8);
        vm(builder, "v1", "h0", 3, 4).dirtyBytesPerSecond(0);

        var plan = relief.rebalance(builder.build(), WorkLimit.ofMoves(MOVES, 1));

        var grounds = plan.steps().getFirst().grounds();
        assertThat(grounds.cost(Figure.MEMORY_COPIED)).hasValue(4.0 * GIB);
        assertThat(grounds.cost(Figure.DURATION).getAsDouble())
                .isEqualTo(1 + 4.0 * GIB / 110e6, within(1e-6));
        assertThat(grounds.cost(Figure.DOWNTIME)).isPresent();
        assertThat(grounds.benefit(Figure.OVERLOAD_HOURS_AVOIDED).getAsDouble())
                .isEqualTo(4, within(1e-9));
        assertThat(grounds.benefit(Figure.RISK_BEFORE).getAsDouble()).isEqualTo(1, within(1e-9));
        assertThat(grounds.benefit(Figure.RISK_AFTER).getAsDouble()).isZero();
        assertThat(grounds.confidence()).isEqualTo(1, within(1e-9));
        assertThat(grounds.reasons())
                .extracting(Reason::code)
                .containsExactly(Reason.Code.SOURCE_OVERLOADED, Reason.Code.DESTINATION_SAFE);
        assertThat(grounds.reasons().getFirst().text())
                .contains("host h0")
                .contains("cpu peak 9.000 of 8.000 cores");
    }

    @Test
    void isLessConfidentWhereTroubleIsUnsure() {
        var builder = hosts(2);
        vm(builder, "v0", "h0", 5, 8);
        vm(builder, "v1", "h0", 2, 4).demand(Resource.CPU, 2f, 4f);

        var plan = relief.rebalance(builder.build(), WorkLimit.ofMoves(MOVES, 1));

        assertThat(plan.steps().getFirst().grounds().confidence())
                .as("the upper level, weighing one half, is the only one above the safe load")
                .isEqualTo(0.5, within(1e-9));
    }

    @Test
    void leavesACoolFleetAlone() {
        var builder = hosts(2);
        vm(builder, "v0", "h0", 8, 8);
        var plan = relief.rebalance(builder.build(), WorkLimit.ofMoves(MOVES, 1));
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.movesEvaluated()).isZero();
        assertThat(plan.ending()).isEqualTo(Plan.Ending.COMPLETE);
    }

    @Test
    void explainsWhyAHostStaysHot() {
        var builder = hosts(5);
        vm(builder, "pinned", "h0", 6, 8);
        vm(builder, "v1", "h0", 3, 8);
        vm(builder, "apart", "h1", 1, 8);
        vm(builder, "full", "h2", 7, 8);
        builder.pin("pinned", "h0").antiAffinity("x", "v1", "apart").forbid("v1", "h3");
        vm(builder, "big", "h4", 1, 60);

        var plan = relief.rebalance(builder.build(), WorkLimit.ofMoves(MOVES, 1));

        assertThat(plan.steps()).isEmpty();
        var unresolved = plan.unresolved().getFirst();
        assertThat(unresolved.entityId()).isEqualTo("h0");
        assertThat(unresolved.reasons().getLast().text())
                .isEqualTo(
                        "further moves from host h0 were rejected: PINNED 1, FORBIDDEN 1,"
                                + " ANTI_AFFINITY 1, CAPACITY 1, SAFETY_LEVEL 1");
    }

    @Test
    void doesNotTouchWhatOptedOutNorFillWhatIsCordoned() {
        var builder = hosts(2);
        builder.host("h2")
                .capacity(Resource.CPU, 10)
                .capacity(Resource.MEMORY, 64.0 * GIB)
                .labels(FleetProblem.OPT_OUT_LABEL);
        builder.host("h3")
                .capacity(Resource.CPU, 10)
                .capacity(Resource.MEMORY, 64.0 * GIB)
                .cordon();
        vm(builder, "v0", "h0", 6, 8).labels(FleetProblem.OPT_OUT_LABEL);
        vm(builder, "v1", "h0", 3, 8);
        vm(builder, "v2", "h1", 7, 8);

        var plan = relief.rebalance(builder.build(), WorkLimit.ofMoves(MOVES, 1));

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.unresolved()).hasSize(1);
        assertThat(plan.unresolved().getFirst().reasons().getLast().text())
                .contains("OPTED_OUT 2, CORDONED 1, SAFETY_LEVEL 1");
    }

    @Test
    void movesNothingWithoutWorkToSpend() {
        var builder = hosts(2);
        vm(builder, "v0", "h0", 6, 8);
        vm(builder, "v1", "h0", 3, 8);
        var plan = relief.rebalance(builder.build(), WorkLimit.ofMoves(0, 1));
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.ending()).isEqualTo(Plan.Ending.MOVE_LIMIT);
        assertThat(plan.unresolved().getFirst().reasons())
                .extracting(Reason::code)
                .contains(Reason.Code.WORK_LIMIT);
    }

    /// If `c` moved to h2 and then `a` to it, leaving out the first would spread the group further.
    @Test
    void movesAtMostOneVmOfAnAffinityGroup() {
        var builder = hosts(3);
        vm(builder, "a", "h0", 1, 2);
        vm(builder, "b", "h0", 1, 2);
        vm(builder, "rest0", "h0", 7, 2);
        vm(builder, "c", "h1", 2, 2);
        vm(builder, "rest1", "h1", 8, 2);
        builder.affinity("together", "a", "b", "c");
        builder.pin("b", "h0").pin("rest0", "h0").pin("rest1", "h1");

        var plan = relief.rebalance(builder.build(), WorkLimit.ofMoves(MOVES, 1));

        assertThat(plan.steps()).extracting(Advice::vmId).containsExactly("c");
        assertThat(plan.unresolved()).extracting(Unresolved::entityId).containsExactly("h0");
        assertThat(plan.unresolved().getFirst().reasons().getLast().text())
                .contains("MOVE_LIMIT 1");
    }

    @Test
    void sharesTheHoursAvoidedAmongTheMovesOfOneHost() {
        var builder = hosts(3);
        vm(builder, "stays", "h0", 7, 8);
        vm(builder, "v1", "h0", 3, 4);
        vm(builder, "v2", "h0", 3, 4);
        builder.pin("stays", "h0");

        var plan = relief.rebalance(builder.build(), WorkLimit.ofMoves(MOVES, 1));

        assertThat(plan.steps()).hasSize(2);
        double hours = 0;
        for (Advice step : plan.steps()) {
            var grounds = step.grounds();
            double share = grounds.benefit(Figure.OVERLOAD_HOURS_AVOIDED).getAsDouble();
            assertThat(share).isPositive();
            hours += share;
            assertThat(grounds.benefit(Figure.RISK_BEFORE).getAsDouble())
                    .isEqualTo(1, within(1e-9));
            assertThat(grounds.benefit(Figure.RISK_AFTER).getAsDouble()).isZero();
            assertThat(grounds.reasons())
                    .extracting(Reason::code)
                    .contains(Reason.Code.PART_OF_RELIEF);
        }
        assertThat(hours).as("all four hours of the horizon").isEqualTo(4, within(1e-9));
    }

    @Test
    void keepsToThePolicysLimits() {
        var builder = hosts(20);
        for (int i = 0; i < 12; i++) {
            vm(builder, "v" + i, "h0", 2, 2);
        }
        var policy = new ReliefPolicy(5, 3, 4, MigrationModel.DEFAULT);
        var problem = builder.build();
        var plan = new HotHostRelief(policy).rebalance(problem, WorkLimit.ofMoves(MOVES, 1));
        assertThat(plan.steps()).hasSize(3);
        assertThat(plan.unresolved().getFirst().reasons().getLast().text())
                .contains("MOVE_LIMIT 1");
        var free = relief.rebalance(problem, WorkLimit.ofMoves(MOVES, 1));
        assertThat(free.steps()).as("12 x 2 cores down to 8").hasSize(8);
        assertThat(free.after().overload()).isZero();
    }

    @Property(tries = 300, seed = "20261121")
    void neverBreaksARule(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 8, 40);
        var plan = relief.rebalance(problem, WorkLimit.ofMoves(MOVES, seed));
        assertThat(PlanChecker.check(problem, plan.steps())).isEmpty();
        int[] hostOf = problem.hostOf.clone();
        for (Advice step : plan.steps()) {
            hostOf[step.vm()] = ((Advice.Migrate) step).toHost();
        }
        var after = FleetScore.recount(problem, hostOf);
        assertThat(plan.after().overload())
                .isEqualTo(after.overload(), within(1e-9))
                .isLessThanOrEqualTo(plan.before().overload());
        assertThat(plan.after().ruleViolations()).isEqualTo(after.ruleViolations());
        long stillHot = 0;
        for (int host = 0; host < problem.hostCount(); host++) {
            boolean hot = false;
            for (int r = 0; r < problem.resourceCount(); r++) {
                hot |= FleetScore.peak(problem, hostOf, r, host) > problem.safeLoad(r, host);
            }
            stillHot += hot ? 1 : 0;
        }
        assertThat(plan.unresolved()).hasSize((int) stillHot);
    }

    @Property(tries = 150, seed = "20261121")
    void givesPlansOfWhichAnyPartHoldsInAnyOrder(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 8, 40);
        var plan = relief.rebalance(problem, WorkLimit.ofMoves(MOVES, seed));
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 5; i++) {
            var part = RandomFleets.someOf(plan.steps(), random);
            assertThat(PlanChecker.check(problem, part)).as("steps %s", part).isEmpty();
        }
    }

    @Property(tries = 100, seed = "20261121")
    void repeatsItselfForTheSameSeedAndWork(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 8, 40);
        var limit = WorkLimit.ofMoves(new SplittableRandom(seed).nextInt(2_000), seed);
        assertThat(relief.rebalance(problem, limit)).isEqualTo(relief.rebalance(problem, limit));
    }

    @Property(tries = 100, seed = "20261121")
    void repeatsAPlanCutShortByADeadlineFromItsMoveCount(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 10, 60);
        int[] asked = {new SplittableRandom(seed).nextInt(1, 6)};
        var cut = relief.rebalance(problem, new WorkLimit(MOVES, seed, () -> --asked[0] <= 0));
        var again = relief.rebalance(problem, WorkLimit.ofMoves(cut.movesEvaluated(), seed));
        assertThat(again.steps()).isEqualTo(cut.steps());
        assertThat(again.movesEvaluated()).isEqualTo(cut.movesEvaluated());
        assertThat(again.after()).isEqualTo(cut.after());
    }

    @Property(tries = 200, seed = "20261121")
    void isNeverWorseThanTheBestSingleMove(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 5, 12);
        var plan = relief.rebalance(problem, WorkLimit.ofMoves(MOVES, seed));
        var state = new FleetState(problem);
        boolean oneMoveCools = false;
        for (int vm = 0; vm < problem.vmCount(); vm++) {
            int from = problem.hostOf(vm);
            if (state.overload(from) == 0 || problem.pinnedHost(vm) == from) {
                continue; // moves between cool hosts relieve nothing
            }
            for (int to = 0; to < problem.hostCount(); to++) {
                if (to != from && state.check(vm, to) == null && state.overload(to) == 0) {
                    state.move(vm, to);
                    oneMoveCools |= state.score().overload() == 0;
                    state.move(vm, from);
                }
            }
        }
        if (oneMoveCools) {
            assertThat(plan.after().overload()).isZero();
            assertThat(plan.steps()).hasSize(1);
        }
    }

    /// Brute force over every independent plan of small fleets: what relief leaves is seldom more.
    @Test
    void relievesNearlyAllThatBruteForceCan() {
        int relievable = 0;
        int relieved = 0;
        for (long seed = 0; seed < 1_500; seed++) {
            var problem = RandomFleets.fleet(seed, 4, 7);
            double hot = FleetScore.recount(problem, problem.hostOf).overload();
            if (hot == 0 || problem.vmCount() == 0) {
                continue;
            }
            double least = leastOverload(new FleetState(problem), 0, new boolean[99]);
            var plan = relief.rebalance(problem, WorkLimit.ofMoves(MOVES, seed));
            assertThat(plan.after().overload()).isGreaterThanOrEqualTo(least - 1e-9);
            if (least < hot - 1e-9) {
                relievable++;
                relieved += plan.after().overload() <= least + 1e-9 ? 1 : 0;
            }
        }
        assertThat(relievable).as("fleets that say something").isGreaterThan(200);
        assertThat((double) relieved / relievable).isGreaterThan(0.97);
    }

    private static double leastOverload(FleetState state, int vm, boolean[] groupMoved) {
        var problem = state.problem;
        if (vm == problem.vmCount()) {
            return state.score().overload();
        }
        double least = leastOverload(state, vm + 1, groupMoved);
        int from = problem.hostOf(vm);
        boolean wasHot = isHotAtFirst(problem, from);
        int[] groups = new int[problem.affinity.groupCount(vm)];
        Arrays.setAll(groups, i -> problem.affinity.groupOf(vm, i));
        boolean groupIsFree = Arrays.stream(groups).noneMatch(group -> groupMoved[group]);
        if (!wasHot || !groupIsFree || problem.pinnedHost(vm) == from) {
            return least;
        }
        for (int to = 0; to < problem.hostCount(); to++) {
            if (to != from && !isHotAtFirst(problem, to) && state.check(vm, to) == null) {
                state.move(vm, to);
                Arrays.stream(groups).forEach(group -> groupMoved[group] = true);
                least = Math.min(least, leastOverload(state, vm + 1, groupMoved));
                Arrays.stream(groups).forEach(group -> groupMoved[group] = false);
                state.move(vm, from);
            }
        }
        return least;
    }

    private static boolean isHotAtFirst(FleetProblem problem, int host) {
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            if (FleetScore.peak(problem, problem.hostOf, resource, host)
                    > problem.safeLoad(resource, host)) {
                return true;
            }
        }
        return false;
    }
}
