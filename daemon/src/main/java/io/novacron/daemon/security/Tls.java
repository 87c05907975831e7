package io.novacron.daemon.security;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Netty TLS contexts from PEM files: TLS 1.3 and 1.2, the JDK's provider.
public final class Tls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private Tls() {}

    /// A server's side. Callers must show a certificate exactly when `files` names authorities.
    public static SslContext server(TlsFiles files) {
        try {
            var builder =
                    SslContextBuilder.forServer(files.certificate().toFile(), files.key().toFile())
                            .sslProvider(SslProvider.JDK)
                            .protocols(PROTOCOLS);
            if (files.authorities() != null) {
                builder.trustManager(files.authorities().toFile()).clientAuth(ClientAuth.REQUIRE);
            }
            return builder.build();
        } catch (IllegalArgumentException | SSLException e) {
            throw unusable("certificate=%s key=%s".formatted(files.certificate(), files.key()), e);
        }
    }

    /// A caller's side: trusts `authorities` (null: the JDK's), shows `identity` when there is one.
    public static SslContext client(@Nullable Path authorities, @Nullable TlsFiles identity) {
        try {
            var builder =
                    SslContextBuilder.forClient()
                            .sslProvider(SslProvider.JDK)
                            .protocols(PROTOCOLS)
                            .endpointIdentificationAlgorithm("HTTPS");
            if (authorities != null) {
                builder.trustManager(authorities.toFile());
            }
            if (identity != null) {
                builder.keyManager(identity.certificate().toFile(), identity.key().toFile());
            }
            return builder.build();
        } catch (IllegalArgumentException | SSLException e) {
            throw unusable("authorities=%s".formatted(authorities), e);
        }
    }

    private static IllegalArgumentException unusable(String what, Exception cause) {
        return new IllegalArgumentException(
                "TLS files %s cannot be used: %s. Maybe the key is encrypted or not PKCS#8 PEM?"
                        .formatted(what, cause.getMessage()),
                cause);
    }
}
