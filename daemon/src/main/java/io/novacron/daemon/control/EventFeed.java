package io.novacron.daemon.control;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.sse.ServerSentEvent;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.common.stream.StreamWriter;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.streaming.ServerSentEvents;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `/api/v1/events`: one `tick` event a tick, with the status, and one `decision` event whenever a
/// decision appears or changes state, with the decision.
///
/// While somebody listens, the published view is looked at four times a second; without listeners
/// nothing runs. So the tick pipeline knows nothing of subscribers, and an idle daemon stays idle.
/// Guarded by its own lock; writes to a subscriber never block.
final class EventFeed extends AbstractHttpService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);
    private static final int LOOK_INTERVAL_MS = 250;
    private static final int LOOKS_PER_HEARTBEAT = 60;

    /// Decisions watched for changes, newest first.
    private static final int WATCHED_DECISIONS = 500;

    /// Events a reader may be behind before its stream is closed; its browser connects again.
    private static final int MAX_BEHIND = 64;

    private final FleetQueries queries;
    private final ScheduledExecutorService threads;
    private final int maxSubscribers;
    private final ControlMetrics metrics;

    private final List<Subscriber> subscribers = new ArrayList<>();
    private Map<Long, LifecycleState> seenDecisions = new HashMap<>();
    private long seenTick = -1;
    private int looks;
    private boolean closed;
    private @Nullable ScheduledFuture<?> looking;

    EventFeed(
            FleetQueries queries,
            ScheduledExecutorService threads,
            int maxSubscribers,
            ControlMetrics metrics) {
        this.queries = queries;
        this.threads = threads;
        this.maxSubscribers = maxSubscribers;
        this.metrics = metrics;
    }

    @Override
    protected HttpResponse doGet(ServiceRequestContext ctx, HttpRequest request) {
        ctx.clearRequestTimeout();
        return HttpResponse.of(this::subscribe, ctx.blockingTaskExecutor());
    }

    /// Looks at the view and tells the subscribers what changed.
    synchronized void look() {
        if (subscribers.isEmpty()) {
            return;
        }
        try {
            tellTick();
            tellDecisions();
            if (++looks % LOOKS_PER_HEARTBEAT == 0) {
                tell(ServerSentEvent.ofComment("still here")); // finds readers that are gone
            }
        } catch (RuntimeException e) {
            LOG.error("The view cannot be read for the event streams", e);
        }
        forget();
    }

    @Override
    public synchronized void close() {
        closed = true;
        subscribers.forEach(subscriber -> subscriber.writer.close());
        forget();
    }

    private synchronized HttpResponse subscribe() {
        if (closed || subscribers.size() >= maxSubscribers) {
            metrics.refused.labels("subscribers").inc();
            return HttpResponse.of(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    MediaType.JSON_UTF_8,
                    "{\"message\":\"%d event streams are open, which is the limit\"}"
                            .formatted(subscribers.size()));
        }
        StreamWriter<ServerSentEvent> writer = StreamMessage.streaming();
        var subscriber = new Subscriber(writer, new AtomicInteger());
        if (subscribers.isEmpty()) {
            seenTick = queries.status().tick();
            seenDecisions = states(queries.decisions(WATCHED_DECISIONS));
            looking =
                    threads.scheduleWithFixedDelay(
                            this::look, LOOK_INTERVAL_MS, LOOK_INTERVAL_MS, TimeUnit.MILLISECONDS);
        }
        subscribers.add(subscriber);
        metrics.subscribers.set(subscribers.size());
        send(subscriber, tickEvent());
        return ServerSentEvents.fromPublisher(
                ResponseHeaders.of(HttpStatus.OK, HttpHeaderNames.CACHE_CONTROL, "no-store"),
                (StreamMessage<ServerSentEvent>) writer);
    }

    private void tellTick() {
        long tick = queries.status().tick();
        if (tick != seenTick) {
            seenTick = tick;
            metrics.events.labels("tick").inc();
            tell(tickEvent());
        }
    }

    private void tellDecisions() {
        var decisions = queries.decisions(WATCHED_DECISIONS);
        for (var decision : decisions.reversed()) { // oldest first, as it happened
            if (seenDecisions.get(decision.id()) != decision.state()) {
                metrics.events.labels("decision").inc();
                tell(
                        ServerSentEvent.builder()
                                .event("decision")
                                .data(ProtoJson.print(Messages.decision(decision)))
                                .build());
            }
        }
        seenDecisions = states(decisions);
    }

    private ServerSentEvent tickEvent() {
        var status = queries.status();
        return ServerSentEvent.builder()
                .id(Long.toString(status.tick()))
                .event("tick")
                .data(ProtoJson.print(Messages.status(status)))
                .build();
    }

    private void tell(ServerSentEvent event) {
        subscribers.forEach(subscriber -> send(subscriber, event));
    }

    private void send(Subscriber subscriber, ServerSentEvent event) {
        if (subscriber.behind.incrementAndGet() > MAX_BEHIND) {
            metrics.subscribersDropped.inc();
            subscriber.writer.close();
        } else if (subscriber.writer.tryWrite(event)) {
            subscriber.writer.whenConsumed().thenRun(() -> subscriber.behind.set(0));
        }
    }

    /// Drops the subscribers whose streams are closed, and stops looking after the last one.
    private void forget() {
        subscribers.removeIf(subscriber -> !subscriber.writer.isOpen());
        metrics.subscribers.set(subscribers.size());
        if (subscribers.isEmpty() && looking != null) {
            looking.cancel(false);
            looking = null;
        }
    }

    private static Map<Long, LifecycleState> states(List<DecisionRow> decisions) {
        var states = new HashMap<Long, LifecycleState>();
        decisions.forEach(decision -> states.put(decision.id(), decision.state()));
        return states;
    }

    /// @param behind events written since the reader last caught up
    private record Subscriber(StreamWriter<ServerSentEvent> writer, AtomicInteger behind) {}
}
