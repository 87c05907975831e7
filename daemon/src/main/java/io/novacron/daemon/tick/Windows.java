package io.novacron.daemon.tick;

import io.novacron.daemon.view.ForecastRow;
import io.novacron.daemon.view.SeriesRow;
import io.novacron.daemon.view.WindowRow;
import io.novacron.solver.plan.QuietWindow;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Hours in which a host is predicted to be used least. Pure.
public final class Windows {
    private static final int MOST = 3;
    private static final long HOUR_MS = Duration.ofHours(1).toMillis();
    private static final double HOUR_SECONDS = 3_600;

    private Windows() {}

    /// @param past use by hour
    /// @param forecast of the same metric, where there is one
    /// @param hours that the work takes
    /// @param within hours to look ahead
    public static List<WindowRow> quietest(
            SeriesRow past, Optional<ForecastRow> forecast, long nowMs, int hours, int within) {
        List<ForecastRow.Point> points = forecast.map(ForecastRow::points).orElse(List.of());
        double[] horizons =
                points.stream().mapToDouble(one -> one.horizonSeconds() / HOUR_SECONDS).toArray();
        double[] medians =
                points.stream()
                        .mapToDouble(one -> one.quantiles()[one.quantiles().length / 2])
                        .toArray();
        double[] use = HourlyUse.predict(past.values(), horizons, medians, within + 1);
        int begun = (int) Math.ceilDiv(nowMs - past.endMs(), HOUR_MS);
        for (int hour = 0; hour < Math.min(begun, use.length); hour++) {
            use[hour] = Double.NaN; // it has begun already
        }
        return QuietWindow.quietest(use, hours, MOST).stream()
                .map(window -> {
                    long fromMs = past.endMs() + window.from() * HOUR_MS;
                    return new WindowRow(
                            fromMs, fromMs + hours * HOUR_MS, window.peak(), window.mean());
                })
                .toList();
    }
}
