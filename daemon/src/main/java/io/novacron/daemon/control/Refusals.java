package io.novacron.daemon.control;

import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.grpc.UnframedGrpcErrorHandler;
import com.linecorp.armeria.server.grpc.UnframedGrpcStatusMappingFunction;
import io.grpc.Status;
import io.novacron.daemon.view.CommandException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a refusal is said: [CommandException] → gRPC status → HTTP status, the message with it.
///
/// | kind | gRPC | HTTP |
/// |---|---|---|
/// | INVALID | INVALID_ARGUMENT | 400 |
/// | NOT_FOUND | NOT_FOUND | 404 |
/// | CONFLICT | FAILED_PRECONDITION | 409 |
/// | OVERLOADED | RESOURCE_EXHAUSTED | 429 |
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    /// The JSON error body of REST: `{"grpc-code": …, "message": …}`.
    static final UnframedGrpcErrorHandler REST =
            UnframedGrpcErrorHandler.ofJson(
                    ((UnframedGrpcStatusMappingFunction) Refusals::conflictStatus)
                            .orElse(UnframedGrpcStatusMappingFunction.of()));

    private Refusals() {}

    static Status statusOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof CommandException refusal) {
            var status =
                    switch (refusal.kind()) {
                        case INVALID -> Status.INVALID_ARGUMENT;
                        case NOT_FOUND -> Status.NOT_FOUND;
                        case CONFLICT -> Status.FAILED_PRECONDITION;
                        case OVERLOADED -> Status.RESOURCE_EXHAUSTED;
                    };
            return status.withDescription(refusal.getMessage());
        }
        LOG.error("A query failed", cause);
        return Status.INTERNAL.withDescription("the daemon failed; its log says why");
    }

    /// gRPC's own mapping makes FAILED_PRECONDITION a 400, but the request is well-formed.
    @SuppressWarnings("NullAway") // null means: ask the next function
    private static HttpStatus conflictStatus(
            ServiceRequestContext ctx, Status status, @Nullable Throwable cause) {
        return status.getCode() == Status.Code.FAILED_PRECONDITION ? HttpStatus.CONFLICT : null;
    }
}
