package io.novacron.daemon.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.novacron.daemon.control.ControlConfig;
import io.novacron.daemon.control.ControlServer;
import io.novacron.daemon.fake.FakeFleet;
import io.novacron.daemon.query.QueryClient;
import io.novacron.daemon.query.QueryConfig;
import io.novacron.daemon.query.QueryServer;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Both ports opened to the outside, with certificates made here, and both sides of every check.
class PortSecurityTest {
    private static final String TOKEN = "a-token-of-the-test-0123456789abcdef";
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final ListenAddress OUTSIDE = new ListenAddress("0.0.0.0", 0);

    @TempDir private static Path folder;
    private static X509Bundle authority;
    private static Path authorityFile;
    private static TlsFiles daemon;
    private static TlsFiles scheduler;
    private static TlsFiles stranger;
    private static ControlServer control;
    private static QueryServer query;
    private static HttpClient http;

    @BeforeAll
    static void start() throws Exception {
        authority =
                new CertificateBuilder()
                        .subject("CN=test authority")
                        .setIsCertificateAuthority(true)
                        .buildSelfSigned();
        authorityFile = Files.writeString(folder.resolve("ca.crt"), authority.getCertificatePEM());
        daemon = identity("daemon", authority);
        scheduler = identity("scheduler", authority);
        stranger =
                identity(
                        "stranger",
                        new CertificateBuilder()
                                .subject("CN=another authority")
                                .setIsCertificateAuthority(true)
                                .buildSelfSigned());
        var fleet = new FakeFleet(3, 2);
        control =
                ControlServer.start(
                        ControlConfig.of(OUTSIDE, daemon, TOKEN),
                        fleet,
                        fleet,
                        new CollectorRegistry(),
                        InstantSource.system());
        query =
                QueryServer.start(
                        QueryConfig.of(
                                OUTSIDE,
                                new TlsFiles(daemon.certificate(), daemon.key(), authorityFile)),
                        fleet,
                        fleet,
                        new CollectorRegistry(),
                        InstantSource.system(),
                        "test");
        http = HttpClient.newBuilder().sslContext(trusting()).build();
    }

    @AfterAll
    static void stop() {
        http.close();
        query.close();
        control.close();
    }

    @Test
    void theControlPortRefusesToOpenOutsideWithoutTlsOrToken() {
        assertThatThrownBy(() -> ControlConfig.of(OUTSIDE, null, TOKEN))
                .hasMessageContaining("control.tls.certificate");
        assertThatThrownBy(() -> ControlConfig.of(OUTSIDE, daemon, null))
                .hasMessageContaining("control.token-file must name a file");
    }

    @Test
    void theQueryPortRefusesToOpenOutsideWithoutClientCertificates() {
        assertThatThrownBy(() -> QueryConfig.of(OUTSIDE, null))
                .hasMessageContaining("query.tls.certificate");
        assertThatThrownBy(() -> QueryConfig.of(OUTSIDE, daemon))
                .hasMessageContaining("query.tls.authorities");
    }

    @Test
    void aTokenOpensTheControlPort() throws Exception {
        var answer = send(request("/api/v1/hosts").header("Authorization", "Bearer " + TOKEN));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("host-00");
    }

    @Test
    void withoutTheTokenNothingIsSaid() throws Exception {
        for (String path : new String[] {"/api/v1/hosts", "/metrics", "/docs/", "/session"}) {
            assertThat(send(request(path)).statusCode()).as(path).isEqualTo(401);
        }
        var wrong = send(request("/api/v1/hosts").header("Authorization", "Bearer " + TOKEN + "x"));
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.headers().firstValue("www-authenticate"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
        assertThat(wrong.body()).contains("NOVACRON_TOKEN").doesNotContain("host-00");
    }

    @Test
    void healthSaysTheVerdictToEverybodyAndTheReasonsToTheKnown() throws Exception {
        assertThat(send(request("/health")).body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(send(request("/health").header("Authorization", "Bearer " + TOKEN)).body())
                .contains("components");
    }

    @Test
    void aBrowserSignsInWithTheTokenAndOut() throws Exception {
        var page = send(request("/").header("Accept", "text/html"));
        assertThat(page.statusCode()).isEqualTo(303);
        assertThat(page.headers().firstValue("location")).hasValue("/login");
        assertThat(send(request("/login")).body()).contains("Token of the control port");

        var wrong = signIn("wrong");
        assertThat(wrong.headers().firstValue("location")).hasValue("/login#wrong");
        assertThat(wrong.headers().firstValue("set-cookie")).isEmpty();

        var right = signIn(TOKEN);
        String cookie = right.headers().firstValue("set-cookie").orElseThrow();
        assertThat(right.headers().firstValue("location")).hasValue("/");
        assertThat(cookie)
                .containsIgnoringCase("HttpOnly")
                .contains("Secure")
                .contains("SameSite=Strict")
                .doesNotContain(TOKEN);
        String session = cookie.substring(0, cookie.indexOf(';'));
        assertThat(send(request("/api/v1/hosts").header("Cookie", session)).statusCode())
                .isEqualTo(200);
        assertThat(send(request("/api/v1/hosts").header("Cookie", session + "x")).statusCode())
                .isEqualTo(401);

        var out = send(request("/logout").header("Cookie", session).POST(BodyPublishers.noBody()));
        assertThat(out.headers().firstValue("set-cookie").orElseThrow()).contains("Max-Age=0");
    }

    @Test
    void anotherSiteCannotUseTheBrowser() throws Exception {
        var answer =
                send(
                        request("/api/v1/decisions/1:approve")
                                .header("Authorization", "Bearer " + TOKEN)
                                .header("Origin", "https://evil.example")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{}")));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("Origin=https://evil.example");
    }

    @Test
    void aCallerThatDoesNotTrustTheAuthorityDoesNotTalk() {
        try (var untrusting = HttpClient.newHttpClient()) {
            assertThatThrownBy(() ->
                            untrusting.send(request("/health").build(), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aCertificateOpensTheQueryPort() throws Exception {
        try (var client = connect(scheduler)) {
            assertThat(client.recommendations(0).recommendations()).hasSize(3);
        }
    }

    @Test
    void withoutACertificateOfTheAuthorityTheQueryPortStaysShut() {
        assertThatThrownBy(() -> connect(null)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> connect(stranger)).isInstanceOf(IOException.class);
    }

    @Test
    void plainTextOnATlsPortIsRefused() {
        assertThatThrownBy(() ->
                        QueryClient.connect(
                                new InetSocketAddress("127.0.0.1", query.port()),
                                null,
                                "plain",
                                TIMEOUT))
                .isInstanceOfAny(IOException.class, RuntimeException.class);
    }

    private static QueryClient connect(@Nullable TlsFiles identity) throws IOException {
        return QueryClient.connect(
                new InetSocketAddress("localhost", query.port()),
                Tls.client(authorityFile, identity),
                "test",
                TIMEOUT);
    }

    private static HttpResponse<String> signIn(String token) throws Exception {
        return send(
                request("/login")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("token=" + token)));
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("https://localhost:%d%s".formatted(control.port(), path)))
                .timeout(TIMEOUT);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static TlsFiles identity(String name, X509Bundle issuer) throws Exception {
        var bundle =
                new CertificateBuilder()
                        .subject("CN=" + name)
                        .addSanDnsName("localhost")
                        .buildIssuedBy(issuer);
        Path certificate =
                Files.writeString(folder.resolve(name + ".crt"), bundle.getCertificatePathPEM());
        Path key = Files.writeString(folder.resolve(name + ".key"), bundle.getPrivateKeyPEM());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        return new TlsFiles(certificate, key, null);
    }

    private static SSLContext trusting() throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", authority.getCertificate());
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
