package io.novacron.daemon.query;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.daemon.fake.FakeFleet;
import io.novacron.daemon.security.ListenAddress;
import io.novacron.wire.Framing;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.RecommendationsRequest;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueryServerTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final long GIB = 1L << 30;

    private final FakeFleet fleet = new FakeFleet(4, 5);
    private final CollectorRegistry registry = new CollectorRegistry();
    private QueryServer server;

    @BeforeEach
    void start() {
        server =
                QueryServer.start(
                        new QueryConfig(
                                new ListenAddress("127.0.0.1", 0), null, 3, 4096, 2, TIMEOUT),
                        fleet,
                        fleet,
                        registry,
                        InstantSource.system(),
                        "0.1.0-test");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void welcomesASchedulerWithItsLimits() throws IOException {
        try (var client = connect()) {
            assertThat(client.welcome().daemonVersion()).isEqualTo("0.1.0-test");
            assertThat(client.welcome().maxFrameLength()).isEqualTo(4096);
            assertThat(client.welcome().protocolVersion()).isEqualTo(Framing.PROTOCOL_VERSION);
        }
    }

    @Test
    void placesAwayFromAVm() throws IOException {
        try (var client = connect()) {
            UUID avoided = fleet.vms().getFirst().id();

            var reply = client.place(2, 4 * GIB, 2, List.of(), List.of(avoided));

            assertThat(reply.tick()).isEqualTo(42);
            assertThat(reply.hosts())
                    .extracting(host -> host.name())
                    .containsExactly("host-01", "host-02");
            assertThat(reply.hosts().getFirst().reason()).contains("70 % CPU");
            assertThat(reply.rejections()).isEqualTo("memory: 2");
        }
    }

    @Test
    void forecastsWithNineQuantiles() throws IOException {
        try (var client = connect()) {
            var reply = client.forecast(fleet.vms().getFirst().id(), Metrics.CPU_USAGE);

            assertThat(reply.model()).isEqualTo("gbt-1");
            assertThat(reply.points())
                    .hasSize(7)
                    .allSatisfy(point -> assertThat(point.quantiles()).hasSize(9).isSorted());
        }
    }

    @Test
    void listsAndDecidesRecommendations() throws IOException {
        try (var client = connect()) {
            assertThat(client.recommendations(2).recommendations()).hasSize(2);

            assertThat(client.decide(1, true, "scheduler", "peak").state())
                    .isEqualTo(LifecycleState.APPROVED);
            assertThat(client.decide(2, false, "scheduler", "").state())
                    .isEqualTo(LifecycleState.REJECTED);

            var again = client.decide(1, true, "scheduler", "");
            assertThat(again.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED);
            assertThat(again.text()).contains("is APPROVED, not PROPOSED");
            assertThat(client.decide(77, true, "scheduler", "").code())
                    .isEqualTo(ErrorCode.NOT_FOUND);
            assertThat(client.recommendations(0).recommendations()).hasSize(1);
        }
    }

    @Test
    void refusalsNameTheRequestAndKeepTheConnection() throws IOException {
        try (var client = connect()) {
            assertCode(() -> client.place(0, GIB, 1, List.of(), List.of()), ErrorCode.OUT_OF_RANGE);
            assertCode(() -> client.forecast(new UUID(9, 9), 1), ErrorCode.UNKNOWN_ENTITY);
            UUID vm = fleet.vms().getFirst().id();
            assertCode(() -> client.forecast(vm, 999), ErrorCode.UNKNOWN_METRIC);
            assertCode(() -> client.forecast(vm, Metrics.SWAP_IO), ErrorCode.NOT_READY);

            assertThat(client.recommendations(0).recommendations()).hasSize(3);
        }
        assertThat(errors(ErrorCode.UNKNOWN_METRIC)).isEqualTo(1);
    }

    @Test
    void aFullCommandQueueIsAnAnswer() throws IOException {
        fleet.setOverloaded(true);
        try (var client = connect()) {
            assertThat(client.decide(1, true, "s", "").code()).isEqualTo(ErrorCode.NOT_READY);
        }
        assertThat(fleet.recommendations()).hasSize(3);
    }

    @Test
    void garbageIsRefusedWithAReasonAndDisturbsNobody() throws Exception {
        try (var client = connect()) {
            var random = new Random(7);
            for (int round = 0; round < 20; round++) {
                var garbage = new byte[64 + random.nextInt(2000)];
                random.nextBytes(garbage);
                assertThat(answerTo(garbage).code())
                        .isIn(
                                ErrorCode.BAD_MAGIC,
                                ErrorCode.UNSUPPORTED_VERSION,
                                ErrorCode.FRAME_TRUNCATED,
                                ErrorCode.FRAME_TOO_LARGE);
            }
            assertThat(answerTo("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes("US-ASCII")).text())
                    .contains("speaks TLS or HTTP");

            assertThat(client.recommendations(0).recommendations()).hasSize(3);
        }
        assertThat(errors(ErrorCode.BAD_MAGIC)).isGreaterThan(10);
    }

    @Test
    void aDamagedFrameFailsItsChecksum() throws Exception {
        var frame = frame(hello(ConnectionKind.QUERY, 1));
        frame[frame.length - 1] ^= 1;

        assertThat(answerTo(frame).code()).isEqualTo(ErrorCode.BAD_CRC);
        assertThat(errors(ErrorCode.BAD_CRC)).as("counted once").isEqualTo(1);
    }

    @Test
    void aFrameBeyondTheLimitIsRefusedByItsLength() throws Exception {
        var frame = frame(hello(ConnectionKind.QUERY, 1));
        new UnsafeBuffer(frame).putInt(0, 5000, LITTLE_ENDIAN);

        assertThat(answerTo(frame).code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
    }

    @Test
    void theFirstMessageMustBeAHelloOfASchedulerThatSpeaksOurVersion() throws Exception {
        assertThat(answerTo(frame(new RecommendationsRequest(1, 0))).code())
                .isEqualTo(ErrorCode.UNEXPECTED_MESSAGE);
        assertThat(answerTo(frame(hello(ConnectionKind.DATA, 1))).code())
                .isEqualTo(ErrorCode.UNEXPECTED_MESSAGE);
        assertThat(answerTo(frame(hello(ConnectionKind.QUERY, 9))).code())
                .isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
    }

    @Test
    void connectionsAreBounded() throws Exception {
        try (var first = connect();
                var second = connect();
                var third = connect()) {
            assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
            assertThat(registry.getSampleValue("novacron_query_connections")).isEqualTo(3);
            assertThat(
                            registry.getSampleValue(
                                    "novacron_query_connections_refused_total",
                                    new String[] {"reason"},
                                    new String[] {"full"}))
                    .isEqualTo(1);
            assertThat(List.of(first, second, third))
                    .allSatisfy(client ->
                            assertThat(client.recommendations(1).recommendations()).hasSize(1));
        }
    }

    @Test
    void aSilentConnectionIsClosed() throws Exception {
        server.close();
        server =
                QueryServer.start(
                        new QueryConfig(
                                new ListenAddress("127.0.0.1", 0),
                                null,
                                3,
                                4096,
                                2,
                                Duration.ofMillis(50)),
                        fleet,
                        fleet,
                        new CollectorRegistry(),
                        InstantSource.system(),
                        "test");
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);

            assertThat(socket.getInputStream().read()).as("end of stream").isEqualTo(-1);
        }
    }

    @Test
    void requestsSentWithoutWaitingAreAnsweredInOrder() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            var out = socket.getOutputStream();
            out.write(frame(hello(ConnectionKind.QUERY, 1)));
            for (int id = 1; id <= 50; id++) {
                out.write(frame(new RecommendationsRequest(id, 1)));
            }
            out.flush();
            read(socket);
            for (int id = 1; id <= 50; id++) {
                assertThat(read(socket).toString()).contains("requestId=" + id + ",");
            }
        }
    }

    private QueryClient connect() throws IOException {
        return QueryClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                null,
                "test-scheduler",
                TIMEOUT);
    }

    private double errors(ErrorCode code) {
        Double count =
                registry.getSampleValue(
                        "novacron_query_errors_total",
                        new String[] {"code"},
                        new String[] {code.name()});
        return count == null ? 0 : count;
    }

    private static void assertCode(ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    /// Sends bytes on a connection of their own; expects an error, then the end of the stream.
    private ErrorMessage answerTo(byte[] bytes) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(bytes);
            var error = (ErrorMessage) read(socket);
            assertThat(closed(socket)).isTrue();
            return error;
        }
    }

    /// A reset counts as closed: the server did not read the rest of the garbage.
    private static boolean closed(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException e) {
            return true;
        }
    }

    private static Message read(Socket socket) throws IOException {
        var in = socket.getInputStream();
        var prefix = in.readNBytes(4);
        int length = new UnsafeBuffer(prefix).getInt(0, LITTLE_ENDIAN);
        var frame = new byte[length];
        System.arraycopy(prefix, 0, frame, 0, 4);
        in.readNBytes(frame, 4, length - 4);
        return new Messages().decode(new UnsafeBuffer(frame), 0, length);
    }

    private static byte[] frame(Message message) {
        var buffer = new ExpandableArrayBuffer();
        int length = new Messages().encode(message, buffer, 0);
        var bytes = new byte[length];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private static Hello hello(ConnectionKind kind, int protocol) {
        return new Hello(new UUID(3, 3), 0, kind, protocol, protocol, 0, 0, 0, 0, "test", "1");
    }
}
