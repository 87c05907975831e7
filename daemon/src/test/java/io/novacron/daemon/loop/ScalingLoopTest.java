package io.novacron.daemon.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.novacron.daemon.cli.Novacron;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.service.Daemon;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole way of a group's scaling: from a simulated fleet over the decisions to a webhook,
/// until the new members run; and the same decisions again from the journal.
class ScalingLoopTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;
    private final BlockingQueue<JsonNode> told = new LinkedBlockingQueue<>();

    @Test
    void aGroupBelowItsLeastSizeIsScaledOutByItsWebhook() throws Exception {
        var server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/scale", this::accept);
        server.start();
        DaemonConfig config = DaemonConfig.parse(yaml(server.getAddress().getPort()));
        try (var daemon = Daemon.start(config, InstantSource.system(), "test");
                var _ = fleet(daemon, 7)) {
            var line = new OperatorLine(daemon.controlPort());
            JsonNode order = told.poll(120, TimeUnit.SECONDS);
            if (order == null) {
                throw new AssertionError("nothing was told in 120 s");
            }
            assertThat(order.path("group").asText()).isEqualTo("prod");
            assertThat(order.path("to").asInt()).isEqualTo(order.path("from").asInt() + 1);
            long id = order.path("decision").asLong();
            try (var _ = fleet(daemon, 8)) { // what was asked for comes to life
                JsonNode kept = line.finished(id);
                assertThat(kept.path("state").asText()).as("%s", kept).isEqualTo("KEPT");
                assertThat(kept.path("transitions").toString())
                        .contains("policy grow", "webhook prod", "accepted: soon");
                JsonNode why = line.run("explain", Long.toString(id));
                assertThat(why.path("factors")).isNotEmpty();
                assertThat(why.path("flips").toString()).contains("least");
                assertThat(told).as("told once").isEmpty();
            }
        } finally {
            server.stop(0);
        }
        for (String how : List.of("--re-decide", "--recompute")) {
            assertThat(replay(how, server.getAddress().getPort())).as(how).isTrue();
        }
    }

    private void accept(HttpExchange exchange) throws IOException {
        JsonNode order = JSON.readTree(exchange.getRequestBody().readAllBytes());
        told.add(order);
        byte[] answer =
                "{\"decision\":%d,\"status\":\"accepted\",\"text\":\"soon\"}"
                        .formatted(order.path("decision").asLong())
                        .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private boolean replay(String how, int port) throws Exception {
        Path file = Files.writeString(folder.resolve("daemon.yaml"), yaml(port));
        var out = new StringWriter();
        var line = Novacron.commandLine();
        line.setOut(new PrintWriter(out));
        int exit =
                line.execute(
                        "replay",
                        "--json",
                        "--config",
                        file.toString(),
                        "--data",
                        folder.resolve("daemon").toString(),
                        how);
        assertThat(exit).as("%s", out).isZero();
        JsonNode figures =
                JSON.readTree(out.toString().lines().reduce("", (_, last) -> last)).path("figures");
        assertThat(figures.path("decisions").asLong()).isPositive();
        return figures.path("identical").asBoolean();
    }

    private String yaml(int port) throws IOException {
        Path secret =
                Files.writeString(folder.resolve("secret"), "0123456789abcdef0123456789abcdef");
        return """
        data-directory: "%s"
        tick: {interval: 1s}
        policy: {mode: automatic, measure: 0s}
        automation: {allow: ["grow: scale-out where novacron.group=prod"]}
        scaling:
          groups:
            - name: prod
              selector: env=prod
              min: 500
              max: 900
              max-added: 1
              executor: webhook
              webhook: {url: "http://127.0.0.1:%d/scale", secret-file: "%s"}
        agents: {listen: "127.0.0.1:0", heartbeat-interval: 1s, sample-interval: 2s}
        control: {listen: "127.0.0.1:0"}
        query: {listen: "127.0.0.1:0"}
        """
                .formatted(folder.resolve("daemon"), port, secret);
    }

    private AgentProcess fleet(Daemon daemon, int seed) throws Exception {
        return AgentProcess.simulate(
                folder.resolve("fleet-%d.log".formatted(seed)),
                "--daemon",
                "127.0.0.1:" + daemon.agentPort(),
                "--hosts",
                "2",
                "--vms",
                "12",
                "--seed",
                Integer.toString(seed),
                "--interval",
                "2s",
                "--backfill",
                "1h");
    }
}
