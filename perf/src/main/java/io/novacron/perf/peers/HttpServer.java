package io.novacron.perf.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A peer that is a Debian package and takes samples in POSTs, each acknowledged by its answer.
abstract class HttpServer extends Server {
    private final String program;
    private final String debianPackage;
    private @Nullable HttpEndpoint http;

    HttpServer(String name, String program, String debianPackage) {
        super(name);
        this.program = program;
        this.debianPackage = debianPackage;
    }

    @Override
    final @Nullable String absence() {
        return ServerProcess.find(program) == null
                ? "not installed: apt-get install " + debianPackage
                : null;
    }

    final String program() {
        return Objects.requireNonNull(ServerProcess.find(program)).toString();
    }

    @Override
    final void awaitStored() {
        // each POST was answered once its samples were stored
    }

    /// Of the package, since not every program tells its own.
    @Override
    final String version() throws IOException, InterruptedException {
        Process asked =
                new ProcessBuilder("dpkg-query", "-W", "-f", "${Version}", debianPackage)
                        .redirectErrorStream(true)
                        .start();
        String version = new String(asked.getInputStream().readAllBytes(), UTF_8).strip();
        return asked.waitFor() == 0 ? version : "unknown";
    }

    final void connect(int port) {
        http = new HttpEndpoint(port);
    }

    final HttpEndpoint http() {
        return Objects.requireNonNull(http, "not started");
    }

    /// Takes what is in a buffer and empties it.
    static byte[] take(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes).clear();
        return bytes;
    }

    /// The sum of a metric's series in the text format of Prometheus.
    final long counted(String series) throws IOException, InterruptedException {
        return (long)
                http().get("/metrics")
                        .lines()
                        .filter(line -> line.startsWith(series))
                        .mapToDouble(
                                line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                        .sum();
    }

    @Override
    final void disconnect() {
        if (http != null) {
            http.close();
        }
    }
}
