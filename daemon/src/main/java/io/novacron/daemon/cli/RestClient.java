package io.novacron.daemon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// One caller of the daemon's REST interface; every refusal becomes a [CliFailure].
final class RestClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int UNAUTHORIZED = 401;
    private static final int FIRST_ERROR = 300;

    private final RestOptions options;
    private final HttpClient http;

    RestClient(RestOptions options) {
        this.options = options;
        String scheme = String.valueOf(options.url.getScheme());
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new CliFailure(
                    CliFailure.UNREACHABLE,
                    "UNAVAILABLE",
                    "--url=%s must begin with http:// or https://. Maybe http://127.0.0.1:7070?"
                            .formatted(options.url));
        }
        var builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(options.timeout);
        if (options.authorities != null) {
            builder.sslContext(trusting(options.authorities));
        }
        this.http = builder.build();
    }

    JsonNode get(String path) {
        return send(request(path).GET().build());
    }

    JsonNode post(String path, JsonNode body) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body.toString()))
                        .build());
    }

    /// One segment of a path, or a value of a query.
    static String encode(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        http.close();
    }

    private HttpRequest.Builder request(String path) {
        String base = options.url.toString();
        String trimmed = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        var builder = HttpRequest.newBuilder(URI.create(trimmed + path)).timeout(options.timeout);
        builder.header("Accept", "application/json");
        if (options.token != null && !options.token.isBlank()) {
            builder.header("Authorization", "Bearer " + options.token.strip());
        }
        return builder;
    }

    private JsonNode send(HttpRequest request) {
        HttpResponse<String> response;
        try {
            response = http.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
        } catch (HttpTimeoutException _) {
            throw unreachable(
                    "no answer within %s. Maybe the daemon is busy: try --timeout 60s"
                            .formatted(options.timeout));
        } catch (SSLException e) {
            throw unreachable(
                    "TLS failed: %s. Maybe --ca must name who signed the daemon's certificate?"
                            .formatted(e.getMessage()));
        } catch (IOException _) {
            throw unreachable("Maybe the daemon is not running: ./novacron up");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw unreachable("interrupted");
        }
        var body = parse(response.body());
        if (response.statusCode() < FIRST_ERROR && body != null) {
            return body;
        }
        throw refusal(response, body);
    }

    private CliFailure refusal(HttpResponse<String> response, @Nullable JsonNode body) {
        if (body == null || !body.has("message")) {
            return new CliFailure(
                    CliFailure.FAILED,
                    "INTERNAL",
                    "%s answered HTTP %d without a message. Maybe it is not a NovaCron daemon?"
                            .formatted(options.url, response.statusCode()));
        }
        String fallback = response.statusCode() == UNAUTHORIZED ? "UNAUTHENTICATED" : "INTERNAL";
        return new CliFailure(
                CliFailure.FAILED,
                body.path("grpc-code").asText(fallback),
                body.path("message").asText());
    }

    private CliFailure unreachable(String why) {
        return new CliFailure(
                CliFailure.UNREACHABLE,
                "UNAVAILABLE",
                "no daemon at %s. %s".formatted(options.url, why));
    }

    private static @Nullable JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException _) {
            return null;
        }
    }

    private static SSLContext trusting(Path authorities) {
        try (InputStream pem = Files.newInputStream(authorities)) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (var certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("ca" + count++, certificate);
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new CliFailure(
                    CliFailure.FAILED,
                    "INVALID_ARGUMENT",
                    "--ca=%s cannot be used: %s. Maybe it is not a PEM certificate?"
                            .formatted(authorities, e.getMessage()));
        }
    }
}
