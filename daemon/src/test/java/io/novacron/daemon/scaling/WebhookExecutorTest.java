package io.novacron.daemon.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.decision.ScalingOrder;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A webhook on a real port: what it is told, and what is made of its answers.
class WebhookExecutorTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    private record Heard(String key, String signature, String body) {}

    private record Said(int status, String body) {}

    private record Report(long decision, LifecycleState state, String group, String text) {}

    @TempDir private Path folder;
    private HttpServer server;
    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Deque<Said> answers = new ArrayDeque<>();
    private final BlockingQueue<Report> reports = new LinkedBlockingQueue<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/scale", this::answer);
        server.start();
    }

    @AfterEach
    void close() {
        gate.countDown();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        heard.add(
                new Heard(
                        exchange.getRequestHeaders().getFirst("Idempotency-Key"),
                        exchange.getRequestHeaders().getFirst("X-Novacron-Signature"),
                        body));
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        Said said;
        synchronized (answers) {
            said = answers.isEmpty() ? new Said(500, "") : answers.remove();
        }
        byte[] bytes = said.body().getBytes(StandardCharsets.UTF_8);
        if (said.status() == 302) {
            exchange.getResponseHeaders().add("Location", url() + "/else");
        }
        exchange.sendResponseHeaders(said.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void willSay(int status, String body) {
        synchronized (answers) {
            answers.add(new Said(status, body));
        }
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/scale";
    }

    private WebhookExecutor executor(String url, String timeout) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        var config =
                DaemonConfig.parse(
                        ("scaling: {groups: [{name: web, selector: app=web, max: 9, executor: webhook,"
                                        + " webhook: {url: \"%s\", secret-file: %s, timeout: %s,"
                                        + " attempts: 3}}]}")
                                .formatted(url, secret, timeout));
        return new WebhookExecutor(
                config.scaling(),
                Duration.ofMillis(1),
                (decision, state, group, text) ->
                        reports.add(new Report(decision, state, group, text)));
    }

    private static ScalingOrder order(long decision) {
        var action =
                new Action(
                        decision,
                        ActionType.SCALE_OUT,
                        new UUID(0, 1),
                        5,
                        6,
                        1,
                        0,
                        0,
                        new UUID(0, 1),
                        0,
                        0,
                        new UUID(0, 0),
                        "",
                        new byte[0]);
        return new ScalingOrder(
                decision,
                "web",
                ScalingOrder.WEBHOOK,
                ActionType.SCALE_OUT,
                4,
                6,
                5,
                6,
                "web: 4 → 6 members",
                action);
    }

    private Report next() throws InterruptedException {
        Report report = reports.poll(30, TimeUnit.SECONDS);
        if (report == null) {
            throw new AssertionError("nothing was reported in 30 s; heard " + heard);
        }
        return report;
    }

    @Test
    void theOrderIsSignedAndCarriesTheDecisionAsItsKey() throws Exception {
        willSay(200, "{\"decision\":17,\"status\":\"accepted\",\"text\":\"two more\"}");
        try (var executor = executor(url(), "5s")) {
            assertThat(executor.scale(order(17))).isEmpty();
            assertThat(next())
                    .isEqualTo(
                            new Report(17, LifecycleState.VERIFYING, "web", "accepted: two more"));
        }
        Heard told = heard.getFirst();
        assertThat(told.key()).isEqualTo("17");
        assertThat(told.body())
                .isEqualTo(
                        "{\"decision\":17,\"group\":\"web\",\"change\":\"scale-out\",\"from\":4,\"to\":6,\"issuedAtMs\":5,\"expiresAtMs\":6,\"reason\":\"web: 4 → 6 members\"}");
        assertThat(told.signature())
                .as("HMAC-SHA256, as `openssl dgst -sha256 -hmac` computes it")
                .isEqualTo(
                        WebhookMessage.signature(
                                told.body().getBytes(StandardCharsets.UTF_8),
                                SECRET.getBytes(StandardCharsets.UTF_8)))
                .matches("sha256=[0-9a-f]{64}");
    }

    @Test
    void theSignatureIsHmacSha256() {
        // RFC 4231, test case 2
        assertThat(
                        WebhookMessage.signature(
                                "what do ya want for nothing?".getBytes(StandardCharsets.UTF_8),
                                "Jefe".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(
                        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    @Test
    void whatIsAnsweredIsNotToldAgainButReportedAgain() throws Exception {
        willSay(200, "{\"decision\":17,\"status\":\"done\"}");
        try (var executor = executor(url(), "5s")) {
            executor.scale(order(17));
            Report first = next();
            String problem = "";
            while (reports.isEmpty()) { // at once, but for the moment in which it is still in work
                problem += executor.scale(order(17));
                Thread.onSpinWait();
            }
            assertThat(problem).isEmpty();
            assertThat(next()).isEqualTo(first);
        }
        assertThat(heard).hasSize(1);
    }

    @Test
    void whatFailsIsToldAgainTheSame() throws Exception {
        willSay(503, "");
        willSay(200, "<html>");
        willSay(200, "{\"decision\":17,\"status\":\"done\"}");
        try (var executor = executor(url(), "5s")) {
            executor.scale(order(17));
            assertThat(next().state()).isEqualTo(LifecycleState.VERIFYING);
        }
        assertThat(heard).hasSize(3);
        assertThat(heard.stream().distinct()).hasSize(1);
    }

    @Test
    void afterTheLastAttemptNobodyKnows() throws Exception {
        try (var executor = executor(url(), "5s")) {
            executor.scale(order(17));
            Report report = next();
            assertThat(report.state()).isEqualTo(LifecycleState.UNKNOWN);
            assertThat(report.text()).isEqualTo("answered 500, the last of 3 attempts");
        }
        assertThat(heard).hasSize(3);
    }

    @Test
    void aRefusalIsNotToldAgain() throws Exception {
        willSay(200, "{\"decision\":17,\"status\":\"refused\",\"text\":\"no licence\"}");
        willSay(401, "");
        willSay(302, "");
        try (var executor = executor(url(), "5s")) {
            executor.scale(order(17));
            assertThat(next())
                    .isEqualTo(new Report(17, LifecycleState.FAILED, "web", "refused: no licence"));
            executor.scale(order(18));
            assertThat(next())
                    .isEqualTo(new Report(18, LifecycleState.FAILED, "web", "answered 401"));
            executor.scale(order(19));
            assertThat(next().text()).contains("redirects are not followed");
        }
        assertThat(heard).hasSize(3);
    }

    @Test
    void anAnswerAboutAnotherDecisionIsNone() throws Exception {
        willSay(200, "{\"decision\":16,\"status\":\"done\"}");
        willSay(200, "{\"decision\":17,\"status\":\"maybe\"}");
        willSay(200, "{\"decision\":17,\"status\":\"done\"}");
        try (var executor = executor(url(), "5s")) {
            executor.scale(order(17));
            assertThat(next().state()).isEqualTo(LifecycleState.VERIFYING);
        }
        assertThat(heard).hasSize(3);
    }

    @Test
    void whereNobodyListensNothingWasDone() throws Exception {
        String url = url();
        server.stop(0);
        try (var executor = executor(url, "5s")) {
            executor.scale(order(17));
            Report report = next();
            assertThat(report.state()).isEqualTo(LifecycleState.FAILED);
            assertThat(report.text()).contains("cannot be reached");
        }
    }

    @Test
    void anOrderInWorkIsNotToldTwiceAndATimeoutEndsIt() throws Exception {
        gate = new CountDownLatch(1);
        try (var executor = executor(url(), "200ms")) {
            assertThat(executor.scale(order(17))).isEmpty();
            assertThat(executor.scale(order(17))).isEmpty();
            Report report = next();
            assertThat(report.state()).isEqualTo(LifecycleState.UNKNOWN);
            assertThat(report.text()).contains("did not answer");
            assertThat(heard).as("three attempts of one order").hasSize(3);
            assertThat(reports).isEmpty();
        }
    }

    @Test
    void aGroupWithoutAWebhookSaysSo() throws Exception {
        try (var executor = executor(url(), "5s")) {
            var other =
                    new ScalingOrder(
                            1,
                            "db",
                            ScalingOrder.WEBHOOK,
                            ActionType.SCALE_OUT,
                            1,
                            2,
                            0,
                            0,
                            "",
                            order(1).action());
            assertThat(executor.scale(other)).contains("group db has no webhook", "Maybe");
        }
    }
}
