package io.novacron.wire.catalogue;

import io.novacron.wire.sbe.EntityKind;
import java.util.Locale;

/// Writes `docs/metrics.md` from the catalogue. The test that compares them also regenerates.
final class MetricsDocument {
    private static final String HEAD =
            """
            # Metrics

            The catalogue of what agents report. Generated from
            [`metrics.csv`](../ipc-protocol/wire/src/main/resources/io/novacron/wire/metrics.csv) by
            `mvn -pl ipc-protocol/wire test -Dregenerate=true`; do not edit.

            *Cell* says how the samples of a minute become the one value that is kept. *Range* holds what
            is not absurd: a value outside is counted and dropped. Metrics with *forecast* are forecast
            and kept for weeks; *scale* says how roll-ups quantise them. Prometheus names are for a vm, or
            for a host where only hosts have the metric; `_vm_` and `_host_` take each other's place.

            | id | name | unit | kind | of | cell | range | scale | forecast | Prometheus name | meaning |
            |---:|---|---|---|---|---|---|---|---|---|---|
            """;

    private MetricsDocument() {}

    static String markdown(MetricCatalogue catalogue) {
        var text = new StringBuilder(HEAD);
        for (Metric metric : catalogue.all()) {
            var entityKind = metric.ofVms() ? EntityKind.VM : EntityKind.HOST;
            text.append(
                    "| %d | `%s` | %s | %s | %s | %s | %s … %s | %s | %s | `%s` | %s |\n"
                            .formatted(
                                    metric.id(),
                                    metric.name(),
                                    metric.unit().replace('_', ' '),
                                    lower(metric.kind()),
                                    metric.scope() == Metric.Scope.BOTH
                                            ? "hosts, vms"
                                            : lower(metric.scope()) + "s",
                                    lower(metric.cellRule()),
                                    number(metric.min()),
                                    number(metric.max()),
                                    lower(metric.scale()),
                                    metric.forecast() ? "yes" : "",
                                    metric.prometheusName(entityKind),
                                    metric.description()));
        }
        return text.toString();
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String number(float value) {
        return value >= 1e7f
                ? "10^" + Math.round(Math.log10(value))
                : String.format(Locale.ROOT, "%,d", Math.round(value));
    }
}
