package io.novacron.perf.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// ClickHouse with default settings of its tables: a MergeTree ordered by vm and time, lz4, no
/// flush to the device but by the kernel.
///
/// HTTP, RowBinary, 5,000 rows a POST, one connection. Merges run while it is loaded and are in its
/// cost; bytes on disk are those of the active parts after `OPTIMIZE TABLE … FINAL`.
final class ClickHouseServer extends HttpServer {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int ROWS_PER_POST = 5_000;
    private static final String TABLE = "gauges";

    private final ByteBuf rows = Unpooled.buffer();
    private boolean created;
    private int metrics;

    ClickHouseServer() {
        super("clickhouse", "clickhouse-server", "clickhouse-server");
    }

    @Override
    void start(Path where) throws IOException, InterruptedException {
        int port = ServerProcess.freePort();
        Path config = where.resolve("config.xml");
        Files.writeString(
                config,
                """
                <yandex>
                  <logger><level>warning</level><console>1</console></logger>
                  <http_port>%1$d</http_port>
                  <tcp_port>%2$d</tcp_port>
                  <listen_host>127.0.0.1</listen_host>
                  <path>%3$s/data/</path>
                  <tmp_path>%3$s/tmp/</tmp_path>
                  <users_config>%3$s/users.xml</users_config>
                  <default_profile>default</default_profile>
                  <default_database>default</default_database>
                  <mark_cache_size>5368709120</mark_cache_size>
                </yandex>
                """
                        .formatted(port, ServerProcess.freePort(), where));
        Files.writeString(
                where.resolve("users.xml"),
                """
                <yandex>
                  <profiles><default/></profiles>
                  <quotas><default/></quotas>
                  <users><default>
                    <password/><networks><ip>127.0.0.1</ip></networks>
                    <profile>default</profile><quota>default</quota>
                  </default></users>
                </yandex>
                """);
        Files.createDirectories(where.resolve("data"));
        Files.createDirectories(where.resolve("tmp"));
        runs(ServerProcess.start(where, List.of(program(), "--config-file=" + config), Map.of()));
        connect(port);
        process().await("ready", PATIENCE, () -> query("SELECT 1").equals("1"));
    }

    /// Statements go in the body, so that nothing takes them for read-only.
    private String query(String statement) throws IOException, InterruptedException {
        return http().post("/", statement.getBytes(StandardCharsets.UTF_8)).strip();
    }

    @Override
    void send(FleetRound round) throws IOException, InterruptedException {
        if (!created) {
            List<String> names = MetricNames.of(round.batches().getFirst());
            query(RowBinary.createTable(TABLE, names));
            metrics = names.size();
            created = true;
        }
        int last = round.vms() - 1;
        round.forEachVm((vm, batch, entity) -> {
            RowBinary.encode(vm, batch, entity, round.timestampMs(), rows);
            if ((vm + 1) % ROWS_PER_POST == 0 || vm == last) {
                insert(take(rows));
            }
        });
    }

    private void insert(byte[] body) throws IOException, InterruptedException {
        String statement = "INSERT INTO %s FORMAT RowBinary".formatted(TABLE);
        http().post("/?query=" + URLEncoder.encode(statement, StandardCharsets.UTF_8), body);
    }

    @Override
    long samplesStored() throws IOException, InterruptedException {
        return Long.parseLong(query("SELECT count() FROM " + TABLE)) * metrics;
    }

    @Override
    long bytesOnDisk() throws IOException, InterruptedException {
        query("OPTIMIZE TABLE %s FINAL".formatted(TABLE));
        return Long.parseLong(
                query(
                        "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = '%s'"
                                .formatted(TABLE)));
    }
}
