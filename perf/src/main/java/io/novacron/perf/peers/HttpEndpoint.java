package io.novacron.perf.peers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/// A server's HTTP port on loopback: HTTP/1.1, connections kept, one request at a time.
final class HttpEndpoint implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int MAX_QUOTE = 300;

    private final int port;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    HttpEndpoint(int port) {
        this.port = port;
    }

    /// @param target path and query, encoded
    /// @throws IOException also when the status is not one of success
    String get(String target) throws IOException, InterruptedException {
        return send(request(target).GET());
    }

    /// @param headers names and values in turn
    String post(String target, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(target).POST(BodyPublishers.ofByteArray(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
                .timeout(PATIENCE);
    }

    private String send(HttpRequest.Builder builder) throws IOException, InterruptedException {
        HttpRequest request = builder.build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            String body = response.body().strip();
            throw new IOException(
                    "%s %s answered %s: %s"
                            .formatted(
                                    request.method(),
                                    request.uri().getPath(),
                                    response.statusCode(),
                                    body.substring(0, Math.min(body.length(), MAX_QUOTE))));
        }
        return response.body();
    }

    @Override
    public void close() {
        client.close();
    }
}
