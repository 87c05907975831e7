package io.novacron.daemon.control;

import com.linecorp.armeria.common.logging.RequestLog;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;

/// Counters of the control port itself. Label values come from small fixed sets.
final class ControlMetrics {
    private static final double NANOS_PER_SECOND = 1e9;

    final Counter requests;
    final Histogram seconds;
    final Counter refused;
    final Gauge subscribers;
    final Counter subscribersDropped;
    final Counter events;
    final Counter rowsLeftOut;

    ControlMetrics(CollectorRegistry registry) {
        requests =
                Counter.build(
                                "novacron_control_requests_total",
                                "Requests answered on the control port")
                        .labelNames("method", "status")
                        .register(registry);
        seconds =
                Histogram.build(
                                "novacron_control_request_seconds",
                                "Time from a request's arrival to the end of its answer")
                        .labelNames("method")
                        .buckets(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 10)
                        .register(registry);
        refused =
                Counter.build(
                                "novacron_control_requests_refused_total",
                                "Requests refused before they were looked at")
                        .labelNames("reason")
                        .register(registry);
        subscribers =
                Gauge.build("novacron_control_event_subscribers", "Open event streams")
                        .register(registry);
        subscribersDropped =
                Counter.build(
                                "novacron_control_event_subscribers_dropped_total",
                                "Event streams closed because their reader was too slow")
                        .register(registry);
        events =
                Counter.build("novacron_control_events_total", "Events sent to streams")
                        .labelNames("event")
                        .register(registry);
        rowsLeftOut =
                Counter.build(
                                "novacron_control_rows_left_out_total",
                                "Rows beyond the limit of an answer")
                        .register(registry);
        for (String reason : new String[] {"token", "origin", "busy", "subscribers"}) {
            refused.labels(reason); // so that a scrape shows 0 before the first refusal
        }
    }

    Runnable refusal(String reason) {
        return refused.labels(reason)::inc;
    }

    void onComplete(RequestLog log) {
        String method = FleetService.methodOf(log);
        requests.labels(method, Integer.toString(log.responseStatus().code())).inc();
        seconds.labels(method).observe(log.totalDurationNanos() / NANOS_PER_SECOND);
    }
}
