package io.novacron.daemon.control;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AsciiString;
import io.novacron.ingest.remotewrite.RemoteWriteCounter;
import io.novacron.ingest.remotewrite.RemoteWriteCounters;
import io.novacron.ingest.remotewrite.RemoteWriteReceiver;
import io.novacron.ingest.remotewrite.WriteResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// `/api/v1/write`: Prometheus remote write, versions 1.0 and 2.0 of the specification.
///
/// | answer | when |
/// |---|---|
/// | 204 | all of it is taken and journaled |
/// | 400 | it cannot be read, or some of its samples break a rule; the others are taken |
/// | 413 | it is over a limit of size, before or after decompression |
/// | 415 | another media type, message or encoding than the specifications name |
/// | 503 | too many in work, the journal not available, behind, or not confirming in time |
///
/// Answers carry how much was written; those with 503 say when to come again, and the same request
/// may come again at any time.
final class RemoteWriteService extends AbstractHttpService {
    private static final String VERSION_1 = "prometheus.WriteRequest";
    private static final String VERSION_2 = "io.prometheus.write.v2.Request";
    private static final AsciiString SAMPLES =
            HttpHeaderNames.of("x-prometheus-remote-write-samples-written");
    private static final AsciiString HISTOGRAMS =
            HttpHeaderNames.of("x-prometheus-remote-write-histograms-written");
    private static final AsciiString EXEMPLARS =
            HttpHeaderNames.of("x-prometheus-remote-write-exemplars-written");
    private static final int RETRY_SOON_SECONDS = 1;
    private static final int RETRY_LATER_SECONDS = 5;

    private final RemoteWriteReceiver receiver;
    private final RemoteWriteCounters counters;
    private final long confirmTimeoutMs;
    private final Semaphore permits;

    RemoteWriteService(RemoteWriteEndpoint endpoint) {
        receiver = endpoint.receiver();
        counters = receiver.counters();
        confirmTimeoutMs = endpoint.confirmTimeout().toMillis();
        permits = new Semaphore(endpoint.maxRequests());
    }

    @Override
    protected HttpResponse doPost(ServiceRequestContext ctx, HttpRequest request) {
        String message = message(request);
        String encoding = request.headers().get(HttpHeaderNames.CONTENT_ENCODING);
        if (message == null || (encoding != null && !encoding.strip().equalsIgnoreCase("snappy"))) {
            counters.increment(RemoteWriteCounter.REQUESTS_UNSUPPORTED);
            return afterBody(
                    request,
                    refusal(
                            HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Type=%s Content-Encoding=%s must be application/x-protobuf with proto=%s or %s, and snappy"
                                    .formatted(
                                            request.headers().get(HttpHeaderNames.CONTENT_TYPE),
                                            encoding,
                                            VERSION_1,
                                            VERSION_2),
                            0));
        }
        if (!permits.tryAcquire()) {
            counters.increment(RemoteWriteCounter.REQUESTS_BUSY);
            return refusal(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "too many requests at a time. Maybe raise prometheus.max-requests, or lower"
                            + " max_shards?",
                    RETRY_SOON_SECONDS);
        }
        CompletableFuture<HttpResponse> answer =
                request.aggregate()
                        .thenComposeAsync(
                                body -> write(body, message.equals(VERSION_2)),
                                ctx.blockingTaskExecutor())
                        .exceptionally(this::failure);
        answer.whenComplete((_, _) -> permits.release());
        return HttpResponse.of(answer);
    }

    /// An answer once the body has been read and forgotten: one that comes before resets the
    /// stream, and then some senders do not see it.
    private static HttpResponse afterBody(HttpRequest request, HttpResponse answer) {
        request.subscribe(new Discarding());
        return HttpResponse.of(request.whenComplete().handle((_, _) -> answer));
    }

    private static final class Discarding implements Subscriber<HttpObject> {
        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(HttpObject part) {
            // forgotten
        }

        @Override
        public void onError(Throwable error) {
            // the sender is gone, or its body is too large: it is refused all the same
        }

        @Override
        public void onComplete() {
            // the answer waits for whenComplete()
        }
    }

    /// The message that the content type names, null when it is none of ours. Without a content
    /// type it is the first version's, which old senders leave at that.
    private static @Nullable String message(HttpRequest request) {
        if (!request.headers().contains(HttpHeaderNames.CONTENT_TYPE)) {
            return VERSION_1;
        }
        MediaType type = request.contentType();
        if (type == null
                || !type.type().equals("application")
                || !type.subtype().equals("x-protobuf")) {
            return null;
        }
        List<String> named = type.parameters().getOrDefault("proto", List.of(VERSION_1));
        String message = named.size() == 1 ? named.getFirst() : "";
        return message.equals(VERSION_1) || message.equals(VERSION_2) ? message : null;
    }

    private CompletionStage<HttpResponse> write(AggregatedHttpRequest request, boolean version2) {
        byte[] body = request.content().array();
        WriteResult result = receiver.write(body, body.length, version2);
        if (result.delivery().isJournaled()) {
            return CompletableFuture.completedFuture(answer(result));
        }
        return result.delivery()
                .journaled()
                .orTimeout(confirmTimeoutMs, TimeUnit.MILLISECONDS)
                .thenApply(_ -> answer(result));
    }

    private static HttpResponse answer(WriteResult result) {
        HttpStatus status =
                switch (result.status()) {
                    case WRITTEN -> HttpStatus.NO_CONTENT;
                    case PARTLY_WRITTEN, UNDECODABLE -> HttpStatus.BAD_REQUEST;
                    case TOO_LARGE -> HttpStatus.REQUEST_ENTITY_TOO_LARGE;
                    case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
                };
        var headers =
                ResponseHeaders.builder(status)
                        .setLong(SAMPLES, result.samplesWritten())
                        .setLong(HISTOGRAMS, result.histogramsWritten())
                        .setLong(EXEMPLARS, result.exemplarsWritten());
        if (result.status() == WriteResult.Status.WRITTEN) {
            return HttpResponse.of(headers.build());
        }
        headers.contentType(MediaType.PLAIN_TEXT_UTF_8);
        if (result.status() == WriteResult.Status.UNAVAILABLE) {
            headers.setInt(HttpHeaderNames.RETRY_AFTER, RETRY_LATER_SECONDS);
        }
        return HttpResponse.of(headers.build(), HttpData.ofUtf8(result.problem()));
    }

    private HttpResponse failure(Throwable error) {
        Throwable cause = Exceptions.peel(error);
        if (cause instanceof ContentTooLargeException) {
            counters.increment(RemoteWriteCounter.REQUESTS_TOO_LARGE);
            return refusal(
                    HttpStatus.REQUEST_ENTITY_TOO_LARGE,
                    "the body is too long. Maybe lower max_samples_per_send, or raise"
                            + " prometheus.max-body?",
                    0);
        }
        if (cause instanceof TimeoutException) {
            counters.increment(RemoteWriteCounter.REQUESTS_UNCONFIRMED);
            return refusal(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "the journal did not confirm within %d ms".formatted(confirmTimeoutMs),
                    RETRY_LATER_SECONDS);
        }
        return Exceptions.throwUnsafely(cause);
    }

    private static HttpResponse refusal(HttpStatus status, String text, int retryAfterSeconds) {
        var headers =
                ResponseHeaders.builder(status)
                        .contentType(MediaType.PLAIN_TEXT_UTF_8)
                        .setLong(SAMPLES, 0)
                        .setLong(HISTOGRAMS, 0)
                        .setLong(EXEMPLARS, 0);
        if (retryAfterSeconds > 0) {
            headers.setInt(HttpHeaderNames.RETRY_AFTER, retryAfterSeconds);
        }
        return HttpResponse.of(headers.build(), HttpData.ofUtf8(text + "\n"));
    }
}
