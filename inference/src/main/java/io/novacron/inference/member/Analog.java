package io.novacron.inference.member;

import io.novacron.inference.member.kernel.AnalogKernels;
import java.util.Arrays;

/// What followed the stretches of the same series that were most like the newest one.
///
/// Distances to all lags advance by one step in one SIMD pass ([AnalogKernels]); the 32 lags with
/// the lowest distance, plus small penalties for another time of day and for age, give the sample
/// whose quantiles are the answer. The values are not moved to the present level: that hurts.
///
/// Values are scaled before they are compared. The scale is fixed between rescalings, which come
/// when the history has doubled and once a day after that; then the distances are rebuilt by
/// replaying the newest [#REPLAY_STEPS] steps.
final class Analog implements Member {
    /// How values are scaled; `median`, `deviation` and `spread` are of the whole history.
    enum Scaling {
        LEVEL, // asinh(3x / (median / 4 + deviation + unit))
        LINEAR, // x / (deviation + unit / 10)
        CENTRED // asinh(2 (x - median) / (mean |x - median| + unit / 5))
    }

    /// A setting of the member.
    ///
    /// @param decay weight of a step relative to the one after it
    /// @param dayPenalty for a candidate at the opposite time of day
    /// @param agePenalty for the oldest candidate of a full history
    record Setting(String name, Scaling scaling, float decay, float dayPenalty, float agePenalty) {}

    static final int NEAREST = 32;
    private static final int MIN_SAMPLE = 4;
    private static final int MIN_CANDIDATES = 24;
    private static final int REPLAY_STEPS = 64;

    private final AnalogKernels kernels;
    private final Setting setting;
    private final History history;
    private final Target[] targets;
    private final int maxLags;
    private final RecentColumn scaled;
    private final float[] distances;
    private final float[] penalties;
    private final int[] nearest = new int[NEAREST];
    private final float[] scores = new float[NEAREST];
    private final float[] sample = new float[NEAREST];
    private float centre;
    private float factor;
    private float newestScaled;
    private float strangeness = Float.NaN;
    private long nextRescale = 12;

    Analog(
            Setting setting,
            History history,
            Target[] targets,
            int maxLags,
            float[] penalties,
            AnalogKernels kernels) {
        this.setting = setting;
        this.history = history;
        this.targets = targets;
        this.maxLags = maxLags;
        this.kernels = kernels;
        this.scaled = new RecentColumn(maxLags + 1);
        this.distances = new float[maxLags];
        this.penalties = penalties;
    }

    /// Penalties by lag, the same for all series of one setting.
    static float[] penalties(Setting setting, int maxLags, int stepsPerDay) {
        float[] penalties = new float[maxLags];
        for (int lag = 1; lag <= maxLags; lag++) {
            int phase = lag % stepsPerDay;
            float apart = 2f * Math.min(phase, stepsPerDay - phase) / stepsPerDay;
            penalties[lag - 1] =
                    setting.dayPenalty() * apart + setting.agePenalty() * lag / maxLags;
        }
        return penalties;
    }

    @Override
    public String name() {
        return setting.name();
    }

    @Override
    public void update() {
        if (history.steps() >= nextRescale) {
            rescale();
            long steps = history.steps();
            nextRescale = steps + Math.min(steps, history.stepsPerDay());
        } else if (factor > 0) {
            push(history.ago(0));
        }
    }

    private void push(float value) {
        if (!Float.isNaN(value)) { // a gap repeats the value before it
            newestScaled = scale(value);
        }
        int lags = Math.min(scaled.size(), maxLags);
        kernels.advance(
                distances, scaled.values(), scaled.newest(), lags, newestScaled, setting.decay());
        scaled.append(newestScaled);
    }

    private float scale(float value) {
        return switch (setting.scaling()) {
            case LEVEL -> asinh(value * factor);
            case LINEAR -> value * factor;
            case CENTRED -> asinh((value - centre) * factor);
        };
    }

    private static float asinh(float x) {
        float size = Math.abs(x);
        return Math.copySign((float) Math.log(size + Math.sqrt((double) size * size + 1)), x);
    }

    private void rescale() {
        float[] values = new float[history.size()];
        int count = history.valid(history.size(), values);
        if (count == 0) {
            return;
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += values[i];
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
        }
        float deviation = (float) Math.sqrt(squares / count);
        float median = History.median(values, count);
        double absolute = 0;
        for (int i = 0; i < count; i++) {
            absolute += Math.abs(values[i] - median);
        }
        float unit = history.unit();
        centre = median;
        factor =
                switch (setting.scaling()) {
                    case LEVEL -> 3 / (.25f * Math.abs(median) + deviation + unit);
                    case LINEAR -> 1 / (deviation + .1f * unit);
                    case CENTRED -> 2 / ((float) (absolute / count) + .2f * unit);
                };
        replay();
    }

    /// Scales the whole history anew and rebuilds the distances of all lags.
    private void replay() {
        scaled.clear();
        Arrays.fill(distances, 0);
        newestScaled = scale(firstValid());
        int size = Math.min(history.size(), maxLags + 1);
        int quiet = Math.max(0, size - REPLAY_STEPS);
        for (int i = 0; i < size; i++) {
            float value = history.ago(size - 1 - i);
            if (i >= quiet) {
                push(value);
            } else {
                if (!Float.isNaN(value)) {
                    newestScaled = scale(value);
                }
                scaled.append(newestScaled);
            }
        }
    }

    private float firstValid() {
        for (int lag = history.size() - 1; lag >= 0; lag--) {
            float value = history.ago(lag);
            if (!Float.isNaN(value)) {
                return value;
            }
        }
        return 0;
    }

    @Override
    public void forecast(float[] quantiles, int offset, float[] notes, int noteOffset) {
        int lags = Math.min(scaled.size() - 1, maxLags);
        int reach = 0;
        int found = 0;
        for (int target = 0; target < targets.length; target++) {
            int at = offset + target * LEVELS;
            int wanted = reachOf(target);
            if (wanted != reach || target == 0) {
                reach = wanted;
                found =
                        lags - reach < MIN_CANDIDATES
                                ? 0
                                : kernels.nearest(
                                        distances,
                                        penalties,
                                        1 - setting.decay(),
                                        reach - 1,
                                        lags,
                                        nearest,
                                        scores);
            }
            strangeness = found == 0 ? Float.NaN : scores[0];
            int count = 0;
            for (int i = 0; i < found; i++) {
                float value = history.outcome(targets[target], nearest[i] + 1);
                if (!Float.isNaN(value)) {
                    sample[count++] = value;
                }
            }
            if (count < MIN_SAMPLE) {
                SampleQuantiles.unknown(quantiles, at);
            } else {
                SampleQuantiles.write(sample, count, quantiles, at);
            }
        }
    }

    /// Targets of neighbouring reach share one search: the nearest hour, four hours, a day, more.
    private int reachOf(int target) {
        int to = targets[target].to();
        int longest = to;
        for (Target other : targets) {
            if (band(other.to()) == band(to)) {
                longest = Math.max(longest, other.to());
            }
        }
        return longest;
    }

    private static int band(int steps) {
        return steps <= 12 ? 0 : steps <= 48 ? 1 : steps <= 288 ? 2 : 3;
    }

    @Override
    public float strangeness() {
        return strangeness;
    }
}
