package io.novacron.daemon.view;

import java.util.List;
import java.util.UUID;

/// Quantile forecast of one metric of one entity.
///
/// @param model name of the model that answered
/// @param reason why a simpler model than usual answered, or empty
public record ForecastRow(
        UUID entity,
        String name,
        int metricId,
        long tick,
        long issuedAtMs,
        String model,
        String reason,
        float confidence,
        List<Point> points) {

    /// Quantiles .1, .2 … .9 of the value `horizonSeconds` after the forecast was issued.
    @SuppressWarnings("ArrayRecordComponent") // a value handed out once and not kept
    public record Point(int horizonSeconds, float[] quantiles) {}

    public ForecastRow {
        points = List.copyOf(points);
    }
}
