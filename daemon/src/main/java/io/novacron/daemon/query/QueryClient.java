package io.novacron.daemon.query;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.message.ApproveReply;
import io.novacron.wire.message.ApproveRequest;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.ForecastReply;
import io.novacron.wire.message.ForecastRequest;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.PlaceReply;
import io.novacron.wire.message.PlaceRequest;
import io.novacron.wire.message.RecommendationsReply;
import io.novacron.wire.message.RecommendationsRequest;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLSocket;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/// A blocking caller of the binary query port: one request at a time, on the caller's thread. Not
/// thread-safe.
public final class QueryClient implements AutoCloseable {
    private static final int HEADER_PREFIX = 8;

    private final Socket socket;
    private final Messages messages = new Messages();
    private final Framing framing = new Framing();
    private final ExpandableArrayBuffer out = new ExpandableArrayBuffer();
    private final Welcome welcome;
    private long lastRequestId;

    private QueryClient(Socket socket, String name) throws IOException {
        this.socket = socket;
        var hello =
                new Hello(
                        UUID.nameUUIDFromBytes(name.getBytes(UTF_8)),
                        0,
                        ConnectionKind.QUERY,
                        Framing.PROTOCOL_VERSION,
                        Framing.PROTOCOL_VERSION,
                        0,
                        0,
                        0,
                        0,
                        name,
                        "");
        this.welcome = ask(hello, Welcome.class);
    }

    /// Connects and says hello.
    ///
    /// @param tls made by `Tls.client`; null for plain TCP
    /// @param name who is calling, for the daemon's log
    /// @param timeout for the connection and for each answer
    public static QueryClient connect(
            InetSocketAddress address, @Nullable SslContext tls, String name, Duration timeout)
            throws IOException {
        int timeoutMs = Math.toIntExact(timeout.toMillis());
        var socket = new Socket();
        try {
            socket.connect(address, timeoutMs);
            socket.setSoTimeout(timeoutMs);
            socket.setTcpNoDelay(true);
            return new QueryClient(tls == null ? socket : secured(socket, address, tls), name);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /// What the daemon said to our hello.
    public Welcome welcome() {
        return welcome;
    }

    public PlaceReply place(
            int vcpus, long memoryBytes, int maxResults, List<UUID> near, List<UUID> awayFrom)
            throws IOException {
        return ask(
                new PlaceRequest(++lastRequestId, vcpus, memoryBytes, maxResults, near, awayFrom),
                PlaceReply.class);
    }

    public ForecastReply forecast(UUID entity, int metricId) throws IOException {
        return ask(new ForecastRequest(++lastRequestId, entity, metricId), ForecastReply.class);
    }

    public RecommendationsReply recommendations(int maxResults) throws IOException {
        return ask(
                new RecommendationsRequest(++lastRequestId, maxResults),
                RecommendationsReply.class);
    }

    /// Approves or rejects; the reply's code says whether it was accepted.
    public ApproveReply decide(long id, boolean approve, String who, String reason)
            throws IOException {
        return ask(
                new ApproveRequest(++lastRequestId, id, approve, who, reason), ApproveReply.class);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private <T extends Message> T ask(Message request, Class<T> answerType) throws IOException {
        int length = messages.encode(request, out, 0);
        socket.getOutputStream().write(out.byteArray(), 0, length);
        var answer = receive();
        if (answer instanceof ErrorMessage error) {
            throw new QueryException(error.code(), error.text());
        }
        if (!answerType.isInstance(answer)) {
            throw new QueryException(
                    ErrorCode.UNEXPECTED_MESSAGE,
                    "%s was answered with %s"
                            .formatted(
                                    request.getClass().getSimpleName(),
                                    answer.getClass().getSimpleName()));
        }
        return answerType.cast(answer);
    }

    private Message receive() throws IOException {
        var in = new DataInputStream(socket.getInputStream());
        var prefix = new byte[HEADER_PREFIX];
        try {
            in.readFully(prefix);
        } catch (EOFException e) {
            throw new IOException("the daemon closed the connection", e);
        }
        var view = new UnsafeBuffer(prefix);
        int available = Framing.checkHeader(view, 0, prefix.length, Framing.MAX_FRAME_LENGTH);
        if (available >= 0) {
            throw WireException.of(ErrorCode.FRAME_TRUNCATED, "frame of %d bytes", available);
        }
        int length = ByteBuffer.wrap(prefix).order(LITTLE_ENDIAN).getInt(0);
        var frame = new byte[length];
        System.arraycopy(prefix, 0, frame, 0, prefix.length);
        in.readFully(frame, prefix.length, length - prefix.length);
        view.wrap(frame);
        framing.checkCrc(view, 0, length);
        return messages.decode(view, 0, length);
    }

    private static Socket secured(Socket socket, InetSocketAddress address, SslContext tls)
            throws IOException {
        var factory = ((JdkSslContext) tls).context().getSocketFactory();
        var secure =
                (SSLSocket)
                        factory.createSocket(
                                socket, address.getHostString(), address.getPort(), true);
        var parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }
}
