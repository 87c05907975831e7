package io.novacron.agent.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdNotifierTest {
    @TempDir private Path folder;

    @Test
    void saysNothingWithoutAManager() {
        var notifier = SystemdNotifier.of(Map.of());
        assertThat(notifier.isManaged()).isFalse();
        assertThat(notifier.ready("up")).isFalse();
        assertThat(notifier.watchdog()).isZero();
    }

    @Test
    void readsTheWatchdogIntervalOnlyWhenItIsMeantForThisProcess() {
        long pid = ProcessHandle.current().pid();
        assertThat(
                        SystemdNotifier.of(
                                        Map.of(
                                                "WATCHDOG_USEC",
                                                "30000000",
                                                "WATCHDOG_PID",
                                                Long.toString(pid)))
                                .watchdog())
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(
                        SystemdNotifier.of(
                                        Map.of(
                                                "WATCHDOG_USEC",
                                                "30000000",
                                                "WATCHDOG_PID",
                                                Long.toString(pid + 1)))
                                .watchdog())
                .isZero();
    }

    @Test
    void tellsTheManagerThatItIsReady() throws Exception {
        assumeTrue(
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                        .anyMatch(bin -> Files.isExecutable(Path.of(bin, "python3"))),
                "python3 is not on the PATH; it plays the service manager here");
        Path socket = folder.resolve("notify");
        var manager =
                new ProcessBuilder(
                                "python3",
                                "-c",
                                "import socket,sys\n"
                                        + "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n"
                                        + "s.bind(sys.argv[1]); print('bound',flush=True)\n"
                                        + "s.settimeout(20); print(repr(s.recv(4096)),flush=True)\n",
                                socket.toString())
                        .redirectErrorStream(true)
                        .start();
        try (var output = manager.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("bound");
            var notifier = SystemdNotifier.of(Map.of("NOTIFY_SOCKET", socket.toString()));
            assertThat(notifier.ready("20 hosts")).isTrue();
            assertThat(output.readLine()).isEqualTo("b'READY=1\\nSTATUS=20 hosts'");
        } finally {
            manager.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
    }
}
