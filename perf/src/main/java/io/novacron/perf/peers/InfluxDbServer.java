package io.novacron.perf.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// InfluxDB 1.x with default settings, but that its cache is written out after 5 s without writes
/// instead of 10 minutes, so that its size can be taken.
///
/// Lines, 5,000 a POST, one connection. An answered POST is in the write-ahead log, synced. Bytes
/// on disk are the data's and what is left of the write-ahead log.
final class InfluxDbServer extends HttpServer {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int LINES_PER_POST = 5_000;
    private static final long SMALL_LOG_BYTES = 1 << 20;

    private final InfluxLines lines = InfluxLines.inMilliseconds();
    private final ByteBuf buffer = Unpooled.buffer();
    private @Nullable Path folder;
    private int metrics;

    InfluxDbServer() {
        super("influxdb", "influxd", "influxdb");
    }

    @Override
    void start(Path where) throws IOException, InterruptedException {
        folder = where;
        int port = ServerProcess.freePort();
        Path config = where.resolve("influxdb.conf");
        Files.writeString(
                config,
                """
                reporting-disabled = true
                bind-address = "127.0.0.1:%1$d"
                [meta]
                  dir = "%3$s/meta"
                [data]
                  dir = "%3$s/data"
                  wal-dir = "%3$s/wal"
                  cache-snapshot-write-cold-duration = "5s"
                [monitor]
                  store-enabled = false
                [http]
                  bind-address = "127.0.0.1:%2$d"
                  log-enabled = false
                """
                        .formatted(ServerProcess.freePort(), port, where));
        List<String> command = List.of(program(), "-config", config.toString());
        runs(ServerProcess.start(where, command, Map.of("HOME", where.toString())));
        connect(port);
        process().await("ready", PATIENCE, () -> !query("CREATE%20DATABASE%20bench").isEmpty());
    }

    private String query(String encoded) throws IOException, InterruptedException {
        return http().post("/query?db=bench&q=" + encoded, "".getBytes(StandardCharsets.UTF_8));
    }

    @Override
    void send(FleetRound round) throws IOException, InterruptedException {
        metrics = round.batches().getFirst().metricCount();
        int last = round.vms() - 1;
        round.forEachVm((vm, batch, entity) -> {
            lines.encode(vm, batch, entity, round.timestampMs(), buffer);
            if ((vm + 1) % LINES_PER_POST == 0 || vm == last) {
                http().post("/write?db=bench&precision=ms", take(buffer));
            }
        });
    }

    @Override
    long samplesStored() throws IOException, InterruptedException {
        String answer = query("SELECT%20count(cpu_usage)%20FROM%20" + InfluxLines.TABLE);
        String count = answer.replaceAll("(?s).*,(\\d+)\\]\\].*", "$1");
        return Long.parseLong(count.strip()) * metrics;
    }

    @Override
    long bytesOnDisk() throws IOException, InterruptedException {
        Path where = Objects.requireNonNull(folder);
        Path log = where.resolve("wal");
        process()
                .await(
                        "written out",
                        PATIENCE,
                        () -> ServerProcess.bytesOnDisk(log) < SMALL_LOG_BYTES);
        return ServerProcess.bytesOnDisk(where.resolve("data")) + ServerProcess.bytesOnDisk(log);
    }
}
