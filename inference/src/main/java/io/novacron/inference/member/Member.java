package io.novacron.inference.member;

/// One small forecaster of one series.
///
/// The order of calls: the series' [History] gets a value, then [#update]; now and then
/// [#forecast]; and later, when a target of that forecast has come, [#learn] with what the member
/// noted at the time. A member that cannot say anything about a target yet leaves its quantiles
/// NaN.
public interface Member {
    /// Levels of a forecast: .1 to .9.
    int LEVELS = 9;

    /// Index of the median.
    int MEDIAN = 4;

    /// Name for reports and metrics.
    String name();

    /// Floats that the member wants to be kept per target until it has come.
    default int noteLength() {
        return 0;
    }

    /// The history has a new newest value, maybe a gap.
    void update();

    /// Writes `quantiles[offset + target * LEVELS + level]`, ascending by level, for all targets,
    /// and its notes to `notes[noteOffset + target * noteLength() + …]`.
    void forecast(float[] quantiles, int offset, float[] notes, int noteOffset);

    /// How unlike anything before the present looked at the last [#forecast], NaN for members that
    /// do not compare.
    default float strangeness() {
        return Float.NaN;
    }

    /// A target has come: the notes of the forecast made for it, and the outcome, which is finite.
    default void learn(int target, float[] notes, int offset, float outcome) {}
}
