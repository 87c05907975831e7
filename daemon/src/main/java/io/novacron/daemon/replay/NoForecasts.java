package io.novacron.daemon.replay;

import io.novacron.inference.ForecastConfig;
import io.novacron.inference.ForecastService;
import io.novacron.inference.ModelSlot;

/// Stands where models would, when forecasts come from the journal.
final class NoForecasts {
    private NoForecasts() {}

    static ForecastService service() {
        return new ForecastService(ForecastConfig.DEFAULT, ModelSlot.none(), () -> 0);
    }
}
