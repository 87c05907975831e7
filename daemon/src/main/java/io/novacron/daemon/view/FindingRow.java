package io.novacron.daemon.view;

import java.util.UUID;

/// Something noticed at a tick: `kind` is anomaly, bottleneck, waste or shortfall.
public record FindingRow(
        String kind, UUID entity, String name, int metricId, float score, String text, long atMs) {}
