package io.novacron.daemon.tick;

import io.novacron.inference.serving.AccuracyRow;
import io.novacron.inference.serving.ServingCounters;
import java.util.List;

/// How the ensemble does, as of one tick. Immutable.
///
/// @param metrics one row for each forecast metric
/// @param usedBytes of what it keeps
/// @param limitBytes `forecast.memory`
/// @param seriesOverMemory series left to the tiers because there was no room
/// @param stack the model stacked on the members
public record EnsembleStatus(
        List<MetricRow> metrics,
        long usedBytes,
        long limitBytes,
        long seriesOverMemory,
        StackSource.Status stack) {

    /// One forecast metric.
    ///
    /// @param accuracy live, by target and model, over all series of the metric
    public record MetricRow(String metric, ServingCounters counters, List<AccuracyRow> accuracy) {
        public MetricRow {
            accuracy = List.copyOf(accuracy);
        }
    }

    public EnsembleStatus {
        metrics = List.copyOf(metrics);
    }
}
