package io.novacron.daemon.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.novacron.agent.libvirt.LibvirtLab;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.service.Daemon;
import io.novacron.ingest.journal.JournalVerification;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real Prometheus scrapes a real node_exporter and writes to the daemon's port: this machine
/// becomes a host of the fleet.
@Tag("prometheus")
class RealPrometheusTest {
    private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
    private static final Path NODE_EXPORTER = Path.of("/usr/bin/prometheus-node-exporter");
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Pattern LISTENING =
            Pattern.compile("msg=\"Listening on\" address=127\\.0\\.0\\.1:(\\d+)");

    @TempDir private Path folder;

    @Test
    void aScrapedMachineIsAHostWithMetrics() throws Exception {
        for (Path binary : List.of(PROMETHEUS, NODE_EXPORTER)) {
            assumeTrue(
                    Files.isExecutable(binary),
                    binary
                            + " is not there. Maybe apt-get install prometheus"
                            + " prometheus-node-exporter?");
        }
        try (var daemon = Daemon.start(config(), InstantSource.system(), "test");
                var exporter =
                        new Program(
                                "exporter", NODE_EXPORTER, "--web.listen-address=127.0.0.1:0")) {
            int port = exporter.port();
            Path scrapes = folder.resolve("prometheus.yml");
            Files.writeString(
                    scrapes,
                    """
                    global: {scrape_interval: 1s}
                    scrape_configs:
                      - job_name: node
                        static_configs: [{targets: ["127.0.0.1:%d"]}]
                    remote_write:
                      - url: http://127.0.0.1:%d/api/v1/write
                        queue_config: {batch_send_deadline: 500ms}
                    """
                            .formatted(port, daemon.controlPort()));
            try (var prometheus =
                    new Program(
                            "prometheus",
                            PROMETHEUS,
                            "--config.file=" + scrapes,
                            "--storage.tsdb.path=" + folder.resolve("tsdb"),
                            "--web.listen-address=127.0.0.1:0")) {
                var line = new OperatorLine(daemon.controlPort());
                LibvirtLab.await(
                        "the machine as a host with CPU use",
                        LIMIT,
                        () ->
                                line.run("hosts")
                                                .path("hosts")
                                                .path(0)
                                                .path("cpuUsagePercent")
                                                .asDouble()
                                        > 0);
                JsonNode host = line.run("hosts").path("hosts").get(0);
                assertThat(host.path("name").asText()).isEqualTo("127.0.0.1");
                assertThat(host.path("state").asText()).isEqualTo("online");
                assertThat(host.path("cpus").asInt())
                        .isEqualTo(Runtime.getRuntime().availableProcessors());
                assertThat(host.path("memoryBytes").asLong()).isEqualTo(memTotal());
                assertThat(host.path("memoryUsagePercent").asDouble()).isBetween(0.1, 100.0);

                String metrics = metrics(daemon);
                assertThat(counted(metrics, "requests_partly_written"))
                        .as(prometheus.log())
                        .isZero();
                assertThat(counted(metrics, "requests_undecodable")).as(prometheus.log()).isZero();
                assertThat(counted(metrics, "rounds_closed")).isPositive();
                assertThat(prometheus.log()).doesNotContain("non-recoverable error");
            }
        }
        JournalVerification journal = JournalVerification.of(folder.resolve("daemon/journal"));
        assertThat(journal.ok()).as("%s", journal).isTrue();
        assertThat(journal.framesAcknowledged()).isPositive();
    }

    private DaemonConfig config() {
        return DaemonConfig.parse(
                """
                data-directory: "%s"
                tick: {interval: 1s}
                agents: {listen: "127.0.0.1:0"}
                control: {listen: "127.0.0.1:0"}
                query: {listen: "127.0.0.1:0"}
                prometheus: {round-timeout: 2s}
                """
                        .formatted(folder.resolve("daemon")));
    }

    private static long memTotal() throws IOException {
        Matcher matcher =
                Pattern.compile("MemTotal: +(\\d+) kB")
                        .matcher(Files.readString(Path.of("/proc/meminfo")));
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1)) * 1024;
    }

    private static String metrics(Daemon daemon) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var uri = URI.create("http://127.0.0.1:%d/metrics".formatted(daemon.controlPort()));
            return client.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static double counted(String metrics, String counter) {
        Matcher matcher =
                Pattern.compile("(?m)^novacron_remote_write_" + counter + "_total (.*)$")
                        .matcher(metrics);
        assertThat(matcher.find()).as(counter).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    /// A program that runs until the end of the test.
    private final class Program implements AutoCloseable {
        private final Process process;
        private final Path log;

        Program(String name, Path binary, String... options) throws IOException {
            log = folder.resolve(name + ".log");
            process =
                    new ProcessBuilder(
                                    java.util.stream.Stream.concat(
                                                    java.util.stream.Stream.of(binary.toString()),
                                                    java.util.stream.Stream.of(options))
                                            .toList())
                            .redirectErrorStream(true)
                            .redirectInput(Path.of("/dev/null").toFile())
                            .redirectOutput(log.toFile())
                            .start();
        }

        int port() {
            LibvirtLab.await(
                    "the port of " + log.getFileName(),
                    Duration.ofSeconds(30),
                    () -> LISTENING.matcher(log()).find());
            Matcher matcher = LISTENING.matcher(log());
            assertThat(matcher.find()).isTrue();
            return Integer.parseInt(matcher.group(1));
        }

        String log() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                return e.toString();
            }
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
