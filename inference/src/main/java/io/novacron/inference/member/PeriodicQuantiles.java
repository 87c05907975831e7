package io.novacron.inference.member;

/// Quantiles of what the target was one, two, … `repeats` periods ago, and up to `around` steps
/// beside that: the same time on seven days, or the same phase of the hour.
final class PeriodicQuantiles implements Member {
    private static final int ENOUGH = 3;

    private final String name;
    private final History history;
    private final Target[] targets;
    private final int period;
    private final int repeats;
    private final int around;
    private final float[] sample;

    PeriodicQuantiles(
            String name, History history, Target[] targets, int period, int repeats, int around) {
        this.name = name;
        this.history = history;
        this.targets = targets;
        this.period = period;
        this.repeats = repeats;
        this.around = around;
        this.sample = new float[repeats * (2 * around + 1)];
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
            int reach = targets[target].to() + around;
            int first = (reach + period - 1) / period * period;
            int count = 0;
            for (int k = 0; k < repeats && first + k * period - around < history.size(); k++) {
                for (int lag = first + k * period - around;
                        lag <= first + k * period + around;
                        lag++) {
                    float value = history.outcome(targets[target], lag);
                    if (!Float.isNaN(value)) {
                        sample[count++] = value;
                    }
                }
            }
            int at = offset + target * LEVELS;
            if (count < ENOUGH) {
                SampleQuantiles.unknown(quantiles, at);
            } else {
                SampleQuantiles.write(sample, count, quantiles, at);
            }
        }
    }
}
