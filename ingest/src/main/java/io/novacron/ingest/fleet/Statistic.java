package io.novacron.ingest.fleet;

/// What a roll-up's cell tells of the finer cells in it. At 60 s both are the cell itself.
public enum Statistic {
    MEAN,
    MAX
}
