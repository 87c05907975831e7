package io.novacron.training;

/// Cuts a trace in time: train on `[0, trainEnd)`, calibrate on `[trainEnd, calibrateEnd)`, judge
/// on `[calibrateEnd, steps)`. A row belongs to a part only if its origin and its target both lie
/// in it, so no part sees an outcome of another.
///
/// @param trainEnd first step after the training part
/// @param calibrateEnd first step after the calibration part
/// @param steps all steps
record TimeSplit(int trainEnd, int calibrateEnd, int steps) {
    private static final int MIN_STEPS = 200;

    static TimeSplit of(int steps) throws TrainingException {
        if (steps < MIN_STEPS) {
            throw new TrainingException(
                    "the trace has %d steps, training needs at least %d"
                            .formatted(steps, MIN_STEPS));
        }
        return new TimeSplit((int) (steps * .7), (int) (steps * .8), steps);
    }
}
