package io.novacron.inference;

import java.util.Arrays;

/// What to forecast: one metric of a batch of series, at ascending horizons in steps after the
/// window's end. `backtest` asks for fresh confidence columns as well, which costs
/// [ForecastConfig#backtestOrigins] forecasts more.
public record ForecastRequest(Window window, int[] horizons, Bounds bounds, boolean backtest) {
    static final int MAX_HORIZONS = 64;
    static final int MAX_HORIZON_STEPS = 100_000;

    public ForecastRequest {
        horizons = horizons.clone();
        if (horizons.length == 0 || horizons.length > MAX_HORIZONS) {
            throw new IllegalArgumentException(
                    "horizons.length=%d must be in [1, %d]"
                            .formatted(horizons.length, MAX_HORIZONS));
        }
        int before = 0;
        for (int horizon : horizons) {
            if (horizon <= before || horizon > MAX_HORIZON_STEPS) {
                throw new IllegalArgumentException(
                        "horizons=%s must be ascending steps in [1, %d]. Maybe they are minutes?"
                                .formatted(Arrays.toString(horizons), MAX_HORIZON_STEPS));
            }
            before = horizon;
        }
    }

    public ForecastRequest(Window window, int[] horizons, Bounds bounds) {
        this(window, horizons, bounds, false);
    }

    int horizonCount() {
        return horizons.length;
    }

    int horizon(int index) {
        return horizons[index];
    }

    int longestHorizon() {
        return horizons[horizons.length - 1];
    }

    /// The same question about another window.
    ForecastRequest over(Window other) {
        return new ForecastRequest(other, horizons, bounds, false);
    }
}
