package io.novacron.inference.member;

/// The median of the same time on the last seven days.
final class SeasonalMedian extends PointMember {
    private static final int DAYS = 7;

    private final float[] sample = new float[DAYS];

    SeasonalMedian(History history, Target[] targets) {
        super("seasonal-median", history, targets, 1);
    }

    @Override
    void points(float[] points) {
        int day = history.stepsPerDay();
        for (int target = 0; target < targets.length; target++) {
            int count = 0;
            int first = (targets[target].to() + day - 1) / day * day;
            for (int k = 0; k < DAYS; k++) {
                float value = history.outcome(targets[target], first + k * day);
                if (!Float.isNaN(value)) {
                    sample[count++] = value;
                }
            }
            points[target] = History.median(sample, count);
        }
    }
}
