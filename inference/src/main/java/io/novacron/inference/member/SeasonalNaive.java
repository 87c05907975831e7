package io.novacron.inference.member;

/// The same time one period ago; a period earlier when that is missing.
final class SeasonalNaive extends PointMember {
    private final int period;

    SeasonalNaive(String name, History history, Target[] targets, int period) {
        super(name, history, targets, 1);
        this.period = period;
    }

    @Override
    void points(float[] points) {
        for (int target = 0; target < targets.length; target++) {
            float point = Float.NaN;
            int first = (targets[target].to() + period - 1) / period * period;
            for (int lag = first;
                    Float.isNaN(point) && lag < history.size() && lag < first + 4 * period;
                    lag += period) {
                point = history.outcome(targets[target], lag);
            }
            points[target] = point;
        }
    }
}
