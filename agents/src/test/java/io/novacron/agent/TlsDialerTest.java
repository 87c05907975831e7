package io.novacron.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.agent.spool.EntityIds;
import io.novacron.agent.spool.MemorySpool;
import io.novacron.wire.message.Heartbeat;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsDialerTest {
    private static final String PASSWORD = "secret";

    @TempDir private static Path folder = Path.of("");

    /// Each name becomes a self-signed certificate and its key; a certificate is its own authority.
    @BeforeAll
    static void makeKeys() throws Exception {
        var started = new LinkedHashMap<String, Process>();
        for (String name : List.of("agent", "daemon", "stranger")) {
            started.put(name, keytool(name));
        }
        for (var each : started.entrySet()) {
            String name = each.getKey();
            assertThat(each.getValue().waitFor(60, TimeUnit.SECONDS)).isTrue();
            KeyStore keys = KeyStore.getInstance(store(name).toFile(), PASSWORD.toCharArray());
            write(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded());
            write(
                    name + ".key",
                    "PRIVATE KEY",
                    keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
        }
    }

    private static Path store(String name) {
        return folder.resolve(name + ".p12");
    }

    private static Process keytool(String name) throws IOException {
        String command = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options =
                " -genkeypair -alias %s -keyalg EC -groupname secp256r1 -dname CN=%s -validity 3650"
                        + " -ext san=ip:127.0.0.1 -storepass %s -keystore ";
        var words = new ArrayList<String>(List.of(command));
        words.addAll(List.of(options.formatted(name, name, PASSWORD).strip().split(" ")));
        words.add(store(name).toString());
        return new ProcessBuilder(words).redirectErrorStream(true).start();
    }

    private static void write(String name, String kind, byte[] bytes) throws IOException {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes);
        Files.writeString(
                folder.resolve(name),
                "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, body, kind));
    }

    private static TlsDialer dialer(int port, String own, String authority) {
        return new TlsDialer(
                Dialer.plain("127.0.0.1", port),
                "127.0.0.1",
                port,
                folder.resolve(own + ".crt"),
                folder.resolve(own + ".key"),
                folder.resolve(authority + ".crt"));
    }

    /// A daemon with the daemon's certificate, which wants the agent's.
    private static TestDaemon daemon() throws IOException {
        var server =
                (SSLServerSocket)
                        dialer(0, "daemon", "agent")
                                .context()
                                .getServerSocketFactory()
                                .createServerSocket(0, 16, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(true);
        return new TestDaemon(server);
    }

    @Test
    void carriesBothConnectionsOverTlsWithAClientCertificate() throws IOException {
        var parts =
                Agents.parts(
                        new NoHypervisor("test"),
                        new MemorySpool(1 << 20),
                        new MemorySpool(1 << 20),
                        EntityIds.inMemory());
        try (var daemon = daemon();
                var agent =
                        new Agent(
                                parts,
                                dialer(daemon.port(), "agent", "daemon"),
                                null,
                                AgentClock.system(),
                                Agents.LOG,
                                Agents.THREADS)) {
            agent.start();
            daemon.await("a batch", () -> !daemon.batches().isEmpty());
            daemon.await("a heartbeat", () -> !daemon.messages(Heartbeat.class).isEmpty());
        }
    }

    @Test
    void doesNotTalkToADaemonOfAnotherAuthority() throws IOException {
        try (var daemon = daemon()) {
            assertThatThrownBy(() -> dialer(daemon.port(), "agent", "stranger").dial())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void namesTheFileThatIsNoKey() {
        var dialer =
                new TlsDialer(
                        Dialer.plain("127.0.0.1", 1),
                        "127.0.0.1",
                        1,
                        folder.resolve("agent.crt"),
                        folder.resolve("agent.crt"),
                        folder.resolve("daemon.crt"));
        assertThatThrownBy(dialer::context)
                .hasMessageContaining("agent.crt must hold a PKCS#8 key")
                .hasMessageContaining("Maybe convert it with: openssl pkcs8");
    }
}
