package io.novacron.daemon.tick;

import io.novacron.daemon.config.ForecastSettings;
import io.novacron.inference.ForecastService;
import io.novacron.ingest.fleet.FleetView;
import org.jspecify.annotations.Nullable;

/// The forecasts of one tick after another, without the rest of the analysis: what `bench forecast`
/// measures. One thread owns it.
public final class ForecastWork implements AutoCloseable {
    private final ForecastService service;
    private final @Nullable EnsembleForecaster ensemble;
    private final FleetForecaster forecaster;
    private ForecastTable table = ForecastTable.EMPTY;
    private long anomalies;

    /// @param stack only asked where the settings have the ensemble serve
    public ForecastWork(ForecastService service, ForecastSettings settings, StackSource stack) {
        this.service = service;
        this.ensemble = settings.ensemble() ? new EnsembleForecaster(settings, stack) : null;
        this.forecaster = new FleetForecaster(service, ensemble);
    }

    /// Forecasts as the tick of this view would.
    public ForecastTable tick(FleetView view) {
        table =
                forecaster.forecast(
                        view, table, (slot, metric, score, value, expected) -> anomalies++);
        return table;
    }

    /// Anomalous steps seen.
    public long anomalies() {
        return anomalies;
    }

    /// Null where the tiers serve.
    public @Nullable EnsembleStatus ensembleStatus() {
        return ensemble == null ? null : ensemble.status();
    }

    @Override
    public void close() {
        if (ensemble != null) {
            ensemble.close();
        }
        service.close();
    }
}
