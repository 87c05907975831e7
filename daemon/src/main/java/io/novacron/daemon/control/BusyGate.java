package io.novacron.daemon.control;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Bounds the requests in work, so that a crowd of readers cannot starve the fleet's threads.
final class BusyGate implements DecoratingHttpServiceFunction {
    private static final String REFUSAL =
            "{\"grpc-code\":\"RESOURCE_EXHAUSTED\",\"message\":\"too many requests at a time; retry in a second\"}";

    private final int maxRequests;
    private final Semaphore permits;
    private final Predicate<String> freePaths;
    private final Runnable onRefusal;

    /// @param freePaths paths with a bound of their own
    BusyGate(int maxRequests, Predicate<String> freePaths, Runnable onRefusal) {
        this.maxRequests = maxRequests;
        this.permits = new Semaphore(maxRequests);
        this.freePaths = freePaths;
        this.onRefusal = onRefusal;
    }

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request)
            throws Exception {
        if (freePaths.test(ctx.path())) {
            return delegate.serve(ctx, request);
        }
        if (!permits.tryAcquire()) {
            onRefusal.run();
            return HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE, MediaType.JSON_UTF_8, REFUSAL);
        }
        ctx.log().whenComplete().thenRun(permits::release);
        return delegate.serve(ctx, request);
    }

    /// Lets nobody in any more and waits for the requests in work.
    ///
    /// @return whether all of them ended in time
    boolean drain(Duration grace) {
        try {
            return permits.tryAcquire(maxRequests, grace.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
