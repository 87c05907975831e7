package io.novacron.daemon.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.daemon.security.SecurityRules.Audience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecurityRulesTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    private static final ListenAddress LOOPBACK = new ListenAddress("127.0.0.1", 7070);
    private static final ListenAddress OPEN = new ListenAddress("0.0.0.0", 7070);

    @TempDir private Path folder;
    private TlsFiles tls;
    private TlsFiles mutualTls;

    @BeforeEach
    void files() throws IOException {
        Path certificate = Files.writeString(folder.resolve("daemon.crt"), "certificate");
        Path key = Files.writeString(folder.resolve("daemon.key"), "key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        tls = new TlsFiles(certificate, key, null);
        mutualTls = new TlsFiles(certificate, key, certificate);
    }

    @ParameterizedTest
    @EnumSource
    void loopbackNeedsNothing(Audience audience) {
        assertThat(SecurityRules.problems("port", LOOPBACK, audience, null, null)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"AGENTS", "SCHEDULERS"})
    void machinesFromElsewhereNeedCertificates(Audience audience) {
        assertThat(SecurityRules.problems("agents", OPEN, audience, null, TOKEN))
                .hasSize(2)
                .anySatisfy(text ->
                        assertThat(text)
                                .contains("agents.listen=0.0.0.0:7070 is not a loopback")
                                .contains("agents.tls.certificate")
                                .contains("Maybe 127.0.0.1:7070?"))
                .anySatisfy(text -> assertThat(text).contains("agents.tls.authorities"));
        assertThat(SecurityRules.problems("agents", OPEN, audience, tls, TOKEN))
                .singleElement()
                .asString()
                .contains("callers must show a certificate");
        assertThat(SecurityRules.problems("agents", OPEN, audience, mutualTls, null)).isEmpty();
    }

    @Test
    void peopleFromElsewhereNeedTlsAndAToken() {
        assertThat(SecurityRules.problems("control", OPEN, Audience.PEOPLE, null, null)).hasSize(2);
        assertThat(SecurityRules.problems("control", OPEN, Audience.PEOPLE, tls, null))
                .singleElement()
                .asString()
                .contains("control.token-file must name a file");
        assertThat(SecurityRules.problems("control", OPEN, Audience.PEOPLE, null, TOKEN))
                .singleElement()
                .asString()
                .contains("control.tls.certificate");
        assertThat(SecurityRules.problems("control", OPEN, Audience.PEOPLE, tls, TOKEN)).isEmpty();
    }

    @Test
    void filesMustBeThereAndTheKeyPrivate() throws IOException {
        Files.setPosixFilePermissions(tls.key(), PosixFilePermissions.fromString("rw-r--r--"));
        var broken = new TlsFiles(folder.resolve("absent.crt"), tls.key(), folder);

        assertThat(SecurityRules.problems("control", LOOPBACK, Audience.PEOPLE, broken, null))
                .hasSize(3)
                .anySatisfy(text -> assertThat(text).contains("absent.crt is not a readable file"))
                .anySatisfy(text -> assertThat(text).contains("Maybe: chmod 640"))
                .anySatisfy(text -> assertThat(text).startsWith("control.tls.authorities="));
    }

    @ParameterizedTest
    @ValueSource(strings = {"short", "0123456789 123456789012345", "0123456789abcdef0123456789\n"})
    void weakTokensAreRefusedWithoutShowingThem(String token) {
        assertThat(SecurityRules.problems("control", LOOPBACK, Audience.PEOPLE, null, token))
                .isNotEmpty()
                .noneMatch(text -> text.contains(token));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true",
        "127.8.9.10, true",
        "localhost, true",
        "LOCALHOST, true",
        "::1, true",
        "0.0.0.0, false",
        "::, false",
        "10.0.0.1, false",
        "::ffff:127.0.0.1, true",
        "localhost.example.org, false",
        "127.0.0.1.example.org, false",
        "ip6-localhost, false",
    })
    void onlyLiteralLoopbackAddressesCount(String host, boolean loopback) {
        assertThat(new ListenAddress(host, 1).isLoopback()).isEqualTo(loopback);
    }

    @Test
    void addressesAreReadAndWritten() {
        assertThat(ListenAddress.parse("[::1]:7070")).isEqualTo(new ListenAddress("::1", 7070));
        assertThat(ListenAddress.parse("[::1]:7070")).hasToString("[::1]:7070");
        assertThat(ListenAddress.parse("localhost:0").toSocketAddress().getAddress())
                .matches(address -> address.isLoopbackAddress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"7070", ":7070", "::1:7070", "127.0.0.1:", "127.0.0.1:x", "a:70000"})
    void addressesThatAreNotAreRefused(String text) {
        assertThatThrownBy(() -> ListenAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("listen");
    }

    @Test
    void sessionsEndAndBelongToTheirToken() {
        var start = Instant.parse("2026-03-02T10:00:00Z");
        var token = new Token(TOKEN, InstantSource.fixed(start));
        String session = token.newSession();

        assertThat(token.matches(TOKEN)).isTrue();
        assertThat(token.matches(TOKEN + "x")).isFalse();
        assertThat(token.isOpen(session)).isTrue();
        assertThat(new Token(TOKEN, InstantSource.fixed(start.plus(Token.SESSION))).isOpen(session))
                .as("after its time")
                .isFalse();
        assertThat(new Token(TOKEN + "x", InstantSource.fixed(start)).isOpen(session))
                .as("of another token")
                .isFalse();
        assertThat(token.isOpen("9" + session)).as("a later end, not signed").isFalse();
        assertThat(token.isOpen("")).isFalse();
        assertThat(token.isOpen("." + session)).isFalse();
    }

    @Test
    void unusablePemFilesAreNamed() {
        assertThatThrownBy(() -> Tls.server(tls))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("daemon.crt")
                .hasMessageContaining("Maybe");
    }
}
