package io.novacron.inference.serving;

/// What a [ServingEnsemble] holds and did.
///
/// @param series slots that have state
/// @param bytes of state, counted against the [MemoryBudget]
/// @param pendingFeedbackBytes of those for forecasts that wait for their targets
/// @param waiting forecasts that wait
/// @param forecasts answers given
/// @param outcomes forecasts judged
/// @param expired targets that came in a gap, or that time jumped over
/// @param forgotten forecasts not kept because too many waited
/// @param drifts times that most of a series' record was dropped
/// @param warmed slots that learned from their column
public record ServingCounters(
        long series,
        long bytes,
        long pendingFeedbackBytes,
        long waiting,
        long forecasts,
        long outcomes,
        long expired,
        long forgotten,
        long drifts,
        long warmed) {}
