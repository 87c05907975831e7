package io.novacron.daemon.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;
import io.novacron.daemon.fake.FakeFleet;
import io.novacron.daemon.security.ListenAddress;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.journal.JournalConfig;
import io.novacron.ingest.remotewrite.MappingTable;
import io.novacron.ingest.remotewrite.RemoteWriteConfig;
import io.novacron.ingest.remotewrite.RemoteWriteCounter;
import io.novacron.ingest.remotewrite.RemoteWriteReceiver;
import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Status codes and headers of `/api/v1/write`, as the two specifications say.
class RemoteWriteServiceTest {
    private static final String VERSION_2 =
            "application/x-protobuf;proto=io.prometheus.write.v2.Request";
    private static final int MAX_BODY = 64 * 1024;

    @TempDir private static Path folder;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static Ingest ingest;
    private static RemoteWriteReceiver receiver;
    private static ControlServer server;

    @BeforeAll
    static void start() throws IOException {
        ingest =
                Ingest.open(
                        IngestConfig.defaults(
                                JournalConfig.in(folder).withReservedBytes(0),
                                new FleetConfig(
                                        64,
                                        1_000,
                                        200,
                                        Duration.ofMinutes(10),
                                        Duration.ofDays(1))),
                        InstantSource.system(),
                        IngestListener.DEAF,
                        null);
        ingest.start();
        receiver =
                new RemoteWriteReceiver(
                        RemoteWriteConfig.DEFAULT,
                        MappingTable.bundled(),
                        ingest,
                        InstantSource.system());
        var fleet = new FakeFleet(4, 5);
        server =
                ControlServer.start(
                        ControlConfig.of(new ListenAddress("127.0.0.1", 0), null, null),
                        fleet,
                        fleet,
                        new CollectorRegistry(),
                        InstantSource.system(),
                        new RemoteWriteEndpoint(receiver, MAX_BODY, 4, Duration.ofSeconds(5)));
    }

    @AfterAll
    static void stop() {
        server.close();
        ingest.close();
        HTTP.close();
    }

    @ParameterizedTest
    @CsvSource({
        "application/x-protobuf, snappy, 204",
        "application/x-protobuf;proto=prometheus.WriteRequest, snappy, 204",
        "application/x-protobuf; proto=io.prometheus.write.v2.Request, Snappy, 204",
        "application/x-protobuf, , 204",
        ", snappy, 204",
        "application/x-protobuf;proto=io.prometheus.write.v3.Request, snappy, 415",
        "application/x-protobuf;proto=, snappy, 415",
        "application/json, snappy, 415",
        "nonsense, snappy, 415",
        "application/x-protobuf, gzip, 415",
        "application/x-protobuf, zstd, 415",
    })
    void theContentTypeAndEncodingDecide(String type, String encoding, int status)
            throws Exception {
        HttpResponse<String> answer = post(snappy(new byte[0]), type, encoding);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertWritten(answer, 0, 0, 0);
        if (status == 204) {
            assertThat(answer.body()).isEmpty();
        } else {
            assertThat(answer.body()).contains("must be application/x-protobuf");
        }
    }

    @Test
    void samplesOfVersion1AreCountedInTheAnswer() throws Exception {
        long now = System.currentTimeMillis();
        byte[] message = version1(now, "up", 1.0);

        assertWritten(post(snappy(message), "application/x-protobuf", "snappy"), 1, 0, 0);
    }

    @Test
    void samplesHistogramsAndExemplarsOfVersion2AreCountedInTheAnswer() throws Exception {
        var message = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(message);
        for (String symbol : new String[] {"", "__name__", "node_load1", "instance", "v2:9100"}) {
            out.writeString(4, symbol);
        }
        byte[] labels = {0x0a, 4, 1, 2, 3, 4};
        var samples = new ByteArrayOutputStream();
        samples.writeBytes(labels);
        samples.writeBytes(sample(2, System.currentTimeMillis(), 2.5));
        samples.writeBytes(new byte[] {0x22, 0}); // an exemplar
        out.writeByteArray(5, samples.toByteArray());
        var histograms = new ByteArrayOutputStream();
        histograms.writeBytes(labels);
        histograms.writeBytes(new byte[] {0x1a, 0, 0x1a, 0});
        out.writeByteArray(5, histograms.toByteArray());
        out.flush();

        HttpResponse<String> answer = post(snappy(message.toByteArray()), VERSION_2, "snappy");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        assertWritten(answer, 1, 2, 1);
        receiver.flush().journaled().join();
        assertThat(ingest.agents()).anyMatch(row -> row.name().equals("v2"));
    }

    @Test
    void someBadSamplesAre400WithWhatWasWritten() throws Exception {
        long now = System.currentTimeMillis();
        var message = new ByteArrayOutputStream();
        message.writeBytes(version1(now - 4L * 3_600_000, "node_load1", 1));
        message.writeBytes(version1(now, "node_load1", 1));

        HttpResponse<String> answer =
                post(snappy(message.toByteArray()), "application/x-protobuf", "snappy");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).startsWith("1 of 2 samples").contains("node_load1{");
        assertWritten(answer, 1, 0, 0);
    }

    @Test
    void whatIsNoMessageIs400() throws Exception {
        HttpResponse<String> answer =
                post("plain text".getBytes(UTF_8), "application/x-protobuf", "snappy");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("snappy");
        assertThat(post(snappy(new byte[] {(byte) 0xff}), VERSION_2, "snappy").statusCode())
                .isEqualTo(400);
    }

    @Test
    void aBodyOverTheLimitIs413() throws Exception {
        HttpResponse<String> answer =
                post(new byte[MAX_BODY + 1], "application/x-protobuf", "snappy");
        assertThat(answer.statusCode()).isEqualTo(413);
    }

    @Test
    void aClaimOfTwoGigabytesIs413AndCostsNothing() throws Exception {
        byte[] body = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07, 0};
        HttpResponse<String> answer = post(body, "application/x-protobuf", "snappy");
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("claims 2147483647 bytes");
        assertThat(receiver.counters().get(RemoteWriteCounter.REQUESTS_TOO_LARGE)).isPositive();
    }

    @Test
    void onlyPostIsAnswered() throws Exception {
        var request = HttpRequest.newBuilder(uri(server)).GET().build();
        assertThat(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(405);
    }

    @Test
    void withATokenItIsAskedFor() throws Exception {
        String token = "0123456789abcdef0123456789abcdef";
        var fleet = new FakeFleet(4, 5);
        try (var guarded =
                ControlServer.start(
                        ControlConfig.of(new ListenAddress("127.0.0.1", 0), null, token),
                        fleet,
                        fleet,
                        new CollectorRegistry(),
                        InstantSource.system(),
                        new RemoteWriteEndpoint(receiver, MAX_BODY, 4, Duration.ofSeconds(5)))) {
            var request = request(snappy(new byte[0]), "application/x-protobuf", "snappy", guarded);
            assertThat(send(request.build()).statusCode()).isEqualTo(401);
            request.header("Authorization", "Bearer " + token);
            assertThat(send(request.build()).statusCode()).isEqualTo(204);
        }
    }

    @Test
    void aJournalThatIsGoneIs503WithRetryAfter(@TempDir Path elsewhere) throws Exception {
        var closed =
                Ingest.open(
                        IngestConfig.defaults(
                                JournalConfig.in(elsewhere).withReservedBytes(0),
                                new FleetConfig(
                                        64,
                                        1_000,
                                        200,
                                        Duration.ofMinutes(10),
                                        Duration.ofDays(1))),
                        InstantSource.system(),
                        IngestListener.DEAF,
                        null);
        var unconfirmed =
                new RemoteWriteReceiver(
                        RemoteWriteConfig.DEFAULT,
                        MappingTable.bundled(),
                        closed,
                        InstantSource.system());
        closed.close(); // nobody journals any more
        var fleet = new FakeFleet(4, 5);
        try (var alone =
                ControlServer.start(
                        ControlConfig.of(new ListenAddress("127.0.0.1", 0), null, null),
                        fleet,
                        fleet,
                        new CollectorRegistry(),
                        InstantSource.system(),
                        new RemoteWriteEndpoint(
                                unconfirmed, MAX_BODY, 4, Duration.ofMillis(200)))) {
            long now = System.currentTimeMillis();
            byte[] first = snappy(version1(now, "node_load1", 1));
            byte[] second = snappy(version1(now + 1, "node_load1", 1));
            assertThat(
                            send(request(first, "application/x-protobuf", "snappy", alone).build())
                                    .statusCode())
                    .as("its scrape is not whole yet")
                    .isEqualTo(204);
            for (int attempt = 0; attempt < 2; attempt++) {
                HttpResponse<String> answer =
                        send(request(second, "application/x-protobuf", "snappy", alone).build());
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.headers().firstValue("Retry-After")).contains("5");
                assertWritten(answer, 0, 0, 0);
            }
        }
    }

    private static byte[] version1(long timeMs, String name, double value) throws IOException {
        var series = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(series);
        for (String[] label :
                new String[][] {{"__name__", name}, {"instance", "v1:9100"}, {"job", "node"}}) {
            var one = new ByteArrayOutputStream();
            var pair = CodedOutputStream.newInstance(one);
            pair.writeString(1, label[0]);
            pair.writeString(2, label[1]);
            pair.flush();
            out.writeByteArray(1, one.toByteArray());
        }
        out.flush();
        series.writeBytes(sample(2, timeMs, value));
        var message = new ByteArrayOutputStream();
        var request = CodedOutputStream.newInstance(message);
        request.writeByteArray(1, series.toByteArray());
        request.flush();
        return message.toByteArray();
    }

    private static byte[] sample(int field, long timeMs, double value) throws IOException {
        var sample = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(sample);
        out.writeDouble(1, value);
        out.writeInt64(2, timeMs);
        out.flush();
        var whole = new ByteArrayOutputStream();
        var outer = CodedOutputStream.newInstance(whole);
        outer.writeByteArray(field, sample.toByteArray());
        outer.flush();
        return whole.toByteArray();
    }

    private static byte[] snappy(byte[] message) {
        if (message.length == 0) {
            return new byte[1];
        }
        ByteBuf out = Unpooled.buffer();
        new Snappy().encode(Unpooled.wrappedBuffer(message), out, message.length);
        byte[] block = new byte[out.readableBytes()];
        out.readBytes(block);
        return block;
    }

    private static HttpResponse<String> post(byte[] body, String type, String encoding)
            throws Exception {
        return send(request(body, type, encoding, server).build());
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static URI uri(ControlServer to) {
        return URI.create("http://127.0.0.1:%d/api/v1/write".formatted(to.port()));
    }

    private static HttpRequest.Builder request(
            byte[] body, String type, String encoding, ControlServer to) {
        var request =
                HttpRequest.newBuilder(uri(to))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .header("X-Prometheus-Remote-Write-Version", "2.0.0");
        if (type != null) {
            request.header("Content-Type", type);
        }
        if (encoding != null) {
            request.header("Content-Encoding", encoding);
        }
        return request;
    }

    private static void assertWritten(
            HttpResponse<String> answer, long samples, long histograms, long exemplars) {
        var headers = answer.headers();
        assertThat(headers.firstValueAsLong("X-Prometheus-Remote-Write-Samples-Written"))
                .hasValue(samples);
        assertThat(headers.firstValueAsLong("X-Prometheus-Remote-Write-Histograms-Written"))
                .hasValue(histograms);
        assertThat(headers.firstValueAsLong("X-Prometheus-Remote-Write-Exemplars-Written"))
                .hasValue(exemplars);
    }
}
