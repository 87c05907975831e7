package io.novacron.perf.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// VictoriaMetrics with default settings, but 100 years of retention.
///
/// Influx lines, 5,000 a POST, one connection. An answered POST is in memory, on disk within a
/// second or so. Bytes on disk are the data's after its own flush and merge
/// (`/internal/force_flush`, `/internal/force_merge`), without the index of names.
final class VictoriaMetricsServer extends HttpServer {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int LINES_PER_POST = 5_000;
    private static final byte[] NOTHING = {};

    private final InfluxLines lines = InfluxLines.inNanoseconds();
    private final ByteBuf buffer = Unpooled.buffer();
    private @Nullable Path data;

    VictoriaMetricsServer() {
        super("victoriametrics", "victoria-metrics", "victoria-metrics");
    }

    @Override
    void start(Path where) throws IOException, InterruptedException {
        data = where.resolve("data");
        int port = ServerProcess.freePort();
        List<String> command =
                List.of(
                        program(),
                        "-storageDataPath=" + data,
                        "-httpListenAddr=127.0.0.1:" + port,
                        "-retentionPeriod=100y");
        runs(ServerProcess.start(where, command, Map.of()));
        connect(port);
        process().await("ready", PATIENCE, () -> !http().get("/health").isEmpty());
    }

    @Override
    void send(FleetRound round) throws IOException, InterruptedException {
        int last = round.vms() - 1;
        round.forEachVm((vm, batch, entity) -> {
            lines.encode(vm, batch, entity, round.timestampMs(), buffer);
            if ((vm + 1) % LINES_PER_POST == 0 || vm == last) {
                http().post("/write", take(buffer));
            }
        });
    }

    @Override
    long samplesStored() throws IOException, InterruptedException {
        return counted("vm_rows_inserted_total{type=\"influx\"");
    }

    @Override
    long bytesOnDisk() throws IOException, InterruptedException {
        http().post("/internal/force_flush", NOTHING);
        http().post("/internal/force_merge", NOTHING);
        process().await("merged", PATIENCE, () -> counted("vm_active_merges") == 0);
        return ServerProcess.bytesOnDisk(Objects.requireNonNull(data).resolve("data"));
    }
}
