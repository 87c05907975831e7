package io.novacron.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// TLS 1.3 with a client certificate over another dialer's connections. Keys and certificates are
/// PEM files, read again at each attempt, so that a renewed certificate needs no restart.
final class TlsDialer implements Dialer {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

    private final Dialer tcp;
    private final String host;
    private final int port;
    private final Path certificateFile;
    private final Path keyFile;
    private final Path authorityFile;

    TlsDialer(
            Dialer tcp,
            String host,
            int port,
            Path certificateFile,
            Path keyFile,
            Path authorityFile) {
        this.tcp = tcp;
        this.host = host;
        this.port = port;
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.authorityFile = authorityFile;
    }

    @Override
    public Socket dial() throws IOException {
        SSLContext context = context();
        Socket plain = tcp.dial();
        try {
            var socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
            var parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the name must match
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.startHandshake();
            socket.setSoTimeout(0);
            return socket;
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    /// Reads the files; an exception names the one that is wrong.
    SSLContext context() throws IOException {
        try {
            var own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            Certificate[] chain = certificates(certificateFile).toArray(Certificate[]::new);
            own.setKeyEntry("agent", privateKey(keyFile), new char[0], chain);
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, new char[0]);

            var authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            int count = 0;
            for (Certificate authority : certificates(authorityFile)) {
                authorities.setCertificateEntry("ca-" + count++, authority);
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);

            var context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "tls-cert=%s and tls-key=%s must belong together. Maybe one is older? (%s)"
                            .formatted(certificateFile, keyFile, e.getMessage()),
                    e);
        }
    }

    private static Collection<? extends Certificate> certificates(Path file) throws IOException {
        try {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(Files.readAllBytes(file)));
            if (!found.isEmpty()) {
                return found;
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "%s must hold PEM certificates: %s".formatted(file, e.getMessage()), e);
        }
        throw new IOException("%s must hold at least one PEM certificate".formatted(file));
    }

    private static PrivateKey privateKey(Path file) throws IOException {
        Matcher pem = KEY.matcher(Files.readString(file, US_ASCII));
        if (!pem.find()) {
            throw new IOException(
                    ("%s must hold a PKCS#8 key, which begins with BEGIN PRIVATE KEY. Maybe"
                                    + " convert it with: openssl pkcs8 -topk8 -nocrypt")
                            .formatted(file));
        }
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // another kind of key
            } catch (GeneralSecurityException e) {
                throw new IOException("%s: %s".formatted(file, e.getMessage()), e);
            }
        }
        throw new IOException("%s must hold an EC, RSA or Ed25519 key".formatted(file));
    }
}
