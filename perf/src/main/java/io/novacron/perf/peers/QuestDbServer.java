package io.novacron.perf.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// QuestDB with default settings, but ports on loopback, no Postgres port and no telemetry.
///
/// Influx lines over one TCP connection, without acknowledgement: a round is stored once the count
/// of rows says so, that is, once its write-ahead log is applied. Bytes on disk are the table's
/// partitions after an orderly stop, without the write-ahead log that is applied.
final class QuestDbServer extends Server {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final PeerJars jars;
    private final InfluxLines lines = InfluxLines.inNanoseconds();
    private final ByteBuf buffer = Unpooled.buffer();
    private @Nullable Path folder;
    private @Nullable HttpEndpoint http;
    private @Nullable SocketChannel channel;
    private long rowsSent;
    private int metrics;

    QuestDbServer(PeerJars jars) {
        super("questdb");
        this.jars = jars;
    }

    @Override
    @Nullable String absence() {
        return jars.absence("questdb");
    }

    @Override
    String version() throws IOException {
        return String.valueOf(Objects.requireNonNull(jars.find("questdb")).getFileName());
    }

    @Override
    void start(Path where) throws IOException, InterruptedException {
        folder = where;
        int httpPort = ServerProcess.freePort();
        int linePort = ServerProcess.freePort();
        Path settings = Files.createDirectories(where.resolve("conf")).resolve("server.conf");
        Files.writeString(
                settings,
                """
                http.bind.to=127.0.0.1:%d
                http.min.enabled=false
                line.tcp.net.bind.to=127.0.0.1:%d
                pg.enabled=false
                telemetry.enabled=false
                """
                        .formatted(httpPort, linePort));
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseParallelGC",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                        "-cp",
                        Objects.requireNonNull(jars.find("questdb")).toString(),
                        "io.questdb.ServerMain",
                        "-d",
                        where.toString());
        runs(ServerProcess.start(where, command, Map.of()));
        http = new HttpEndpoint(httpPort);
        process().await("ready", PATIENCE, () -> !query("select%201").isEmpty());
        process().await("ready for lines", PATIENCE, () -> connect(linePort));
    }

    private boolean connect(int port) throws IOException {
        channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return true;
    }

    private String query(String encoded) throws IOException, InterruptedException {
        return Objects.requireNonNull(http, "not started").get("/exp?query=" + encoded);
    }

    @Override
    void send(FleetRound round) throws IOException, InterruptedException {
        metrics = round.batches().getFirst().metricCount();
        buffer.clear();
        round.forEachVm((vm, batch, entity) ->
                lines.encode(vm, batch, entity, round.timestampMs(), buffer));
        ByteBuffer bytes = buffer.nioBuffer();
        while (bytes.hasRemaining()) {
            Objects.requireNonNull(channel, "not started").write(bytes);
        }
        rowsSent += round.vms();
    }

    @Override
    void awaitStored() throws IOException, InterruptedException {
        process().await("storing all lines", PATIENCE, () -> rowsStored() >= rowsSent);
    }

    /// The export has a header line.
    private long rowsStored() throws IOException, InterruptedException {
        String answer = query("select%20count()%20from%20" + InfluxLines.TABLE);
        return Long.parseLong(answer.strip().lines().toList().getLast());
    }

    @Override
    long samplesStored() throws IOException, InterruptedException {
        return rowsStored() * metrics;
    }

    @Override
    long bytesOnDisk() throws IOException, InterruptedException {
        disconnect();
        process().stop();
        Path tables = Objects.requireNonNull(folder).resolve("db");
        long bytes = 0;
        try (Stream<Path> folders = Files.find(tables, 2, (path, _) -> isPartition(path))) {
            for (Path partition : folders.toList()) {
                bytes += ServerProcess.bytesOnDisk(partition);
            }
        }
        return bytes;
    }

    /// A partition of a day, `gauges~1/2026-01-01` or `….4` for its fourth version.
    private static boolean isPartition(Path path) {
        return Objects.requireNonNull(path.getParent())
                        .getFileName()
                        .toString()
                        .startsWith(InfluxLines.TABLE)
                && path.getFileName().toString().matches("\\d{4}-\\d{2}-\\d{2}.*");
    }

    @Override
    void disconnect() throws IOException {
        if (channel != null) {
            channel.close();
        }
        if (http != null) {
            http.close();
        }
    }
}
