package io.novacron.inference;

/// One way to forecast, over a batch of series. Keeps scratch memory, so one thread owns it.
public interface Forecaster {
    ModelKind kind();

    /// Tries to answer the selected series.
    ///
    /// For each one it either writes all quantiles into `out` and [FallbackReason#NONE] into
    /// `outcomes`, or writes the reason why it cannot; it touches no other series. Between blocks
    /// it asks `limit`, and when told to stop gives the rest [FallbackReason#MODEL_TOO_SLOW].
    void forecast(
            ForecastRequest request,
            Selection selection,
            WorkLimit limit,
            Forecasts out,
            byte[] outcomes);
}
