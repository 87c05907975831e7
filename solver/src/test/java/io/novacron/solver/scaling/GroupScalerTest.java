package io.novacron.solver.scaling;

import static io.novacron.solver.scaling.Groups.NEVER;
import static io.novacron.solver.scaling.Groups.group;
import static io.novacron.solver.scaling.Groups.path;
import static io.novacron.solver.scaling.Groups.scaled;
import static io.novacron.solver.scaling.Groups.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.novacron.solver.InvalidInputException;
import io.novacron.solver.Reason.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class GroupScalerTest {
    private static final long NOON = 43_200;

    private static GroupPlan plan(ScalingGroup group) {
        return GroupScaler.plan(List.of(group), Pace.DEFAULT, NOON).getFirst();
    }

    private static List<Code> codes(GroupPlan plan) {
        return plan.grounds().reasons().stream().map(reason -> reason.code()).toList();
    }

    // --- more ----------------------------------------------------------------------------------

    @Test
    void whatIsObservedAboveTheTargetIsServedAtOnce() {
        GroupPlan plan = plan(group(4, 3.5, null));
        assertThat(plan.to()).isEqualTo(5);
        assertThat(codes(plan)).containsExactly(Code.GROUP_DEMAND);
        assertThat(plan.grounds().confidence()).isEqualTo(1);
    }

    @Test
    void aPeakAheadIsStartedForItsLeadTimeBefore() {
        var rise = path(new double[] {0, 1_800, 1_860, 3_600}, 2, 2, 4, 4);
        GroupPlan early = plan(group(4, 2, rise));
        assertThat(early.scales()).isFalse();
        assertThat(early.starts()).hasSize(2);
        for (PlannedStart start : early.starts()) {
            assertThat(start.latestSeconds()).isEqualTo(1_800 - 180 - 60);
            assertThat(start.atSeconds())
                    .isBetween(1_560 - 2.0 * Pace.DEFAULT.intervalSeconds(), 1_560.0);
        }
        GroupPlan due = plan(group(4, 2, path(new double[] {0, 180, 240}, 2, 2, 4)));
        assertThat(due.to()).isEqualTo(6);
        assertThat(codes(due)).containsExactly(Code.GROUP_FORECAST);
        assertThat(due.flips()).extracting(GroupPlan.Flip::input).contains("peak demand");
    }

    @Test
    void theQuantileOfThePolicyDecides() {
        var path =
                new DemandPath(
                        new double[] {0.5, 0.9}, new double[] {0}, new double[][] {{2}, {5}});
        assertThat(plan(group(4, 2, path)).to()).isEqualTo(8);
        var median = new ScalingPolicy(0.7, 0.5, 180, 120, 900, 900, 0.1, 10, 2);
        assertThat(plan(group("web", 4, 2, path, median)).scales()).isFalse();
    }

    @Test
    void aSaturatedGroupGrowsByAFactor() {
        GroupPlan plan = plan(group(10, 10, null));
        assertThat(plan.to()).isEqualTo(15);
        assertThat(codes(plan)).containsExactly(Code.GROUP_SATURATED);
    }

    @Test
    void membersThatAreBeingStartedCount() {
        var starting =
                new ScalingGroup(
                        "web",
                        4,
                        1,
                        1,
                        100,
                        1,
                        3.5,
                        3.5,
                        null,
                        60,
                        NEVER,
                        1,
                        ScalingPolicy.DEFAULT);
        assertThat(plan(starting).scales()).isFalse();
    }

    @Test
    void fewerThanTheLeastAreStartedWithoutAnyDemand() {
        GroupPlan plan = plan(within(group(1, 0, null), 3, 9));
        assertThat(plan.to()).isEqualTo(3);
        assertThat(codes(plan)).contains(Code.GROUP_MINIMUM);
    }

    @Test
    void theMaximumHoldsAndSaysSo() {
        GroupPlan plan = plan(within(group(4, 3.9, DemandPath.constant(30)), 1, 6));
        assertThat(plan.to()).isEqualTo(6);
        assertThat(codes(plan)).contains(Code.GROUP_MAXIMUM);
    }

    @Test
    void aCoolDownHoldsStartsBackAndSaysSo() {
        GroupPlan plan = plan(scaled(group(4, 3.5, null), 30, NEVER));
        assertThat(plan.scales()).isFalse();
        assertThat(plan.late()).isEqualTo(1);
        assertThat(plan.starts().getFirst().atSeconds()).isGreaterThanOrEqualTo(90);
        assertThat(codes(plan)).contains(Code.COOL_DOWN);
    }

    @Test
    void oneStepAddsNoMoreThanThePolicySays() {
        var policy = new ScalingPolicy(0.7, 0.9, 180, 120, 900, 900, 0.1, 3, 2);
        GroupPlan plan = plan(group("web", 4, 3.5, DemandPath.constant(7), policy));
        assertThat(plan.to()).isEqualTo(7);
        assertThat(codes(plan)).contains(Code.STEP_LIMIT);
    }

    // --- a morning of many groups --------------------------------------------------------------

    @Test
    void aMorningOfManyGroupsIsSpreadOverTheTimeBefore() {
        var morning = path(new double[] {0, 3_300, 3_360, 3_600}, 2, 2, 5, 5);
        var groups =
                java.util.stream.IntStream.range(0, 10)
                        .mapToObj(i -> group("g" + i, 4, 2, morning, ScalingPolicy.DEFAULT))
                        .toList();
        var pace = new Pace(5, 300, 60);
        List<GroupPlan> plans = GroupScaler.plan(groups, pace, NOON);

        assertThat(plans).allMatch(plan -> plan.starts().size() == 4);
        assertThat(plans).as("40 starts in 11 intervals of 5").allMatch(plan -> plan.late() == 0);
        assertThat(plans).as("not all groups at once").anyMatch(plan -> !plan.scales());
        assertThat(plans)
                .anySatisfy(plan -> assertThat(codes(plan)).contains(Code.STARTED_EARLIER));
        assertThat(countByInterval(plans, pace, NOON).values()).allMatch(count -> count <= 5);
    }

    @Test
    void whereTheLimitBitesItSaysSo() {
        var groups =
                List.of(
                        group("a", 4, 6, null, ScalingPolicy.DEFAULT),
                        group("b", 4, 6, null, ScalingPolicy.DEFAULT));
        List<GroupPlan> plans = GroupScaler.plan(groups, new Pace(4, 300, 60), NOON);
        assertThat(plans).extracting(plan -> plan.to() - plan.from()).containsExactly(2, 2);
        assertThat(plans).allSatisfy(plan -> assertThat(codes(plan)).contains(Code.START_LIMIT));
    }

    // --- fewer ---------------------------------------------------------------------------------

    @Test
    void membersThatAreNotNeededGo() {
        GroupPlan plan = plan(group(10, 5.5, null));
        assertThat(plan.to()).as("9 at 63 % would serve 5.67").isEqualTo(9);
        assertThat(codes(plan)).containsExactly(Code.GROUP_OVER_PROVISIONED);
        assertThat(plan.flips())
                .filteredOn(flip -> flip.input().equals("peak demand"))
                .singleElement()
                .satisfies(flip -> assertThat(flip.to()).isEqualTo(9 * 0.7 * 0.9));
    }

    @Test
    void nothingIsRemovedThatWouldBeMissedSoon() {
        var rise = path(new double[] {0, 900, 960, 3_600}, 2, 2, 6, 6);
        assertThat(plan(group(10, 2, rise)).scales()).isFalse();
        var later = path(new double[] {0, 3_000, 3_060, 3_600}, 2, 2, 6, 6);
        assertThat(plan(group(10, 2, later)).to()).isEqualTo(8);
    }

    @Test
    void nothingIsRemovedAfterAPeakDuringCoolDownsAndStarts() {
        var quiet = group(10, 2, null);
        assertThat(plan(scaled(quiet, NEVER, 600)).scales()).isFalse();
        assertThat(plan(scaled(quiet, 600, NEVER)).scales()).isFalse();
        var peaked =
                new ScalingGroup(
                        "web",
                        10,
                        0,
                        1,
                        100,
                        1,
                        2,
                        7,
                        null,
                        NEVER,
                        NEVER,
                        0,
                        ScalingPolicy.DEFAULT);
        assertThat(plan(peaked).scales()).isFalse();
        var starting =
                new ScalingGroup(
                        "web",
                        10,
                        1,
                        1,
                        100,
                        1,
                        2,
                        2,
                        null,
                        NEVER,
                        NEVER,
                        0,
                        ScalingPolicy.DEFAULT);
        assertThat(plan(starting).scales()).isFalse();
    }

    @Test
    void nothingIsRemovedWhereNothingIsKnown() {
        GroupPlan plan = plan(group(10, Double.NaN, null));
        assertThat(plan.scales()).isFalse();
        assertThat(codes(plan)).containsExactly(Code.NO_FORECAST);
    }

    // --- properties ----------------------------------------------------------------------------

    @Property(tries = 1_000, seed = "20261121")
    void noLimitIsBroken(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        var pace = new Pace(1 + random.nextInt(6), 60 + random.nextInt(600), 60);
        long now = random.nextLong(1L << 31);
        List<ScalingGroup> groups = Groups.random(random, pace);
        List<GroupPlan> plans = GroupScaler.plan(groups, pace, now);

        int started = groups.stream().mapToInt(ScalingGroup::startedInInterval).sum();
        countByInterval(plans, pace, now)
                .forEach((interval, count) ->
                        assertThat(count + (interval == 0 ? started : 0))
                                .as("starts in interval %s", interval)
                                .isLessThanOrEqualTo(
                                        Math.max(pace.starts(), interval == 0 ? started : 0)));
        for (int i = 0; i < groups.size(); i++) {
            check(groups.get(i), plans.get(i));
        }
        assertThat(GroupScaler.plan(groups, pace, now)).isEqualTo(plans);
    }

    private static void check(ScalingGroup group, GroupPlan plan) {
        ScalingPolicy policy = group.policy();
        int added = plan.to() - plan.from();
        if (added > 0) {
            assertThat(plan.to()).isLessThanOrEqualTo(group.most());
            assertThat(added).isLessThanOrEqualTo(policy.mostAdded());
            assertThat(group.sinceOutSeconds()).isGreaterThanOrEqualTo(policy.outCoolDownSeconds());
            assertThat(plan.grounds().reasons()).isNotEmpty();
        } else if (added < 0) {
            assertThat(-added).isLessThanOrEqualTo(policy.mostRemoved());
            assertThat(plan.to()).isGreaterThanOrEqualTo(Math.min(group.least(), plan.from()));
            assertThat(plan.grounds().reasons()).isNotEmpty();
            if (plan.from() <= group.most() && !Double.isNaN(group.observed())) {
                double target = policy.targetUtilisation() * (1 - policy.hysteresis());
                assertThat(plan.to() * group.memberCapacity() * target + 1e-6)
                        .isGreaterThanOrEqualTo(group.observed());
            }
        }
        double latest = 0;
        double at = 0;
        for (PlannedStart start : plan.starts()) {
            assertThat(start.latestSeconds()).isGreaterThanOrEqualTo(latest);
            assertThat(start.atSeconds()).isGreaterThanOrEqualTo(at);
            latest = start.latestSeconds();
            at = start.atSeconds();
        }
    }

    /// With what is planned, the group has at every minute what the quantile asks for, but for
    /// starts that are said to be late and for the time in which none could have been started yet.
    @Property(tries = 1_000, seed = "20261121")
    void neverBelowWhatTheQuantileAsksFor(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        var pace = new Pace(1 + random.nextInt(20), 60 + random.nextInt(600), 60);
        List<ScalingGroup> groups = Groups.random(random, pace);
        List<GroupPlan> plans = GroupScaler.plan(groups, pace, 7);
        for (int i = 0; i < groups.size(); i++) {
            ScalingGroup group = groups.get(i);
            DemandPath path = group.demand();
            if (path == null || plans.get(i).to() < plans.get(i).from()) {
                continue;
            }
            ScalingPolicy policy = group.policy();
            for (double time = 0; time <= path.horizonSeconds(); time += 10) {
                if (time < policy.leadSeconds() + pace.everySeconds()) {
                    continue;
                }
                double moment = time;
                long there =
                        group.size()
                                + plans.get(i).starts().stream()
                                        .filter(start ->
                                                start.isLate()
                                                        || start.atSeconds() + policy.leadSeconds()
                                                                <= moment)
                                        .count();
                int wanted =
                        group.within(
                                group.membersFor(
                                        path.at(policy.quantile(), time),
                                        policy.targetUtilisation()));
                assertThat(there).as("at %s s", time).isGreaterThanOrEqualTo(wanted);
            }
        }
    }

    /// Held against a maximum flow: where all starts can be in time, all are; where not, a late one
    /// comes as early as the limits let it.
    @Property(tries = 2_000, seed = "20261121")
    void noStartIsLateThatNeedNotBe(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        var pace = new Pace(1 + random.nextInt(4), 300, 60);
        List<ScalingGroup> groups = Groups.random(random, pace);
        long now = random.nextInt(300);
        var schedule = new StartSchedule(pace, now, groups);
        Map<ScalingGroup, double[]> latest = new HashMap<>();
        boolean urgent = random.nextBoolean();
        for (ScalingGroup group : groups) {
            double[] times =
                    random.doubles(random.nextInt(7), urgent ? 0 : 600, 1_800)
                            .map(time -> urgent && random.nextInt(3) == 0 ? 0 : time)
                            .sorted()
                            .toArray();
            schedule.add(group, times);
            latest.put(group, times);
        }
        schedule.run();
        long all = latest.values().stream().mapToLong(times -> times.length).sum();
        long late = 0;
        int[] used = new int[80];
        used[0] = groups.stream().mapToInt(ScalingGroup::startedInInterval).sum();
        Map<ScalingGroup, int[]> taken = new HashMap<>();
        for (ScalingGroup group : groups) {
            int[] of = new int[80];
            of[0] = group.startedInInterval();
            for (PlannedStart start : schedule.starts(group)) {
                int interval = (int) ((now + start.atSeconds()) / pace.intervalSeconds());
                used[interval]++;
                of[interval]++;
                late += start.isLate() ? 1 : 0;
            }
            taken.put(group, of);
        }
        int started = groups.stream().mapToInt(ScalingGroup::startedInInterval).sum();
        if (new MostInTime(pace, schedule, groups, latest, started).count() == all) {
            assertThat(late).isZero();
        }
        for (ScalingGroup group : groups) {
            for (PlannedStart start : schedule.starts(group)) {
                int interval = (int) ((now + start.atSeconds()) / pace.intervalSeconds());
                for (int before = 0; start.isLate() && before < interval; before++) {
                    boolean closed =
                            used[before] >= pace.starts()
                                    || taken.getOrDefault(group, new int[80])[before]
                                            >= group.policy().mostAdded()
                                    || Double.isInfinite(schedule.timeIn(group, before));
                    assertThat(closed).as("room in interval %s before %s", before, start).isTrue();
                }
            }
        }
    }

    /// What is constant is found once: members are added, then what was too many goes, and nothing
    /// is ever added again.
    @Property(tries = 300, seed = "20261121")
    void nothingFlapsOnAConstantDemand(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        var pace = new Pace(1 + random.nextInt(20), 300, 60);
        ScalingPolicy policy = Groups.randomPolicy(random, pace);
        boolean forecast = random.nextBoolean();
        double demand = random.nextDouble(20);
        int size = random.nextInt(40);
        double sinceOut = NEVER;
        double sinceIn = NEVER;
        int startedInInterval = 0;
        int lastChange = 0;
        boolean removed = false;
        for (int minute = 0; minute < 1_500; minute++) {
            startedInInterval = minute % 5 == 0 ? 0 : startedInInterval;
            double served = Math.min(demand, size);
            var group =
                    new ScalingGroup(
                            "web",
                            size,
                            0,
                            0,
                            50,
                            1,
                            served,
                            served,
                            forecast ? DemandPath.constant(demand) : null,
                            sinceOut,
                            sinceIn,
                            startedInInterval,
                            policy);
            GroupPlan plan = GroupScaler.plan(List.of(group), pace, minute * 60L).getFirst();
            if (plan.to() > size) {
                assertThat(removed).as("added after members were removed").isFalse();
                sinceOut = 0;
                startedInInterval += plan.to() - size;
            } else if (plan.to() < size) {
                removed = true;
                sinceIn = 0;
            }
            lastChange = plan.scales() ? minute : lastChange;
            size = plan.to();
            sinceOut += 60;
            sinceIn += 60;
        }
        assertThat(lastChange).isLessThan(1_000);
        if (demand > 0 && !(size == 0 && !forecast)) { // nothing is observed where nothing is
            assertThat(size * policy.targetUtilisation() + 1e-6).isGreaterThanOrEqualTo(demand);
        }
    }

    private static Map<Long, Integer> countByInterval(
            List<GroupPlan> plans, Pace pace, long nowSeconds) {
        Map<Long, Integer> counts = new HashMap<>();
        long running = Math.floorDiv(nowSeconds, pace.intervalSeconds());
        for (GroupPlan plan : plans) {
            for (PlannedStart start : plan.starts()) {
                long interval =
                        (long)
                                Math.floor(
                                        (nowSeconds + start.atSeconds()) / pace.intervalSeconds());
                counts.merge(interval - running, 1, Integer::sum);
            }
        }
        return counts;
    }

    // --- bad input -----------------------------------------------------------------------------

    @Test
    void everyMistakeOfAPolicyIsListed() {
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class,
                        () -> new ScalingPolicy(70, 90, -1, -1, -1, 90_000, 2, 0, 0));
        assertThat(refusal.mistakes())
                .hasSize(9)
                .anySatisfy(text ->
                        assertThat(text)
                                .contains("targetUtilisation=70.0", "(0, 1]", "Maybe percents"));
    }

    @Test
    void everyMistakeOfAGroupIsListed() {
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class,
                        () ->
                                new ScalingGroup(
                                        " ",
                                        -1,
                                        0,
                                        5,
                                        3,
                                        0,
                                        -1,
                                        NEVER,
                                        null,
                                        -1,
                                        -1,
                                        -1,
                                        ScalingPolicy.DEFAULT));
        assertThat(refusal.mistakes())
                .hasSize(8)
                .anySatisfy(
                        text -> assertThat(text).contains("least=5 and most=3", "Maybe they are"))
                .allSatisfy(text -> assertThat(text).contains("Maybe"));
    }

    @Test
    void everyMistakeOfADemandPathIsListed() {
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class,
                        () ->
                                new DemandPath(
                                        new double[] {0.9, 0.5},
                                        new double[] {1, 1},
                                        new double[][] {{1, Double.NaN}, {0.5, -1}}));
        assertThat(refusal.mistakes())
                .anyMatch(text -> text.contains("level 0.5 must be above 0.9"))
                .anyMatch(text -> text.contains("seconds[0]=1.0 must begin at 0"))
                .anyMatch(text -> text.contains("demand[0][1]=NaN"))
                .anyMatch(text -> text.contains("Maybe sort the quantiles?"));
    }

    @Test
    void aPaceAndACoolDownThatDoNotGoTogetherAreRefused() {
        assertThatThrownBy(() -> new Pace(0, 30, 60))
                .hasMessageContaining("starts=0")
                .hasMessageContaining("everySeconds=60 must be in [1, 30]");
        var slow = new ScalingPolicy(0.7, 0.9, 180, 600, 900, 900, 0.1, 10, 2);
        assertThatThrownBy(() -> plan(group("web", 4, 3, null, slow)))
                .hasMessageContaining("outCoolDownSeconds=600 of group web must be at most 300");
        assertThatThrownBy(() ->
                        GroupScaler.plan(
                                List.of(group(1, 1, null), group(1, 1, null)), Pace.DEFAULT, 0))
                .hasMessageContaining("group web is there twice");
    }
}
