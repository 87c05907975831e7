package io.novacron.daemon.control;

import io.novacron.daemon.view.FleetQueries;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.StatusRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.EntityKind;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/// Status and fleet aggregates, read from the published view at each scrape.
///
/// One series a host and metric, for at most [#MAX_HOSTS] hosts; vms are only summed up, for a
/// scrape must not grow with them. A quantity without a sample has no line: missing is not zero.
final class FleetCollector extends Collector implements Collector.Describable {
    static final int MAX_HOSTS = 2000;

    private static final double MS_PER_SECOND = 1000;

    private final FleetQueries queries;

    FleetCollector(FleetQueries queries) {
        this.queries = queries;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        var families = new ArrayList<MetricFamilySamples>();
        var hosts = queries.hosts();
        status(families, queries.status());
        hosts(families, hosts);
        perHost(families, hosts);
        vms(families, queries.vms());
        families.add(
                new GaugeMetricFamily(
                        "novacron_recommendations_open",
                        "Recommendations that wait for a verdict",
                        queries.recommendations().size()));
        families.add(
                new GaugeMetricFamily(
                        "novacron_findings",
                        "Findings of the last tick",
                        queries.findings().size()));
        return families;
    }

    /// Names and types without a look at the fleet: a clash with another collector fails at start.
    @Override
    public List<MetricFamilySamples> describe() {
        var families = new ArrayList<MetricFamilySamples>();
        status(families, new StatusRow("", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, List.of()));
        hosts(families, List.of());
        perHost(families, List.of());
        vms(families, List.of());
        families.add(new GaugeMetricFamily("novacron_recommendations_open", "", 0));
        families.add(new GaugeMetricFamily("novacron_findings", "", 0));
        return families;
    }

    private static void status(List<MetricFamilySamples> families, StatusRow status) {
        families.add(
                new GaugeMetricFamily("novacron_info", "1, with the version", List.of("version"))
                        .addMetric(List.of(status.version()), 1));
        gauge(families, "novacron_tick", "Number of the last tick", status.tick());
        gauge(
                families,
                "novacron_tick_age_seconds",
                "Time since the last tick, on the daemon's clock",
                Math.max(0, status.clockMs() - status.tickMs()) / MS_PER_SECOND);
        families.add(
                new CounterMetricFamily(
                        "novacron_samples_ingested",
                        "Samples taken in since the start",
                        status.samplesIngested()));
        gauge(families, "novacron_forecasts", "Forecasts, as in status", status.forecasts());
        gauge(
                families,
                "novacron_recommendations",
                "Recommendations, as in status",
                status.recommendations());
        gauge(
                families,
                "novacron_cpu_percent_of_core",
                "CPU the daemon uses, as it meters itself",
                status.cpuPercentOfCore());
        var components =
                new GaugeMetricFamily(
                        "novacron_component_state",
                        "1 for the state that a stage is in",
                        List.of("component", "state"));
        for (var component : status.components()) {
            for (var health : StatusRow.Health.values()) {
                components.addMetric(
                        List.of(component.name(), lower(health)),
                        component.health() == health ? 1 : 0);
            }
        }
        families.add(components);
    }

    private static void hosts(List<MetricFamilySamples> families, List<HostRow> hosts) {
        var byState =
                new GaugeMetricFamily("novacron_hosts", "Hosts by agent state", List.of("state"));
        for (var state : HostRow.State.values()) {
            byState.addMetric(
                    List.of(lower(state)),
                    hosts.stream().filter(host -> host.state() == state).count());
        }
        families.add(byState);
        gauge(
                families,
                "novacron_fleet_cpus",
                "CPUs of all hosts",
                hosts.stream().mapToLong(HostRow::cpus).sum());
        gauge(
                families,
                "novacron_fleet_memory_bytes",
                "Memory of all hosts",
                hosts.stream().mapToLong(HostRow::memoryBytes).sum());
        var usage =
                new GaugeMetricFamily(
                        "novacron_fleet_cpu_usage_percent",
                        "CPU in use, as a share of the CPUs of all hosts with a sample",
                        List.of());
        var sampled =
                hosts.stream()
                        .filter(host -> Float.isFinite(host.cpuUsagePercent()) && host.cpus() > 0)
                        .toList();
        long cpus = sampled.stream().mapToLong(HostRow::cpus).sum();
        if (cpus > 0) {
            usage.addMetric(
                    List.of(),
                    sampled.stream().mapToDouble(host -> host.cpuUsagePercent() * host.cpus()).sum()
                            / cpus);
        }
        families.add(usage);
    }

    private static void perHost(List<MetricFamilySamples> families, List<HostRow> hosts) {
        var cpu = ofHost(Metrics.CPU_USAGE);
        var memory = ofHost(Metrics.MEMORY_USAGE);
        var pressure = ofHost(Metrics.CPU_PRESSURE);
        var forecast =
                new GaugeMetricFamily(
                        "novacron_host_forecast_cpu_usage_percent",
                        "Forecast CPU in use, as in the list of hosts",
                        List.of("host"));
        for (var host : hosts.subList(0, Math.min(hosts.size(), MAX_HOSTS))) {
            add(cpu, host, host.cpuUsagePercent());
            add(memory, host, host.memoryUsagePercent());
            add(pressure, host, host.cpuPressurePercent());
            add(forecast, host, host.forecastCpuPercent());
        }
        families.addAll(List.of(cpu, memory, pressure, forecast));
        gauge(
                families,
                "novacron_hosts_left_out",
                "Hosts without series of their own, beyond the limit of %d".formatted(MAX_HOSTS),
                Math.max(0, hosts.size() - MAX_HOSTS));
    }

    private static void vms(List<MetricFamilySamples> families, List<VmRow> vms) {
        var byState = new GaugeMetricFamily("novacron_vms", "Vms by state", List.of("state"));
        vms.stream()
                .collect(Collectors.groupingBy(VmRow::state, Collectors.counting()))
                .forEach((state, count) -> byState.addMetric(List.of(lower(state)), count));
        families.add(byState);
        gauge(
                families,
                "novacron_fleet_vcpus",
                "Vcpus of all vms",
                vms.stream().mapToLong(VmRow::vcpus).sum());
        gauge(
                families,
                "novacron_fleet_vm_memory_bytes",
                "Memory of all vms",
                vms.stream().mapToLong(VmRow::memoryBytes).sum());
    }

    private static GaugeMetricFamily ofHost(int metricId) {
        Metric metric = Objects.requireNonNull(MetricCatalogue.INSTANCE.byId(metricId));
        return new GaugeMetricFamily(
                metric.prometheusName(EntityKind.HOST), metric.description(), List.of("host"));
    }

    private static void add(GaugeMetricFamily family, HostRow host, float value) {
        if (Float.isFinite(value)) {
            family.addMetric(List.of(host.name()), value);
        }
    }

    private static void gauge(
            List<MetricFamilySamples> families, String name, String help, double value) {
        families.add(new GaugeMetricFamily(name, help, value));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
