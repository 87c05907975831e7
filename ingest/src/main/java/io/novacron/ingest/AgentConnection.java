package io.novacron.ingest;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.novacron.ingest.journal.RecordLayout;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.journal.SessionRecord;
import io.novacron.ingest.journal.WatermarkFile;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.Heartbeat;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.HelloDecoder;
import io.novacron.wire.sbe.MessageHeaderDecoder;
import io.novacron.wire.sbe.MetricBatchDecoder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection of an agent: cuts frames, checks them, and puts them into the ring. The event
/// loop owns it.
///
/// ```text
///  NEW ── hello ──▶ GREETED ── hello journaled ──▶ OPEN ──▶ CLOSED
/// ```
///
/// Bounded: what waits here is less than one frame and one read; before the hello, less than 8 KiB.
/// When the ring has no room, reading stops until it has; the agent feels it through TCP.
final class AgentConnection extends ChannelInboundHandlerAdapter implements StreamPeer {
    private static final Logger LOGGER = LoggerFactory.getLogger(AgentConnection.class);
    private static final int MAX_HELLO_LENGTH = 8 * 1024;
    private static final int FIRST_BUFFER = 512;
    private static final int BODY_OFFSET =
            Framing.HEADER_LENGTH + MessageHeaderDecoder.ENCODED_LENGTH;
    private static final int BLOCK_LENGTH_OFFSET = Framing.HEADER_LENGTH;
    private static final int SCHEMA_ID_OFFSET = Framing.HEADER_LENGTH + 2 * Short.BYTES;

    private enum State {
        NEW,
        GREETED,
        OPEN,
        CLOSED
    }

    private final IngestServer server;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final long openedNs;

    private volatile State state = State.NEW; // others ask whether it is open
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf rest;
    private @Nullable Stream stream;
    private long sessionId;
    private String source = "?";
    private boolean paused;
    private boolean acknowledgementDue;
    private long toldJournaled;
    private long toldSynced;
    private long lastReadNs;
    private long frameBegunNs;

    AgentConnection(IngestServer server) {
        this.server = server;
        this.openedNs = server.nanoTime();
        this.lastReadNs = openedNs;
    }

    // Bytes in

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        if (ctx.channel().remoteAddress() instanceof InetSocketAddress address) {
            source = address.getAddress().getHostAddress();
        }
        server.count(Counter.CONNECTIONS_OPENED);
        if (!server.admit(this)) {
            server.count(Counter.CONNECTIONS_REFUSED);
            refuse(
                    ErrorCode.TOO_MANY_AGENTS,
                    "connections are at their limit. Maybe raise ingest.max-connections?");
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        lastReadNs = server.nanoTime();
        try {
            server.count(Counter.BYTES_RECEIVED, bytes.readableBytes());
            if (state == State.CLOSED) {
                return;
            }
            ByteBuf waiting = rest;
            if (waiting == null) {
                consume(bytes);
                if (bytes.isReadable() && state != State.CLOSED) {
                    int length = Math.max(FIRST_BUFFER, bytes.readableBytes());
                    rest = ctx.alloc().buffer(length).writeBytes(bytes);
                }
            } else {
                waiting.writeBytes(bytes);
                consumeRest(waiting);
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        server.readComplete();
    }

    private void consumeRest(ByteBuf waiting) {
        consume(waiting);
        if (!waiting.isReadable() || state == State.CLOSED) {
            releaseRest();
        } else {
            waiting.discardReadBytes();
        }
    }

    private void releaseRest() {
        ByteBuf waiting = rest;
        rest = null;
        if (waiting != null) {
            waiting.release();
        }
    }

    /// Takes whole frames off the buffer, until there is none, no room, or an end.
    private void consume(ByteBuf bytes) {
        wrap(bytes);
        int available = bytes.readableBytes();
        int position = 0;
        try {
            while (position < available && !paused && state != State.CLOSED) {
                int limit =
                        state == State.NEW ? MAX_HELLO_LENGTH : server.config().maxFrameLength();
                int length = Framing.checkHeader(view, position, available - position, limit);
                if (length < 0) {
                    break;
                }
                server.framing().checkCrc(view, position, length);
                if (!onFrame(position, length)) {
                    pause();
                    server.starve(this);
                    break;
                }
                server.frameReceived();
                position += length;
            }
        } catch (WireException e) {
            onWireError(e);
        }
        bytes.skipBytes(position);
        frameBegunNs = bytes.isReadable() ? frameBegunNs : 0;
        if (bytes.isReadable() && (position > 0 || frameBegunNs == 0)) {
            frameBegunNs = lastReadNs;
        }
    }

    private void wrap(ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (bytes.hasMemoryAddress()) {
            view.wrap(bytes.memoryAddress() + bytes.readerIndex(), length);
        } else if (bytes.hasArray()) {
            view.wrap(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), length);
        } else {
            var buffer = bytes.internalNioBuffer(bytes.readerIndex(), length);
            view.wrap(buffer, buffer.position(), length);
        }
    }

    private void pause() {
        if (!paused) {
            paused = true;
            context().channel().config().setAutoRead(false);
        }
    }

    /// The ring has room again, or the hello is answered: goes on with what waits here.
    void resume() {
        if (!paused || state == State.CLOSED) {
            return;
        }
        paused = false;
        ByteBuf waiting = rest;
        if (waiting != null) {
            consumeRest(waiting);
        }
        if (!paused && state != State.CLOSED) {
            frameBegunNs = rest == null ? 0 : server.nanoTime();
            context().channel().config().setAutoRead(true);
        }
    }

    // Frames

    /// @return false when it must come again later
    private boolean onFrame(int offset, int length) {
        int templateId = Framing.templateId(view, offset);
        return switch (state) {
            case NEW -> {
                if (templateId != HelloDecoder.TEMPLATE_ID) {
                    throw unexpected(templateId, "the first message must be a hello");
                }
                yield onHello(offset, length);
            }
            case GREETED -> false;
            case OPEN ->
                    templateId == MetricBatchDecoder.TEMPLATE_ID
                            ? onBatch(offset, length)
                            : onMessage(
                                    server.messages().decode(view, offset, length), offset, length);
            case CLOSED -> true;
        };
    }

    private static WireException unexpected(int templateId, String rule) {
        return WireException.of(
                ErrorCode.UNEXPECTED_MESSAGE, "message template=%d: %s", templateId, rule);
    }

    private boolean onHello(int offset, int length) {
        Hello hello = (Hello) server.messages().decode(view, offset, length);
        if (hello.connection() != ConnectionKind.DATA
                && hello.connection() != ConnectionKind.CONTROL) {
            throw unexpected(
                    HelloDecoder.TEMPLATE_ID,
                    "connection kind=%s is not served here. Maybe it is meant for the query port?"
                            .formatted(hello.connection()));
        }
        if (hello.protocolMin() > Framing.PROTOCOL_VERSION
                || hello.protocolMax() < Framing.PROTOCOL_VERSION) {
            throw WireException.of(
                    ErrorCode.UNSUPPORTED_VERSION,
                    "protocol versions %d to %d do not include %d. Maybe upgrade the older side?",
                    hello.protocolMin(),
                    hello.protocolMax(),
                    Framing.PROTOCOL_VERSION);
        }
        if (!authenticated(hello)) {
            return true;
        }
        String problem = server.journalProblem();
        if (problem != null) {
            refuse(ErrorCode.JOURNAL_UNAVAILABLE, "journal is not available: " + problem);
            return true;
        }
        AgentEntry agent = server.agents().findOrAdd(hello.agentId());
        if (agent == null) {
            server.count(Counter.AGENTS_REFUSED);
            refuse(
                    ErrorCode.TOO_MANY_AGENTS,
                    "agents are at their limit. Maybe raise fleet.max-agents?");
            return true;
        }
        return begin(hello, agent, offset, length);
    }

    private boolean begin(Hello hello, AgentEntry agent, int offset, int length) {
        int payloadLength = SessionRecord.HEADER_LENGTH + length;
        int claimed = server.claim(payloadLength);
        if (claimed == RecordRing.NO_ROOM) {
            return false;
        }
        boolean data = hello.connection() == ConnectionKind.DATA;
        Stream begun = agent.stream(data ? WatermarkFile.DATA : WatermarkFile.CONTROL);
        StreamPeer older = begun.connection;
        if (older != null) {
            server.count(Counter.CONNECTIONS_REPLACED);
            older.refuse(ErrorCode.REPLACED_SESSION, "a newer connection took its place");
        }
        stream = begun;
        begun.connection = this;
        sessionId = server.nextSessionId();
        agent.sessionId = sessionId;
        agent.hello = hello;
        state = State.GREETED;
        int payload = claimed + RecordLayout.HEADER_LENGTH;
        SessionRecord.write(
                server.ringBuffer(), payload, sessionId, begun.kind, SessionRecord.BEGIN);
        server.ringBuffer().putBytes(payload + SessionRecord.HEADER_LENGTH, view, offset, length);
        server.publish(RecordType.SESSION, payloadLength, hello.spoolEpoch(), sessionId, begun);
        pause(); // until the hello is journaled: see onNotice
        return true;
    }

    private boolean authenticated(Hello hello) {
        SslHandler ssl = context().pipeline().get(SslHandler.class);
        if (ssl == null) {
            return true;
        }
        Set<String> names = Set.of();
        try {
            var certificates = ssl.engine().getSession().getPeerCertificates();
            if (certificates[0] instanceof X509Certificate certificate) {
                names = CertificateNames.of(certificate);
            }
        } catch (SSLPeerUnverifiedException e) {
            LOGGER.debug("no certificate from {}", source, e);
        }
        boolean known =
                names.contains(hello.agentId().toString())
                        || names.contains(hello.hostName().toLowerCase(Locale.ROOT));
        if (!known) {
            server.count(Counter.AGENTS_UNAUTHENTICATED);
            refuse(
                    ErrorCode.UNAUTHENTICATED,
                    ("agent id=%s host=%s is not what the certificate vouches for, %s. Maybe the"
                                    + " host was renamed?")
                            .formatted(hello.agentId(), hello.hostName(), names));
        }
        return known;
    }

    private boolean onBatch(int offset, int length) {
        Stream data = Objects.requireNonNull(stream);
        if (data.kind != WatermarkFile.DATA) {
            throw unexpected(MetricBatchDecoder.TEMPLATE_ID, "samples belong on a data connection");
        }
        int schemaId = view.getShort(offset + SCHEMA_ID_OFFSET, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        int blockLength =
                view.getShort(offset + BLOCK_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        if (schemaId != MetricBatchDecoder.SCHEMA_ID
                || blockLength < MetricBatchDecoder.BLOCK_LENGTH
                || BODY_OFFSET + blockLength > length) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "metric batch with schema id=%d, block length=%d of %d bytes is not ours",
                    schemaId,
                    blockLength,
                    length);
        }
        long sequence = view.getLong(offset + BODY_OFFSET, ByteOrder.LITTLE_ENDIAN);
        return record(RecordType.FRAME, sequenceOf(sequence), data, offset, length);
    }

    private static long sequenceOf(long sequence) {
        if (sequence <= 0) {
            throw WireException.of(ErrorCode.BAD_MESSAGE, "sequence=%d must be positive", sequence);
        }
        return sequence;
    }

    private boolean onMessage(Message message, int offset, int length) {
        Stream mine = Objects.requireNonNull(stream);
        boolean data = mine.kind == WatermarkFile.DATA;
        return switch (message) {
            case Inventory inventory when data -> onInventory(inventory, mine, offset, length);
            case Outcome outcome when !data ->
                    record(
                            RecordType.OUTCOME,
                            sequenceOf(outcome.sequence()),
                            mine,
                            offset,
                            length);
            case Heartbeat heartbeat when !data -> onHeartbeat(heartbeat, mine.agent);
            case ErrorMessage error -> {
                LOGGER.warn("agent {} says {}: {}", mine.agent.agentId, error.code(), error.text());
                yield true;
            }
            default ->
                    throw unexpected(
                            Framing.templateId(view, offset),
                            "it does not belong on a %s connection"
                                    .formatted(data ? "data" : "control"));
        };
    }

    private boolean onInventory(Inventory inventory, Stream data, int offset, int length) {
        int limit = server.config().fleet().maxEntitiesPerAgent();
        if (inventory.entities().size() > limit) {
            server.count(Counter.INVENTORIES_REFUSED);
            refuse(
                    ErrorCode.TOO_MANY_ENTITIES,
                    ("inventory of %d entities must have at most %d. Maybe raise"
                                    + " fleet.max-entities-per-agent?")
                            .formatted(inventory.entities().size(), limit));
            return true;
        }
        if (inventory.sequence() < 0) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "sequence=%d must not be negative",
                    inventory.sequence());
        }
        return record(RecordType.INVENTORY, inventory.sequence(), data, offset, length);
    }

    private boolean onHeartbeat(Heartbeat heartbeat, AgentEntry agent) {
        server.count(Counter.HEARTBEATS_RECEIVED);
        long nowMs = server.clock().millis();
        agent.heartbeat = heartbeat;
        agent.lastHeartbeatMs = nowMs;
        agent.clockOffsetMs = heartbeat.clockMs() - nowMs;
        send(new Heartbeat(nowMs, heartbeat.clockMs(), 0, 0, 0, 0, 0, 0));
        return true;
    }

    private boolean record(RecordType type, long sequence, Stream of, int offset, int length) {
        int claimed = server.claim(length);
        if (claimed == RecordRing.NO_ROOM) {
            return false;
        }
        server.ringBuffer().putBytes(claimed + RecordLayout.HEADER_LENGTH, view, offset, length);
        server.publish(type, length, sequence, sessionId, of);
        return true;
    }

    // Messages out

    @Override
    public void onNotice() {
        Stream mine = stream;
        if (mine == null || state == State.CLOSED) {
            return;
        }
        if (state == State.GREETED) {
            long answered = mine.answeredSession;
            if (answered == sessionId) {
                state = State.OPEN;
                sendWelcome(mine);
                resume();
            } else if (answered == -sessionId) {
                refuseForJournal();
            }
        } else if (mine.refused) {
            refuseForJournal();
        } else if (state == State.OPEN) {
            acknowledge(mine);
        }
    }

    private void refuseForJournal() {
        refuse(
                ErrorCode.JOURNAL_UNAVAILABLE,
                "journal is not available: %s. Maybe try again later?"
                        .formatted(server.journalProblem()));
    }

    private void sendWelcome(Stream mine) {
        IngestConfig config = server.config();
        server.count(Counter.SESSIONS_STARTED);
        toldSynced = mine.publishedSynced;
        toldJournaled = mine.publishedJournaled;
        send(
                new Welcome(
                        sessionId,
                        Framing.PROTOCOL_VERSION,
                        toldJournaled,
                        toldSynced,
                        server.clock().millis(),
                        (int) config.sampleInterval().toMillis(),
                        (int) config.heartbeatInterval().toMillis(),
                        config.maxFrameLength(),
                        config.daemonVersion()));
    }

    private void acknowledge(Stream mine) {
        acknowledgementDue = !context().channel().isWritable();
        if (!acknowledgementDue) {
            toldSynced = mine.publishedSynced; // before journaled, which is never below it
            toldJournaled = mine.publishedJournaled;
            ConnectionKind kind =
                    mine.kind == WatermarkFile.DATA ? ConnectionKind.DATA : ConnectionKind.CONTROL;
            server.count(Counter.ACKNOWLEDGEMENTS_SENT);
            ChannelHandlerContext ctx = context();
            ByteBuf frame = server.acknowledgement(kind, toldJournaled, toldSynced);
            ctx.writeAndFlush(frame, ctx.voidPromise());
        }
    }

    /// Acknowledges what has been journaled or synced since the agent was last told.
    void acknowledgeRest() {
        Stream mine = stream;
        if (mine != null
                && state == State.OPEN
                && (toldJournaled != mine.publishedJournaled
                        || toldSynced != mine.publishedSynced)) {
            acknowledge(mine);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (acknowledgementDue && state == State.OPEN && ctx.channel().isWritable()) {
            acknowledge(Objects.requireNonNull(stream));
        }
    }

    private void send(Message message) {
        ChannelHandlerContext ctx = context();
        ctx.writeAndFlush(server.encode(ctx.alloc(), message), ctx.voidPromise());
    }

    @Override
    public void tell(ErrorCode code, long sequence, String text) {
        ChannelHandlerContext ctx = context;
        if (ctx != null) {
            ctx.executor()
                    .execute(() -> {
                        if (state == State.OPEN && ctx.channel().isWritable()) {
                            server.count(Counter.ERRORS_SENT);
                            send(new ErrorMessage(code, sequence, text));
                        }
                    });
        }
    }

    @Override
    public void refuse(ErrorCode code, String text) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (server.log().first(code.name(), source)) {
            LOGGER.warn("connection from {} is closed: {}: {}", source, code, text);
        }
        server.count(Counter.ERRORS_SENT);
        ChannelHandlerContext ctx = context();
        ByteBuf error = server.encode(ctx.alloc(), new ErrorMessage(code, 0, text));
        ctx.writeAndFlush(error).addListener(ChannelFutureListener.CLOSE);
    }

    private void onWireError(WireException e) {
        server.count(
                switch (e.code()) {
                    case BAD_MAGIC -> Counter.MAGIC_ERRORS;
                    case UNSUPPORTED_VERSION -> Counter.VERSION_ERRORS;
                    case FRAME_TOO_LARGE -> Counter.FRAMES_TOO_LARGE;
                    case FRAME_TRUNCATED -> Counter.FRAMES_TRUNCATED;
                    case BAD_CRC -> Counter.CRC_ERRORS;
                    case UNEXPECTED_MESSAGE -> Counter.MESSAGES_UNEXPECTED;
                    default -> Counter.MESSAGES_UNDECODABLE;
                });
        refuse(e.code(), String.valueOf(e.getMessage()));
    }

    // Time and end

    /// Closes what takes too long. Called now and then; a connection we paused ourselves is
    /// excused.
    void checkTime(long nowNs) {
        IngestConfig config = server.config();
        if (state == State.CLOSED) {
            if (nowNs - lastReadNs > config.frameTimeout().toNanos()) {
                context().close(); // the peer did not read our farewell
            }
        } else if (state == State.NEW && nowNs - openedNs > config.helloTimeout().toNanos()) {
            server.count(Counter.CONNECTIONS_TIMED_OUT);
            refuse(
                    ErrorCode.UNAUTHENTICATED,
                    "no hello within %s".formatted(config.helloTimeout()));
        } else if (!paused
                && rest != null
                && nowNs - frameBegunNs > config.frameTimeout().toNanos()) {
            server.count(Counter.CONNECTIONS_TIMED_OUT);
            refuse(
                    ErrorCode.FRAME_TRUNCATED,
                    "a frame was not whole within %s".formatted(config.frameTimeout()));
        } else if (!paused && nowNs - lastReadNs > config.idleTimeout().toNanos()) {
            server.count(Counter.CONNECTIONS_IDLED_OUT);
            refuse(
                    ErrorCode.FRAME_TRUNCATED,
                    "nothing came within %s".formatted(config.idleTimeout()));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (rest != null && state != State.CLOSED) {
            server.count(Counter.FRAMES_TRUNCATED);
        }
        state = State.CLOSED;
        releaseRest();
        server.count(Counter.CONNECTIONS_CLOSED);
        server.forget(this);
        Stream mine = stream;
        if (mine != null) {
            if (mine.connection == this) {
                mine.connection = null;
            }
            server.farewell(mine, sessionId);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        boolean ordinary = cause instanceof IOException;
        if (server.log().first(cause.getClass().getName(), source)) {
            LOGGER.warn("connection from {} failed: {}", source, cause.toString());
        }
        if (!ordinary) {
            LOGGER.debug("connection from {}", source, cause);
        }
        ctx.close();
    }

    Channel channel() {
        return context().channel();
    }

    @Override
    public boolean open() {
        return state == State.OPEN;
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context);
    }
}
