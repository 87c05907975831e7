package io.novacron.daemon.view;

import java.util.UUID;

/// History of one metric of one entity: `values[0]` is the oldest, the last one ends at `endMs`.
@SuppressWarnings("ArrayRecordComponent") // a value handed out once and not kept
public record SeriesRow(
        UUID entity, String name, int metricId, int stepSeconds, long endMs, float[] values) {}
