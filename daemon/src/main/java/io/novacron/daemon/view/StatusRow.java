package io.novacron.daemon.view;

import java.util.List;

/// The daemon at a glance. Times are epoch milliseconds on the daemon's clock; the two `first…Ms`
/// are milliseconds after the start, or -1 while there is none.
public record StatusRow(
        String version,
        long clockMs,
        long startedAtMs,
        long tick,
        long tickMs,
        int hosts,
        int vms,
        long samplesIngested,
        long forecasts,
        long recommendations,
        double cpuPercentOfCore,
        long rssBytes,
        long firstForecastMs,
        long firstRecommendationMs,
        List<ComponentRow> components,
        List<TrackRow> tracks) {

    /// One stage and its health.
    public record ComponentRow(String name, Health health, String reason) {}

    /// Worst first.
    public enum Health {
        DOWN,
        DEGRADED,
        OK
    }

    public StatusRow {
        components = List.copyOf(components);
        tracks = List.copyOf(tracks);
    }

    /// Before any action.
    public StatusRow(
            String version,
            long clockMs,
            long startedAtMs,
            long tick,
            long tickMs,
            int hosts,
            int vms,
            long samplesIngested,
            long forecasts,
            long recommendations,
            double cpuPercentOfCore,
            long rssBytes,
            long firstForecastMs,
            long firstRecommendationMs,
            List<ComponentRow> components) {
        this(
                version,
                clockMs,
                startedAtMs,
                tick,
                tickMs,
                hosts,
                vms,
                samplesIngested,
                forecasts,
                recommendations,
                cpuPercentOfCore,
                rssBytes,
                firstForecastMs,
                firstRecommendationMs,
                components,
                List.of());
    }

    /// The worst health of any component.
    public Health health() {
        return components.stream().map(ComponentRow::health).min(Enum::compareTo).orElse(Health.OK);
    }
}
