package io.novacron.inference.member;

/// Quantiles of what the target was over the last `window` steps, as if nothing would change.
final class RecentQuantiles implements Member {
    private static final int ENOUGH = 6; // fewer say nothing about the spread

    private final String name;
    private final History history;
    private final Target[] targets;
    private final int window;
    private final float[] sample;

    RecentQuantiles(String name, History history, Target[] targets, int window) {
        this.name = name;
        this.history = history;
        this.targets = targets;
        this.window = window;
        this.sample = new float[window];
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void update() {}

    @Override
    public void forecast(float[] quantiles, int offset, float[] notes, int noteOffset) {
        for (int target = 0; target < targets.length; target++) {
            int at = offset + target * LEVELS;
            int same = sameSpanBefore(target);
            if (same >= 0) {
                System.arraycopy(quantiles, offset + same * LEVELS, quantiles, at, LEVELS);
                continue;
            }
            int count = 0;
            int reach = targets[target].to();
            for (int lag = reach; lag < reach + window; lag++) {
                float value = history.outcome(targets[target], lag);
                if (!Float.isNaN(value)) {
                    sample[count++] = value;
                }
            }
            if (count < ENOUGH) {
                SampleQuantiles.unknown(quantiles, at);
            } else {
                SampleQuantiles.write(sample, count, quantiles, at);
            }
        }
    }

    /// An earlier target of the same span, which has the same answer here, or -1.
    private int sameSpanBefore(int target) {
        for (int before = 0; before < target; before++) {
            if (targets[before].span() == targets[target].span()) {
                return before;
            }
        }
        return -1;
    }
}
