package io.novacron.daemon.service;

import io.novacron.daemon.tick.PublishedView;
import java.time.InstantSource;

/// When there was a first forecast and a first recommendation, in milliseconds after the start; -1
/// while there is none. Any thread.
final class Firsts {
    private final InstantSource clock;
    private final long startedAtMs;
    private volatile long forecastMs = -1;
    private volatile long recommendationMs = -1;

    Firsts(InstantSource clock, long startedAtMs) {
        this.clock = clock;
        this.startedAtMs = startedAtMs;
    }

    void onView(PublishedView view) {
        if (forecastMs < 0 && view.forecasts().answered() > 0) {
            forecastMs = clock.millis() - startedAtMs;
        }
    }

    void onRecommendation() {
        if (recommendationMs < 0) {
            recommendationMs = clock.millis() - startedAtMs;
        }
    }

    long forecastMs() {
        return forecastMs;
    }

    long recommendationMs() {
        return recommendationMs;
    }
}
