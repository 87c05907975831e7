package io.novacron.inference;

/// How one model of a [ForecastService] is doing, for `/health` and metrics.
///
/// @param kind the model
/// @param state serving, paused or unavailable
/// @param reason why it is not serving, or [FallbackReason#NONE]
/// @param detail one line for people
/// @param pausedCalls calls it will still sit out
/// @param calls calls in which it was asked
/// @param seriesAnswered series it answered
/// @param seriesPassedOn series it could not answer
/// @param overruns calls in which it ran out of its time
/// @param nonFinite series for which it gave a value that is not a number
/// @param failures calls in which it failed outright
public record TierStatus(
        ModelKind kind,
        State state,
        FallbackReason reason,
        String detail,
        int pausedCalls,
        long calls,
        long seriesAnswered,
        long seriesPassedOn,
        long overruns,
        long nonFinite,
        long failures) {
    /// Whether a model is being asked.
    public enum State {
        SERVING,
        PAUSED,
        UNAVAILABLE
    }
}
