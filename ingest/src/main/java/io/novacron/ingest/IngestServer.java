package io.novacron.ingest;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslContext;
import io.novacron.ingest.journal.Journal;
import io.novacron.ingest.journal.RecordLayout;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.journal.SessionRecord;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.Framing;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.sbe.AcknowledgementEncoder;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.MessageHeaderEncoder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.jspecify.annotations.Nullable;

/// What all connections share on the event loop: the listening socket, the way into the ring for
/// frames and for the daemon's own records, and the list of who waits for room.
final class IngestServer {
    /// Above the type of a record in the command queue stands its [Urgency].
    private static final int URGENCY_SHIFT = 16;

    private static final int TYPE_MASK = (1 << URGENCY_SHIFT) - 1;

    private static final int ENCODE_LENGTH = 64 * 1024;
    private static final long SHORTEST_SWEEP_MS = 20;
    private static final long LONGEST_SWEEP_MS = 1_000;
    private static final int SWEEPS_PER_TIMEOUT = 4;

    private record Farewell(Stream stream, long sessionId) {}

    private final IngestConfig config;
    private final InstantSource clock;
    private final EventLoop eventLoop;
    private final RecordRing ring;
    private final Journal journal;
    private final AgentTable agents;
    private final IngestStatistics statistics;
    private final ManyToOneRingBuffer commands;
    private final Framing framing = new Framing();
    private final Messages messages = new Messages();
    private final AcknowledgementEncoder acknowledgement = new AcknowledgementEncoder();
    private final MessageHeaderEncoder messageHeader = new MessageHeaderEncoder();
    private final OncePerSource log = new OncePerSource();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[ENCODE_LENGTH]);
    private final Set<AgentConnection> connections = new LinkedHashSet<>();
    private final List<AgentConnection> sweeping = new ArrayList<>();
    private final Set<AgentConnection> starving = new LinkedHashSet<>();
    private final Deque<Farewell> farewells = new ArrayDeque<>();
    private final AtomicBoolean commandsScheduled = new AtomicBoolean();
    private final Runnable drainCommands = this::drainCommands;
    private final ControlledMessageHandler onCommand = this::onCommand;
    private final ReceiveBuffer receiveBuffer = new ReceiveBuffer();
    private ByteBuf acknowledgementFrame = Unpooled.EMPTY_BUFFER;
    private final Gathering gathering = new Gathering();
    private final Rest gatheringRest = new Rest();
    private final Runnable rest = this::rest;
    private final long gatherNs;
    private boolean restDue;
    private long framesReceived;
    private final VirtualAgents virtualAgents = new VirtualAgents(this);
    private long lastSessionId;
    private @Nullable Channel listening;

    IngestServer(
            IngestConfig config,
            InstantSource clock,
            EventLoop eventLoop,
            RecordRing ring,
            Journal journal,
            AgentTable agents,
            IngestStatistics statistics,
            ManyToOneRingBuffer commands,
            long lastSessionId) {
        this.config = config;
        this.clock = clock;
        this.eventLoop = eventLoop;
        this.ring = ring;
        this.journal = journal;
        this.agents = agents;
        this.statistics = statistics;
        this.commands = commands;
        this.lastSessionId = lastSessionId;
        this.gatherNs = config.gather().toNanos();
    }

    /// Listens.
    ///
    /// @return the port
    int bind(Class<? extends ServerChannel> channelType, @Nullable SslContext tls)
            throws IOException {
        var bootstrap =
                new ServerBootstrap()
                        .group(eventLoop)
                        .channel(channelType)
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.RECVBUF_ALLOCATOR, receiveBuffer)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        if (tls != null) {
                                            channel.pipeline()
                                                    .addLast(tls.newHandler(channel.alloc()));
                                        }
                                        channel.pipeline()
                                                .addLast(new AgentConnection(IngestServer.this));
                                    }
                                });
        try {
            listening =
                    bootstrap.bind(config.host(), config.port()).syncUninterruptibly().channel();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(
                    "agents.listen=%s:%d cannot be opened: %s. Maybe another daemon is running?"
                            .formatted(config.host(), config.port(), e.getMessage()),
                    e);
        }
        long sweepMs =
                Math.min(config.helloTimeout().toMillis(), config.frameTimeout().toMillis())
                        / SWEEPS_PER_TIMEOUT;
        sweepMs = Math.clamp(sweepMs, SHORTEST_SWEEP_MS, LONGEST_SWEEP_MS);
        eventLoop.scheduleWithFixedDelay(this::sweep, sweepMs, sweepMs, TimeUnit.MILLISECONDS);
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    private void sweep() {
        long nowNs = nanoTime();
        sweeping.addAll(connections); // closing one takes it out of the set
        for (int i = 0; i < sweeping.size(); i++) {
            AgentConnection connection = sweeping.get(i);
            connection.acknowledgeRest();
            connection.checkTime(nowNs);
        }
        sweeping.clear();
        virtualAgents.sweep();
    }

    /// A connection has been read. When many frames come, the loop rests once a turn, so that the
    /// next turn serves many connections; what comes meanwhile waits in the sockets.
    void readComplete() {
        if (!restDue) {
            restDue = true;
            eventLoop.execute(rest);
        }
    }

    private void rest() {
        restDue = false;
        if (gatherNs > 0 && gathering.busy(nanoTime(), framesReceived)) {
            gatheringRest.take(gatherNs);
        }
    }

    /// Somebody waits for what the event loop is to do next: it does not gather any longer. Any
    /// thread.
    void endRest() {
        gatheringRest.end();
    }

    /// One more whole frame.
    void frameReceived() {
        framesReceived++;
        count(Counter.FRAMES_RECEIVED);
    }

    // The way into the ring

    VirtualAgents virtualAgents() {
        return virtualAgents;
    }

    /// Runs something on the event loop. Any thread.
    void execute(Runnable task) {
        eventLoop.execute(task);
    }

    int claim(int payloadLength) {
        return ring.claim(payloadLength);
    }

    UnsafeBuffer ringBuffer() {
        return ring.buffer();
    }

    void publish(RecordType type, int payloadLength, long sequence, long sessionId, Stream stream) {
        ring.publish(type, payloadLength, clock.millis(), sequence, sessionId, stream);
    }

    /// The connection has stopped reading until there is room.
    void starve(AgentConnection connection) {
        if (starving.add(connection)) {
            count(Counter.CONNECTIONS_PAUSED);
        }
    }

    /// The ring has room again. The daemon's own records go first.
    void resume() {
        drainCommands();
        while (!farewells.isEmpty()) {
            Farewell farewell = farewells.remove();
            farewell(farewell.stream(), farewell.sessionId());
            if (!farewells.isEmpty() && farewells.peekLast().equals(farewell)) {
                return; // no room after all: it is back in the queue
            }
        }
        List<AgentConnection> waiting = new ArrayList<>(starving);
        starving.clear();
        waiting.forEach(AgentConnection::resume);
        virtualAgents.resume();
    }

    /// Journals the end of a session.
    void farewell(Stream stream, long sessionId) {
        int claimed = ring.claim(SessionRecord.HEADER_LENGTH);
        if (claimed == RecordRing.NO_ROOM) {
            if (farewells.size() < config.maxConnections()) {
                farewells.add(new Farewell(stream, sessionId));
            }
            return;
        }
        int payload = claimed + RecordLayout.HEADER_LENGTH;
        SessionRecord.write(ring.buffer(), payload, sessionId, stream.kind, SessionRecord.END);
        publish(RecordType.SESSION, SessionRecord.HEADER_LENGTH, 0, sessionId, stream);
    }

    /// What stands in the command queue for a record's type.
    static int typeCode(RecordType type, Urgency urgency) {
        return type.code() | urgency.ordinal() << URGENCY_SHIFT;
    }

    /// There is something in the queue of the daemon's records. Any thread.
    void commandsWaiting(Urgency urgency) {
        if (commandsScheduled.compareAndSet(false, true)) {
            eventLoop.execute(drainCommands);
        }
        if (urgency != Urgency.ROUTINE) {
            endRest();
        }
    }

    private void drainCommands() {
        commandsScheduled.set(false);
        while (commands.controlledRead(onCommand) > 0) {
            // until it is empty or the ring has no room
        }
    }

    private ControlledMessageHandler.Action onCommand(
            int typeCode, MutableDirectBuffer buffer, int offset, int length) {
        int claimed = ring.claim(length);
        if (claimed == RecordRing.NO_ROOM) {
            return ControlledMessageHandler.Action.ABORT; // resume() comes back
        }
        ring.buffer().putBytes(claimed + RecordLayout.HEADER_LENGTH, buffer, offset, length);
        RecordType type = Objects.requireNonNull(RecordType.ofCode(typeCode & TYPE_MASK));
        Urgency urgency = Urgency.of(typeCode >> URGENCY_SHIFT);
        ring.publish(type, length, clock.millis(), 0, 0, null, urgency);
        return ControlledMessageHandler.Action.CONTINUE;
    }

    // What connections share

    boolean admit(AgentConnection connection) {
        return connections.size() < config.maxConnections() && connections.add(connection);
    }

    void forget(AgentConnection connection) {
        connections.remove(connection);
        starving.remove(connection);
    }

    /// A message as a frame in a buffer of its own.
    ByteBuf encode(ByteBufAllocator allocator, Message message) {
        int length = messages.encode(message, scratch, 0);
        return allocator.buffer(length).writeBytes(scratch.byteArray(), 0, length);
    }

    /// An acknowledgement as a frame: the one message that goes out often. Its buffer is used again
    /// once it is written, which nearly always is at once.
    ByteBuf acknowledgement(ConnectionKind kind, long journaled, long synced) {
        acknowledgement.wrapAndApplyHeader(scratch, Framing.HEADER_LENGTH, messageHeader).stream(
                        kind)
                .journaledSequence(journaled)
                .syncedSequence(synced);
        int body = MessageHeaderEncoder.ENCODED_LENGTH + acknowledgement.encodedLength();
        int length = framing.finish(scratch, 0, body);
        if (acknowledgementFrame.refCnt() != 1 || acknowledgementFrame.capacity() < length) {
            acknowledgementFrame.release();
            acknowledgementFrame = Unpooled.directBuffer(length, length);
        }
        acknowledgementFrame.clear().writeBytes(scratch.byteArray(), 0, length);
        return acknowledgementFrame.retain();
    }

    long nextSessionId() {
        return ++lastSessionId;
    }

    long nanoTime() {
        return eventLoop.ticker().nanoTime();
    }

    @Nullable String journalProblem() {
        return journal.problem();
    }

    void count(Counter counter) {
        statistics.increment(counter);
    }

    void count(Counter counter, long amount) {
        statistics.add(counter, amount);
    }

    IngestConfig config() {
        return config;
    }

    InstantSource clock() {
        return clock;
    }

    AgentTable agents() {
        return agents;
    }

    Framing framing() {
        return framing;
    }

    Messages messages() {
        return messages;
    }

    OncePerSource log() {
        return log;
    }

    /// Stops listening and closes every connection.
    void close() {
        eventLoop
                .submit(() -> {
                    Channel channel = listening;
                    if (channel != null) {
                        channel.close();
                    }
                    for (AgentConnection connection : List.copyOf(connections)) {
                        connection.channel().close();
                    }
                    virtualAgents.close();
                })
                .syncUninterruptibly();
    }
}
