package io.novacron.solver.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Days of groups with a morning under a virtual clock, minute by minute: scaled by [GroupScaler]
/// with an imperfect forecast, and by the reactive rule that clouds offer (a threshold for more, a
/// threshold for fewer, steps, a cool-down). Both see the same demand, and members of both take the
/// same time to serve.
class DayOfScalingTest {
    private static final int DAY = 1_440;
    private static final int LEAD_MINUTES = 5;
    private static final double NEVER = Double.POSITIVE_INFINITY;

    /// @param unserved minutes in which the members could not serve all of the demand
    /// @param hours members × hours
    record Result(int unserved, double hours, int changes, int mostStartsAtOnce) {}

    /// What a rule wants to be done.
    private interface Rule {
        /// @return the size wanted of each group
        int[] decide(int minute, Group[] groups);
    }

    /// One group's members.
    private static final class Group {
        final double[] demand; // by minute
        final List<Integer> servesFrom = new ArrayList<>(); // minute, of each member
        double lastOut = -NEVER;
        double lastIn = -NEVER;

        Group(double[] demand, int size) {
            this.demand = demand;
            for (int i = 0; i < size; i++) {
                servesFrom.add(0);
            }
        }

        int serving(int minute) {
            return (int) servesFrom.stream().filter(from -> from <= minute).count();
        }

        double served(int minute) {
            return Math.min(demand[minute], serving(minute));
        }

        double recentPeak(int minute, int minutes) {
            double peak = 0;
            for (int at = Math.max(0, minute - minutes); at <= minute; at++) {
                peak = Math.max(peak, served(at));
            }
            return peak;
        }
    }

    /// A quiet night, a steep morning, a dip at noon, a slow evening, and noise.
    private static double[] day(SplittableRandom random, int morning, double peak) {
        double[] demand = new double[2 * DAY];
        for (int minute = 0; minute < demand.length; minute++) {
            int of = minute % DAY;
            double rise = 1 / (1 + Math.exp(-(of - morning) / 4.0));
            double fall = 1 / (1 + Math.exp((of - 1_080) / 40.0));
            double noon = 1 - 0.25 * Math.exp(-Math.pow((of - 740) / 40.0, 2));
            double noise = 1 + 0.05 * (random.nextDouble() - 0.5);
            demand[minute] = peak * (0.15 + 0.85 * rise * fall * noon) * noise;
        }
        return demand;
    }

    private static Result simulate(Group[] groups, Rule rule) {
        int unserved = 0;
        double hours = 0;
        int changes = 0;
        int mostStarts = 0;
        int startsInInterval = 0;
        for (int minute = 0; minute < DAY; minute++) {
            startsInInterval = minute % 5 == 0 ? 0 : startsInInterval;
            int[] wanted = rule.decide(minute, groups);
            for (int i = 0; i < groups.length; i++) {
                Group group = groups[i];
                int size = group.servesFrom.size();
                changes += wanted[i] == size ? 0 : 1;
                for (int start = size; start < wanted[i]; start++) {
                    group.servesFrom.add(minute + LEAD_MINUTES);
                    group.lastOut = minute;
                    startsInInterval++;
                }
                for (int left = size; left > wanted[i]; left--) {
                    group.servesFrom.removeLast();
                    group.lastIn = minute;
                }
                unserved += group.demand[minute] > group.serving(minute) ? 1 : 0;
                hours += group.servesFrom.size() / 60.0;
            }
            mostStarts = Math.max(mostStarts, startsInInterval);
        }
        return new Result(unserved, hours, changes, mostStarts);
    }

    /// More above 70 % of use, fewer below 40 %, by a fifth, five minutes apart.
    private static int[] reactive(int minute, Group[] groups) {
        int[] wanted = new int[groups.length];
        for (int i = 0; i < groups.length; i++) {
            Group group = groups[i];
            int size = group.servesFrom.size();
            double use = group.served(minute) / Math.max(1, group.serving(minute));
            boolean rested = minute - Math.max(group.lastOut, group.lastIn) >= 5;
            int step = Math.max(1, size / 5);
            wanted[i] = size;
            if (rested && use > 0.7) {
                wanted[i] = size + step;
            } else if (rested && use < 0.4) {
                wanted[i] = Math.max(2, size - step);
            }
        }
        return wanted;
    }

    /// A forecast that knows the shape of the day, a tenth off, and its quantiles.
    private static DemandPath forecast(Group group, int minute, double bias) {
        double[] levels = {0.1, 0.5, 0.9};
        double[] seconds = new double[13];
        double[][] demand = new double[3][13];
        for (int point = 0; point < seconds.length; point++) {
            seconds[point] = point * 300;
            double truth = group.demand[minute + 5 * point] * (point == 0 ? 1 : bias);
            for (int level = 0; level < levels.length; level++) {
                demand[level][point] = truth * (1 + 0.12 * (levels[level] - 0.5) * point / 12);
            }
        }
        return new DemandPath(levels, seconds, demand);
    }

    private static Rule ahead(Pace pace, double bias) {
        var policy = new ScalingPolicy(0.8, 0.9, LEAD_MINUTES * 60, 120, 600, 600, 0.1, 10, 4);
        int[] startsInInterval = new int[64];
        return (minute, groups) -> {
            List<ScalingGroup> now = new ArrayList<>();
            for (int i = 0; i < groups.length; i++) {
                Group group = groups[i];
                startsInInterval[i] = minute % 5 == 0 ? 0 : startsInInterval[i];
                int serving = group.serving(minute);
                now.add(
                        new ScalingGroup(
                                "group-" + i,
                                serving,
                                group.servesFrom.size() - serving,
                                2,
                                60,
                                1,
                                group.served(minute),
                                group.recentPeak(minute, 10),
                                forecast(group, minute, bias),
                                60 * (minute - group.lastOut),
                                60 * (minute - group.lastIn),
                                startsInInterval[i],
                                policy));
            }
            List<GroupPlan> plans = GroupScaler.plan(now, pace, minute * 60L);
            int[] wanted = new int[groups.length];
            for (int i = 0; i < groups.length; i++) {
                wanted[i] = plans.get(i).to();
                startsInInterval[i] += Math.max(0, plans.get(i).to() - plans.get(i).from());
            }
            return wanted;
        };
    }

    private static Group[] groups(long seed) {
        var random = new SplittableRandom(seed);
        Group[] groups = new Group[8];
        for (int i = 0; i < groups.length; i++) {
            double peak = 6 + random.nextDouble(18);
            groups[i] = new Group(day(random, 520 + random.nextInt(20), peak), 6);
        }
        return groups;
    }

    @Test
    void aMorningIsServedThatAThresholdMissesWithNoMoreMemberHours() {
        for (long seed = 1; seed <= 10; seed++) {
            Result threshold = simulate(groups(seed), DayOfScalingTest::reactive);
            for (double bias : new double[] {0.9, 1, 1.1}) {
                Result ahead = simulate(groups(seed), ahead(new Pace(20, 300, 60), bias));
                String what =
                        "seed %d, forecast × %s: %s, threshold %s"
                                .formatted(seed, bias, ahead, threshold);
                assertThat(ahead.unserved()).as(what).isLessThan(threshold.unserved() / 10);
                assertThat(ahead.hours()).as(what).isLessThanOrEqualTo(threshold.hours());
                assertThat(ahead.mostStartsAtOnce()).as(what).isLessThanOrEqualTo(20);
                assertThat(threshold.unserved()).as(what).isPositive();
            }
        }
    }
}
