package io.novacron.daemon.budget;

/// Kinds of work that the analysis of a tick is made of, and what a unit of each is taken to cost
/// before any was measured.
public enum Work {
    /// The rows that the query ports show; a unit is an entity. Always done.
    VIEW(3_000),
    /// The solver and the rows it starts from; a unit is an entity.
    ADVICE(20_000),
    /// Forecasts of one chunk of 64 entities by the ensemble, and what it learns from a step.
    ENSEMBLE(20_000_000),
    /// Forecasts of one chunk of entities from their five-minute steps.
    FORECAST(40_000_000),
    /// What a chunk costs more when its confidence is measured by a backtest.
    BACKTEST(80_000_000),
    /// A forecast of a series that has no five-minute step yet.
    YOUNG(40_000);

    private final long guessNs;

    Work(long guessNs) {
        this.guessNs = guessNs;
    }

    long guessNs() {
        return guessNs;
    }
}
