package io.novacron.perf.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One Kafka broker that is its own controller (KRaft), with the heap and collector flags of its
/// own start script and default settings: no flush to the device but by the kernel, batches stored
/// as they come.
///
/// A topic of one partition, one producer on one connection; a record of 92 bytes a vm
/// ([KafkaRecords]), batches of 256 KiB, lz4, acks=1. Bytes on disk are the partition's folder
/// after an orderly stop, which cuts the preallocated indexes.
final class KafkaServer extends Server {
    private static final String TOPIC = "gauges";
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String CLUSTER_ID = "bm92YWNyb24tYmVuY2gtMQ"; // 16 bytes in base64
    private static final List<String> JVM =
            List.of(
                    "-Xmx1G",
                    "-Xms1G",
                    "-server",
                    "-XX:+UseG1GC",
                    "-XX:MaxGCPauseMillis=20",
                    "-XX:InitiatingHeapOccupancyPercent=35",
                    "-XX:+ExplicitGCInvokesConcurrent",
                    "-Djava.awt.headless=true",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

    private final PeerJars jars;
    private @Nullable Path folder;
    private @Nullable KafkaClient client;
    private int metrics;

    KafkaServer(PeerJars jars) {
        super("kafka");
        this.jars = jars;
    }

    @Override
    @Nullable String absence() {
        return jars.absence("kafka_2.13");
    }

    @Override
    String version() throws IOException {
        return String.valueOf(Objects.requireNonNull(jars.find("kafka_2.13")).getFileName());
    }

    @Override
    void start(Path where) throws IOException, InterruptedException {
        folder = where;
        int port = ServerProcess.freePort();
        Path properties = where.resolve("server.properties");
        int controllerPort = ServerProcess.freePort();
        Files.writeString(
                properties,
                """
                process.roles=broker,controller
                node.id=1
                controller.quorum.bootstrap.servers=127.0.0.1:%2$d
                controller.listener.names=CONTROLLER
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
                log.dirs=%3$s
                num.partitions=1
                offsets.topic.replication.factor=1
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                """
                        .formatted(port, controllerPort, where.resolve("data")));
        format(where, properties);
        runs(ServerProcess.start(where, java("kafka.Kafka", properties.toString()), Map.of()));
        client = KafkaClient.connect(jars.load(), port, TOPIC);
        process().await("ready for records", PATIENCE, client()::ready);
    }

    private void format(Path where, Path properties) throws IOException, InterruptedException {
        Path log = where.resolve("format.log");
        List<String> command =
                java(
                        "kafka.tools.StorageTool",
                        "format",
                        "--standalone",
                        "-t",
                        CLUSTER_ID,
                        "-c",
                        properties.toString());
        int code =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start()
                        .waitFor();
        if (code != 0) {
            throw new IOException(
                    "formatting its storage ended with code %s: %s"
                            .formatted(code, Files.readString(log).strip()));
        }
    }

    private List<String> java(String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.addAll(List.of("-cp", jars.classPath()));
        command.addAll(List.of(arguments));
        return command;
    }

    @Override
    void send(FleetRound round) throws IOException, InterruptedException {
        metrics = round.batches().getFirst().metricCount();
        client().send(round);
    }

    @Override
    void awaitStored() throws IOException {
        client().flush();
    }

    @Override
    long samplesStored() {
        return client().recordsStored() * metrics;
    }

    @Override
    long bytesOnDisk() throws IOException, InterruptedException {
        disconnect();
        process().stop();
        return ServerProcess.bytesOnDisk(
                Objects.requireNonNull(folder).resolve("data/" + TOPIC + "-0"));
    }

    private KafkaClient client() {
        return Objects.requireNonNull(client, "not started");
    }

    @Override
    void disconnect() throws IOException {
        if (client != null) {
            client.close();
        }
    }
}
