package io.novacron.daemon.control;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.daemon.view.StatusRow.Health;
import java.util.Locale;
import java.util.function.Predicate;

/// `/health`: 200 while the daemon does its work, degraded or not, 503 when a stage is down.
///
/// A caller who shows no token, where one is asked for, gets the verdict alone: enough for a load
/// balancer.
final class HealthService extends AbstractHttpService {
    private final FleetQueries queries;
    private final Predicate<HttpRequest> maySeeDetails;

    HealthService(FleetQueries queries, Predicate<HttpRequest> maySeeDetails) {
        this.queries = queries;
        this.maySeeDetails = maySeeDetails;
    }

    @Override
    protected HttpResponse doGet(ServiceRequestContext ctx, HttpRequest request) {
        boolean details = maySeeDetails.test(request);
        return HttpResponse.of(() -> health(details), ctx.blockingTaskExecutor());
    }

    private HttpResponse health(boolean details) {
        var status = queries.status();
        var health = status.health();
        var body = JsonNodeFactory.instance.objectNode().put("status", lower(health));
        if (details) {
            body.put("version", status.version()).put("tick", status.tick());
            var components = body.putArray("components");
            for (var component : status.components()) {
                components
                        .addObject()
                        .put("name", component.name())
                        .put("state", lower(component.health()))
                        .put("reason", component.reason());
            }
        }
        return HttpResponse.of(
                health == Health.DOWN ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.OK,
                MediaType.JSON_UTF_8,
                body.toString());
    }

    private static String lower(Health health) {
        return health.name().toLowerCase(Locale.ROOT);
    }
}
