package io.novacron.daemon.query;

import io.novacron.wire.message.Message;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;

/// Counters of the query port. Label values are names of messages and error codes of the schema.
final class QueryMetrics {
    final Gauge connections;
    final Counter connectionsRefused;
    final Counter requests;
    final Counter errors;
    final Histogram seconds;

    QueryMetrics(CollectorRegistry registry) {
        connections =
                Gauge.build("novacron_query_connections", "Open connections").register(registry);
        connectionsRefused =
                Counter.build(
                                "novacron_query_connections_refused_total",
                                "Connections closed before their hello was accepted")
                        .labelNames("reason")
                        .register(registry);
        requests =
                Counter.build("novacron_query_requests_total", "Requests by message")
                        .labelNames("message")
                        .register(registry);
        errors =
                Counter.build("novacron_query_errors_total", "Errors answered, by code")
                        .labelNames("code")
                        .register(registry);
        seconds =
                Histogram.build("novacron_query_read_seconds", "Time to answer a read")
                        .buckets(1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 5e-3, 2.5e-2)
                        .register(registry);
        for (String reason : new String[] {"full", "hello_timeout", "tls"}) {
            connectionsRefused.labels(reason);
        }
    }

    void onRequest(Message message) {
        requests.labels(message.getClass().getSimpleName()).inc();
    }
}
