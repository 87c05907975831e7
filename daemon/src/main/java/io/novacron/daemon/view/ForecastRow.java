package io.novacron.daemon.view;

import java.util.List;
import java.util.UUID;

/// Quantile forecast of one metric of one entity.
///
/// @param model name of the model that answered
/// @param accuracy of horizons that have outcomes
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
        List<Point> points,
        List<Accuracy> accuracy) {

    /// Quantiles .1, .2 … .9 of the value `horizonSeconds` after the forecast was issued.
    @SuppressWarnings("ArrayRecordComponent") // a value handed out once and not kept
    public record Point(int horizonSeconds, float[] quantiles) {}

    /// How the forecasts of this series did lately.
    ///
    /// @param outcomes judged, fading over a few hundred
    /// @param wape sum of absolute errors of the median by that of actual values; NaN when all are
    ///   0
    /// @param coverage share of actual values in the 80 % interval
    /// @param skill 1 − mean quantile loss / that of the last value; NaN when that never missed
    public record Accuracy(
            int horizonSeconds, float outcomes, float wape, float coverage, float skill) {}

    public ForecastRow {
        points = List.copyOf(points);
        accuracy = List.copyOf(accuracy);
    }
}
