package io.novacron.daemon.control;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/// `/metrics`: the registry in Prometheus' text format, or OpenMetrics where that is asked for.
final class MetricsService extends AbstractHttpService {
    private final CollectorRegistry registry;

    MetricsService(CollectorRegistry registry) {
        this.registry = registry;
    }

    @Override
    protected HttpResponse doGet(ServiceRequestContext ctx, HttpRequest request) {
        String format = TextFormat.chooseContentType(request.headers().get(HttpHeaderNames.ACCEPT));
        return HttpResponse.of(() -> expose(format), ctx.blockingTaskExecutor());
    }

    private HttpResponse expose(String format) {
        var text = new StringWriter();
        try {
            TextFormat.writeFormat(format, text, registry.metricFamilySamples());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HttpResponse.of(
                HttpStatus.OK, MediaType.parse(format), HttpData.ofUtf8(text.toString()));
    }
}
