package io.novacron.perf.peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Prometheus with default settings, a receiver of remote write that scrapes nothing.
///
/// Remote write 1.0, 10,000 samples a POST ([RemoteWrite]), one connection. An answered POST is in
/// the write-ahead log. Bytes on disk are the chunks of a snapshot, which turns all of its memory
/// into blocks; the write-ahead log, several times larger, and the index of names are left out.
final class PrometheusServer extends HttpServer {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int VMS_PER_POST = 500;
    private static final byte[] NOTHING = {};
    private static final String[] HEADERS = {
        "Content-Type", "application/x-protobuf",
        "Content-Encoding", "snappy",
        "X-Prometheus-Remote-Write-Version", "0.1.0"
    };

    private final RemoteWrite request = new RemoteWrite();
    private @Nullable Path data;

    PrometheusServer() {
        super("prometheus", "prometheus", "prometheus");
    }

    @Override
    void start(Path where) throws IOException, InterruptedException {
        data = where.resolve("data");
        int port = ServerProcess.freePort();
        Path config = Files.writeString(where.resolve("prometheus.yml"), "scrape_configs: []\n");
        List<String> command =
                List.of(
                        program(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + data,
                        "--storage.tsdb.retention.time=100y",
                        "--web.listen-address=127.0.0.1:" + port,
                        "--web.enable-remote-write-receiver",
                        "--web.enable-admin-api");
        runs(ServerProcess.start(where, command, Map.of()));
        connect(port);
        process().await("ready", PATIENCE, () -> !http().get("/-/ready").isEmpty());
    }

    @Override
    void send(FleetRound round) throws IOException, InterruptedException {
        int last = round.vms() - 1;
        round.forEachVm((vm, batch, entity) -> {
            request.add(vm, batch, entity, round.timestampMs());
            if ((vm + 1) % VMS_PER_POST == 0 || vm == last) {
                http().post("/api/v1/write", request.take(), HEADERS);
            }
        });
    }

    @Override
    long samplesStored() throws IOException, InterruptedException {
        return counted("prometheus_tsdb_head_samples_appended_total");
    }

    @Override
    long bytesOnDisk() throws IOException, InterruptedException {
        String answer = http().post("/api/v1/admin/tsdb/snapshot", NOTHING);
        String name = new ObjectMapper().readTree(answer).path("data").path("name").asText();
        Path snapshot = Objects.requireNonNull(data).resolve("snapshots").resolve(name);
        long bytes = 0;
        try (Stream<Path> files = Files.list(snapshot)) {
            for (Path block : files.toList()) {
                bytes += ServerProcess.bytesOnDisk(block.resolve("chunks"));
            }
        }
        return bytes;
    }
}
