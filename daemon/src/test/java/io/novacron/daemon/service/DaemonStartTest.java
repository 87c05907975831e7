package io.novacron.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.daemon.config.DaemonConfig;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A start that fails half-way leaves nothing behind that would keep the process alive or the
/// journal locked.
class DaemonStartTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"agents", "query", "control"})
    void aPortInUseIsNamedAndTheNextStartServes(String port) throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Set<Thread> before = lastingThreads();
            assertThatThrownBy(() -> start(port, taken.getLocalPort()))
                    .hasMessageContaining(port + ".listen=127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("Maybe another daemon is running?");
            for (Thread thread : lastingThreads()) {
                if (!before.contains(thread)) {
                    assertThat(thread.join(PATIENCE))
                            .as("%s does not keep the process alive", thread)
                            .isTrue();
                }
            }
        }
        try (var daemon = start(port, 0)) {
            assertThat(daemon.isAlive()).isTrue();
        }
    }

    @Test
    void closingTwiceIsClosingOnce() throws Exception {
        var daemon = start("control", 0);
        daemon.close();
        daemon.close();
        assertThat(daemon.isAlive()).isTrue();
    }

    private Daemon start(String port, int number) throws Exception {
        String text =
                """
                data-directory: "%s"
                models: {onnx: false}
                agents: {listen: "127.0.0.1:0"}
                control: {listen: "127.0.0.1:0"}
                query: {listen: "127.0.0.1:0"}
                """
                        .formatted(folder.resolve("data"))
                        .replace(
                                port + ": {listen: \"127.0.0.1:0\"",
                                port + ": {listen: \"127.0.0.1:" + number + "\"");
        return Daemon.start(DaemonConfig.parse(text), InstantSource.system(), "test");
    }

    private static Set<Thread> lastingThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && !thread.isDaemon())
                .collect(Collectors.toSet());
    }
}
