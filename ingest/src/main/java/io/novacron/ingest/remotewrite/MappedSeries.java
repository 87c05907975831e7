package io.novacron.ingest.remotewrite;

import io.novacron.ingest.remotewrite.MappingTable.Part;

/// One series that makes a part of one or several metrics of an entity, and what is needed of its
/// past: its last sample. Series whose labels differ only in what the table ignores (replicas of a
/// Prometheus pair, for one) are one of these.
final class MappedSeries {
    final ScrapeTarget target;
    final SourceEntity entity;
    final boolean counter;

    /// Cells of the target that it is part of, and how.
    final int[] cells;

    final Part[] parts;
    final double[] factors;

    boolean live;

    /// Whether its target knows it no more: the next sample finds a new one.
    boolean forgotten;

    long lastTimestampMs = Long.MIN_VALUE;
    double lastValue = Double.NaN;

    MappedSeries(
            ScrapeTarget target,
            SourceEntity entity,
            boolean counter,
            int[] cells,
            Part[] parts,
            double[] factors) {
        this.target = target;
        this.entity = entity;
        this.counter = counter;
        this.cells = cells;
        this.parts = parts;
        this.factors = factors;
    }
}
