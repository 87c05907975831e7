package io.novacron.daemon.service;

import io.novacron.daemon.tick.EnsembleStatus;
import io.novacron.inference.serving.AccuracyRow;
import io.novacron.inference.serving.ServingCounters;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// The ensemble's live accuracy, memory and counters for `/metrics`, under `novacron_forecast_…`.
final class EnsembleFamilies {
    private static final int STEP_MINUTES = 5;

    private EnsembleFamilies() {}

    static void add(EnsembleStatus status, List<MetricFamilySamples> families) {
        families.add(
                accuracy(
                        status,
                        "wape",
                        "Sum of absolute errors of the median by sum of absolute values, lately",
                        AccuracyRow::wape));
        families.add(
                accuracy(
                        status,
                        "coverage",
                        "Share of values in the 80 % interval, lately",
                        AccuracyRow::coverage));
        families.add(
                accuracy(
                        status,
                        "skill",
                        "1 - mean pinball loss / that of the last value, lately",
                        AccuracyRow::skill));
        families.add(
                accuracy(
                        status,
                        "outcomes",
                        "Outcomes behind the accuracy, faded over about a day",
                        AccuracyRow::outcomes));
        addGauges(status, families);
        addCounters(status, families);
    }

    private static GaugeMetricFamily accuracy(
            EnsembleStatus status, String name, String help, ToDoubleFunction<AccuracyRow> value) {
        var family =
                new GaugeMetricFamily(
                        "novacron_forecast_" + name, help, List.of("metric", "horizon", "model"));
        for (var row : status.metrics()) {
            for (AccuracyRow one : row.accuracy()) {
                double figure = value.applyAsDouble(one);
                if (Double.isFinite(figure)) {
                    String horizon = "%dm".formatted(one.steps() * STEP_MINUTES);
                    family.addMetric(List.of(row.metric(), horizon, one.model()), figure);
                }
            }
        }
        return family;
    }

    private static void addGauges(EnsembleStatus status, List<MetricFamilySamples> families) {
        families.add(
                new GaugeMetricFamily(
                        "novacron_forecast_memory_bytes",
                        "What the ensemble keeps",
                        status.usedBytes()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_forecast_memory_limit_bytes",
                        "forecast.memory",
                        status.limitBytes()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_forecast_series_over_memory",
                        "Series left to the tiers because the ensemble has no room",
                        status.seriesOverMemory()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_forecast_stack_version",
                        "Version of the stacked model in service, 0 for none",
                        status.stack().version()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_forecast_shadow_version",
                        "Version of the stacked model in the shadow, 0 for none",
                        status.stack().shadowVersion()));
        families.add(gauge(status, "series", "Series that the ensemble keeps", c -> c.series()));
        families.add(
                gauge(
                        status,
                        "waiting",
                        "Forecasts that wait for their targets",
                        ServingCounters::waiting));
    }

    private static void addCounters(EnsembleStatus status, List<MetricFamilySamples> families) {
        families.add(counter(status, "answers", "Answers given", ServingCounters::forecasts));
        families.add(counter(status, "judged", "Targets judged", ServingCounters::outcomes));
        families.add(
                counter(
                        status,
                        "expired",
                        "Targets that came in a gap, or that time jumped over",
                        ServingCounters::expired));
        families.add(
                counter(
                        status,
                        "forgotten",
                        "Forecasts not kept because too many waited",
                        ServingCounters::forgotten));
        families.add(
                counter(
                        status,
                        "drifts",
                        "Times that most of a series' record was dropped",
                        ServingCounters::drifts));
        families.add(
                counter(
                        status,
                        "warmed",
                        "Series that learned from their past",
                        ServingCounters::warmed));
        families.add(
                new CounterMetricFamily(
                        "novacron_forecast_stack_switches",
                        "Times that another stacked model came into service",
                        status.stack().switches()));
        var failed =
                new CounterMetricFamily(
                        "novacron_forecast_stack_failures",
                        "Times that a stacked model went out of service",
                        List.of("reason"));
        failed.addMetric(List.of("too-slow"), status.stack().overruns());
        failed.addMetric(List.of("not-finite"), status.stack().notFinite());
        failed.addMetric(List.of("failed"), status.stack().failures());
        families.add(failed);
    }

    private static GaugeMetricFamily gauge(
            EnsembleStatus status,
            String name,
            String help,
            ToDoubleFunction<ServingCounters> value) {
        var family = new GaugeMetricFamily("novacron_forecast_" + name, help, List.of("metric"));
        status.metrics()
                .forEach(row ->
                        family.addMetric(
                                List.of(row.metric()), value.applyAsDouble(row.counters())));
        return family;
    }

    private static CounterMetricFamily counter(
            EnsembleStatus status,
            String name,
            String help,
            ToDoubleFunction<ServingCounters> value) {
        var family = new CounterMetricFamily("novacron_forecast_" + name, help, List.of("metric"));
        status.metrics()
                .forEach(row ->
                        family.addMetric(
                                List.of(row.metric()), value.applyAsDouble(row.counters())));
        return family;
    }
}
