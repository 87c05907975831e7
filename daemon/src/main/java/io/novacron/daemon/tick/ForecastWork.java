package io.novacron.daemon.tick;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.config.ForecastSettings;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.inference.ForecastService;
import io.novacron.ingest.fleet.FleetView;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The forecasts of one tick after another, without the rest of the analysis: what `bench forecast`
/// measures. One thread owns it.
public final class ForecastWork implements AutoCloseable {
    private static final long TICK_NS = Duration.ofMinutes(1).toNanos();

    private final Analysis analysis;
    private final WorkPlanner planner = new WorkPlanner(Governor.unlimited());
    private ForecastTable table = ForecastTable.EMPTY;
    private long anomalies;

    /// @param stack only asked where the settings have the ensemble serve
    public ForecastWork(ForecastService service, ForecastSettings settings, StackSource stack) {
        this.analysis =
                Analysis.of(
                        service,
                        settings,
                        stack,
                        PolicyConfig.DEFAULT,
                        ScalingConfig.DEFAULT,
                        Governor.unlimited());
    }

    /// Forecasts as the tick of this view would.
    public ForecastTable tick(FleetView view) {
        TickPlan plan =
                planner.plan(view, analysis.due(view, table), TICK_NS, List.of(), List.of());
        table =
                analysis.forecast(
                        view, table, plan, (slot, metric, score, value, expected) -> anomalies++);
        planner.found(analysis.youngFound());
        return table;
    }

    /// Anomalous steps seen.
    public long anomalies() {
        return anomalies;
    }

    /// Null where the tiers serve.
    public @Nullable EnsembleStatus ensembleStatus() {
        return analysis.ensembleStatus();
    }

    @Override
    public void close() {
        analysis.close();
    }
}
