package io.novacron.daemon.scaling;

import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.config.ScalingGroupConfig;
import io.novacron.daemon.config.ScalingGroupConfig.WebhookConfig;
import io.novacron.daemon.decision.ScalingExecutor;
import io.novacron.daemon.decision.ScalingOrder;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells webhooks how many members their groups should have, and reports what they say. Any thread
/// may give an order; each is on a virtual thread of its own, [#MOST_ORDERS] at one time.
///
/// An order that was perhaps not heard is told again, the same with the same key, a few times; then
/// its decision is UNKNOWN, and the number of members that run tells what became of it. Only what
/// was surely not done is FAILED: a refusal, or that nobody could be reached at all. Redirects are
/// not followed, for a signature is meant for one receiver.
public final class WebhookExecutor implements ScalingExecutor, AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(WebhookExecutor.class);

    static final int MOST_ORDERS = 64;
    private static final int MOST_ANSWERS = 256;
    private static final int MOST_REPLY = 64 * 1024;
    private static final int OK = 200;
    private static final int REDIRECT = 300;
    private static final int CLIENT_ERROR = 400;
    private static final int TIMEOUT = 408;
    private static final int CONFLICT = 409;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    private final Map<String, Target> targets = new HashMap<>();
    private final Set<Long> inWork = ConcurrentHashMap.newKeySet();
    private final Map<Long, Answer> answered = // guarded by itself; the last ones
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Answer> eldest) {
                    return size() > MOST_ANSWERS;
                }
            };
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Duration pause;
    private final Reports reports;
    private @Nullable HttpClient http; // guarded by this; see client()

    /// Where results go. Any thread.
    public interface Reports {
        /// @param state that the decision comes into
        void onReport(long decision, LifecycleState state, String group, String text);
    }

    private record Target(URI url, byte[] secret, Duration timeout, int attempts) {}

    /// @param pause before the second attempt; each one after it waits twice as long
    /// @throws IOException when the secret of a group cannot be read
    public WebhookExecutor(ScalingConfig config, Duration pause, Reports reports)
            throws IOException {
        this.pause = pause;
        this.reports = reports;
        for (ScalingGroupConfig group : config.groups()) {
            if (group.executor() == ScalingGroupConfig.Executor.WEBHOOK) {
                WebhookConfig webhook = group.webhook();
                targets.put(
                        group.name(),
                        new Target(
                                URI.create(webhook.url()),
                                webhook.secret(),
                                webhook.timeout(),
                                webhook.attempts()));
            }
        }
    }

    @Override
    public String scale(ScalingOrder order) {
        Target target = targets.get(order.group());
        if (target == null) {
            return "group %s has no webhook. Maybe the configuration has changed?"
                    .formatted(order.group());
        }
        if (closed.get() || inWork.contains(order.decision())) {
            return "";
        }
        Answer known;
        synchronized (answered) {
            known = answered.get(order.decision());
        }
        if (known != null) { // its report is on the way, or the journal did not take it
            reports.onReport(order.decision(), known.state(), order.group(), known.text());
            return "";
        }
        if (inWork.size() >= MOST_ORDERS) {
            return "%d orders are told already, which is the limit".formatted(MOST_ORDERS);
        }
        if (inWork.add(order.decision())) {
            Thread.ofVirtual()
                    .name("novacron-webhook-" + order.decision())
                    .start(() -> tell(order, target));
        }
        return "";
    }

    private void tell(ScalingOrder order, Target target) {
        try {
            Answer answer = attempts(order, target);
            if (!closed.get()) { // else the next start tells it again
                LOGGER.info(
                        "decision {} of group {}: {}: {}",
                        order.decision(),
                        order.group(),
                        answer.state(),
                        answer.text());
                synchronized (answered) {
                    answered.put(order.decision(), answer);
                }
                reports.onReport(order.decision(), answer.state(), order.group(), answer.text());
            }
        } finally {
            inWork.remove(order.decision());
        }
    }

    /// @param again whether another attempt may fare better
    private record Answer(LifecycleState state, String text, boolean again) {}

    private Answer attempts(ScalingOrder order, Target target) {
        boolean maybeHeard = false;
        long pauseNs = pause.toNanos();
        Answer answer = attempt(order, target);
        for (int attempt = 1; answer.again() && attempt < target.attempts(); attempt++) {
            maybeHeard |= answer.state() == LifecycleState.UNKNOWN;
            LockSupport.parkNanos(pauseNs);
            pauseNs *= 2;
            if (closed.get()) {
                break;
            }
            answer = attempt(order, target);
        }
        if (!answer.again()) {
            return answer;
        }
        maybeHeard |= answer.state() == LifecycleState.UNKNOWN;
        return new Answer(
                maybeHeard ? LifecycleState.UNKNOWN : LifecycleState.FAILED,
                "%s, the last of %d attempts".formatted(answer.text(), target.attempts()),
                false);
    }

    private Answer attempt(ScalingOrder order, Target target) {
        byte[] body = WebhookMessage.body(order);
        var request =
                HttpRequest.newBuilder(target.url())
                        .timeout(target.timeout())
                        .header("Content-Type", "application/json")
                        .header(WebhookMessage.KEY_HEADER, Long.toString(order.decision()))
                        .header(
                                WebhookMessage.SIGNATURE_HEADER,
                                WebhookMessage.signature(body, target.secret()))
                        .POST(BodyPublishers.ofByteArray(body))
                        .build();
        try {
            HttpResponse<InputStream> response =
                    client().send(request, BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                return answer(order, response.statusCode(), in.readNBytes(MOST_REPLY));
            }
        } catch (ConnectException | UnknownHostException e) {
            return failed("%s cannot be reached: %s".formatted(target.url(), e), true);
        } catch (IOException e) {
            return unknown("%s did not answer: %s".formatted(target.url(), e));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Answer(LifecycleState.UNKNOWN, "interrupted", false);
        }
    }

    /// Made for the first order: it takes half a second in a fresh JVM, and most have no webhook.
    private synchronized HttpClient client() {
        HttpClient client = http;
        if (client == null) {
            client =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .followRedirects(HttpClient.Redirect.NEVER)
                            .build();
            http = client;
            if (closed.get()) {
                client.shutdownNow();
            }
        }
        return client;
    }

    private static Answer answer(ScalingOrder order, int status, byte[] body) {
        if (status >= SERVER_ERROR
                || status == TIMEOUT
                || status == CONFLICT
                || status == TOO_MANY) {
            return unknown("answered %d".formatted(status));
        }
        if (status >= CLIENT_ERROR || status < OK) {
            return failed("answered %d".formatted(status), false);
        }
        if (status >= REDIRECT) {
            return failed(
                    "answered %d: redirects are not followed. Maybe use the address that it names?"
                            .formatted(status),
                    false);
        }
        var problem = new StringBuilder();
        WebhookMessage.Reply reply = WebhookMessage.reply(order, body, problem);
        if (reply == null) {
            return unknown(problem.toString());
        }
        return reply.refused()
                ? failed(reply.text(), false)
                : new Answer(LifecycleState.VERIFYING, reply.text(), false);
    }

    private static Answer failed(String text, boolean again) {
        return new Answer(LifecycleState.FAILED, text, again);
    }

    private static Answer unknown(String text) {
        return new Answer(LifecycleState.UNKNOWN, text, true);
    }

    /// Orders in work are given up; the next start tells them again.
    @Override
    public void close() {
        closed.set(true);
        synchronized (this) {
            if (http != null) {
                http.shutdownNow();
            }
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "webhooks of %d groups", targets.size());
    }
}
