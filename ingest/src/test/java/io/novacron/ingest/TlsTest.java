package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Collections;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Over TLS an agent is who its certificate says.
@Timeout(300)
class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final UUID AGENT = new UUID(1, 1);

    @TempDir Path directory;

    @Test
    void anAgentMustBeTheOneThatItsCertificateNames() throws Exception {
        KeyStore server = keys("localhost");
        KeyStore agent = keys(AGENT.toString());
        SslContext tls =
                SslContextBuilder.forServer(keyManagers(server))
                        .sslProvider(SslProvider.JDK)
                        .trustManager(trust(agent))
                        .clientAuth(ClientAuth.REQUIRE)
                        .build();
        IngestConfig config = IngestHarness.config(directory.resolve("journal"));
        try (var harness =
                new IngestHarness(config, new VirtualClock(), () -> Long.MAX_VALUE, tls)) {
            SSLContext client = SSLContext.getInstance("TLS");
            client.init(
                    keyManagers(agent).getKeyManagers(), trust(server).getTrustManagers(), null);
            try (TestAgent named = connect(client, harness, AGENT)) {
                assertThat(named.hello(ConnectionKind.DATA).sessionId()).isEqualTo(1);
                named.write(named.inventoryFrame(1));
                named.readUntilJournaled(1);
            }
            try (TestAgent other = connect(client, harness, new UUID(1, 2))) {
                other.write(other.helloFrame(ConnectionKind.DATA));
                assertThat(other.readErrorAndEnd().code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
            }
            assertThat(harness.count(Counter.AGENTS_UNAUTHENTICATED)).isEqualTo(1);
        }
    }

    private static TestAgent connect(SSLContext client, IngestHarness harness, UUID agentId)
            throws IOException {
        var socket = client.getSocketFactory().createSocket("127.0.0.1", harness.ingest.port());
        return new TestAgent(socket, harness.ingest.port(), agentId, 1);
    }

    private KeyStore keys(String commonName) throws Exception {
        Path file = directory.resolve(commonName + ".p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process =
                new ProcessBuilder(
                                keytool,
                                "-genkeypair",
                                "-alias",
                                "key",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + commonName,
                                "-storepass",
                                new String(PASSWORD),
                                "-keystore",
                                file.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    private static KeyManagerFactory keyManagers(KeyStore keys) throws Exception {
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD);
        return factory;
    }

    private static TrustManagerFactory trust(KeyStore other) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (String alias : Collections.list(other.aliases())) {
            trusted.setCertificateEntry(alias, other.getCertificate(alias));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory;
    }
}
