package io.novacron.solver.scaling;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Groups for tests: members of capacity 1.
final class Groups {
    static final double NEVER = Double.POSITIVE_INFINITY;

    private Groups() {}

    static ScalingGroup group(int serving, double observed, @Nullable DemandPath demand) {
        return group("web", serving, observed, demand, ScalingPolicy.DEFAULT);
    }

    static ScalingGroup group(
            String name,
            int serving,
            double observed,
            @Nullable DemandPath demand,
            ScalingPolicy policy) {
        return new ScalingGroup(
                name, serving, 0, 1, 100, 1, observed, observed, demand, NEVER, NEVER, 0, policy);
    }

    /// The same with other times since it was scaled.
    static ScalingGroup scaled(ScalingGroup group, double sinceOut, double sinceIn) {
        return new ScalingGroup(
                group.name(),
                group.serving(),
                group.starting(),
                group.least(),
                group.most(),
                group.memberCapacity(),
                group.observed(),
                group.recentPeak(),
                group.demand(),
                sinceOut,
                sinceIn,
                group.startedInInterval(),
                group.policy());
    }

    /// The same within other limits.
    static ScalingGroup within(ScalingGroup group, int least, int most) {
        return new ScalingGroup(
                group.name(),
                group.serving(),
                group.starting(),
                least,
                most,
                group.memberCapacity(),
                group.observed(),
                group.recentPeak(),
                group.demand(),
                group.sinceOutSeconds(),
                group.sinceInSeconds(),
                group.startedInInterval(),
                group.policy());
    }

    /// The same demand at all levels, at these times.
    static DemandPath path(double[] seconds, double... demand) {
        return new DemandPath(new double[] {0.5}, seconds, new double[][] {demand});
    }

    static DemandPath randomPath(SplittableRandom random, double most) {
        int points = 2 + random.nextInt(6);
        double[] seconds = new double[points];
        double[][] demand = new double[3][points];
        for (int point = 0; point < points; point++) {
            seconds[point] = point == 0 ? 0 : seconds[point - 1] + 60 + random.nextInt(1_200);
            demand[0][point] = random.nextDouble(most);
            demand[1][point] = demand[0][point] * (1 + random.nextDouble(0.3));
            demand[2][point] = demand[1][point] * (1 + random.nextDouble(0.3));
        }
        return new DemandPath(new double[] {0.1, 0.5, 0.9}, seconds, demand);
    }

    static ScalingPolicy randomPolicy(SplittableRandom random, Pace pace) {
        return new ScalingPolicy(
                0.4 + random.nextDouble(0.5),
                0.5 + random.nextDouble(0.4),
                random.nextInt(600),
                random.nextInt(pace.intervalSeconds() + 1),
                random.nextInt(1_200),
                random.nextInt(1_200),
                random.nextDouble(0.3),
                1 + random.nextInt(6),
                1 + random.nextInt(3));
    }

    static List<ScalingGroup> random(SplittableRandom random, Pace pace) {
        List<ScalingGroup> groups = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            int least = random.nextInt(4);
            int serving = random.nextInt(12);
            double observed = random.nextInt(6) == 0 ? Double.NaN : random.nextDouble(12);
            groups.add(
                    new ScalingGroup(
                            "group-" + i,
                            serving,
                            random.nextInt(4) == 0 ? random.nextInt(4) : 0,
                            least,
                            least + random.nextInt(20),
                            0.5 + random.nextDouble(2),
                            observed,
                            observed * (1 + random.nextDouble(0.2)),
                            random.nextInt(5) == 0 ? null : randomPath(random, 15),
                            random.nextBoolean() ? NEVER : random.nextInt(900),
                            random.nextBoolean() ? NEVER : random.nextInt(900),
                            random.nextInt(4) == 0 ? random.nextInt(4) : 0,
                            randomPolicy(random, pace)));
        }
        return groups;
    }
}
