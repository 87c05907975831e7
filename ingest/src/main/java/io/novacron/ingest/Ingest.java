package io.novacron.ingest;

import com.lmax.disruptor.ExceptionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.novacron.ingest.checkpoint.CheckpointFiles;
import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetStore;
import io.novacron.ingest.journal.Journal;
import io.novacron.ingest.journal.JournalSpace;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.Heartbeat;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Messages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything between the agents' sockets and the fleet store: server, ring, journal, store.
///
/// [#open] replays the journal through the same code that runs live, [#start] lets agents in. Three
/// threads of its own: event loop, journal, fleet; and one more that only syncs.
public final class Ingest implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Ingest.class);
    private static final long DRAIN_TIMEOUT_MS = 10_000;
    private static final int TICK_LENGTH = 2 * Long.BYTES;

    private final IngestConfig config;
    private final @Nullable SslContext tls;
    private final IngestStatistics statistics = new IngestStatistics();
    private final AgentTable agents;
    private final Fleet fleet;
    private final RecordApplier applier;
    private final StartedFrom startedFrom;
    private final Checkpointer checkpointer;
    private final Journal journal;
    private final RecordRing ring;
    private final ManyToOneRingBuffer commands;
    private final Registry registry;
    private final EventLoopGroup eventLoops;
    private final EventLoop eventLoop;
    private final IngestServer server;
    private int port = -1;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    /// What a start had to do.
    ///
    /// @param checkpointOrdinal the last record whose effect the checkpoint held; 0 without one
    /// @param checkpointBytes its length; 0 without one
    /// @param tailRecords records of the journal that were applied
    public record StartedFrom(long checkpointOrdinal, long checkpointBytes, long tailRecords) {}

    private Ingest(
            IngestConfig config,
            InstantSource clock,
            JournalSpace space,
            IngestListener listener,
            @Nullable SslContext tls)
            throws IOException {
        this.config = config;
        this.tls = tls;
        CheckpointFiles files = CheckpointFiles.of(config.journal().directory());
        StartingPoint start =
                config.checkpoint().enabled()
                        ? StartingPoint.newest(files, config.fleet(), listener, statistics)
                        : StartingPoint.empty(config.fleet(), listener, statistics);
        this.agents = start.agents;
        this.fleet = start.fleet;
        this.applier = start.applier;
        this.eventLoops =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("novacron-ingest", true), ioHandler());
        this.eventLoop = eventLoops.next();
        this.ring =
                new RecordRing(
                        config.ringBytes(),
                        config.ringSlots(),
                        config.spin(),
                        config.gather(),
                        new DefaultThreadFactory("novacron-stage", true));
        this.commands =
                new ManyToOneRingBuffer(
                        new UnsafeBuffer(
                                ByteBuffer.allocateDirect(
                                        config.commandQueueBytes()
                                                + RingBufferDescriptor.TRAILER_LENGTH)));
        Runnable resume = () -> eventLoop.execute(this::resume);
        var replay = new Replay(applier, agents, statistics, start.ordinal());
        this.journal = openJournal(config, clock, space, replay, start);
        replay.finish(journal.recovery());
        this.startedFrom = new StartedFrom(start.ordinal(), start.bytes(), replay.tailRecords());
        this.registry =
                Registry.open(
                        config.journal().directory(), config.fleet().maxEntities(), fleet.store());
        applier.afterTicks(registry::onTick);
        this.server =
                new IngestServer(
                        config,
                        clock,
                        eventLoop,
                        ring,
                        journal,
                        agents,
                        statistics,
                        commands,
                        applier.lastSessionId());
        var notices = new Notices(config.fleet().maxAgents(), eventLoop);
        var journalStage =
                new JournalStage(journal, ring, notices, statistics, config.acknowledgeFrames());
        this.checkpointer =
                new Checkpointer(
                        config.checkpoint(),
                        files,
                        new Checkpointer.Sources(fleet, agents, applier, listener, statistics),
                        space,
                        config.journal().reservedBytes(),
                        start.ordinal(),
                        journalStage::syncedOrdinal,
                        journal::retainFrom,
                        System::nanoTime);
        applier.afterTickRecords(checkpointer::onTick);
        checkpointer.start();
        journal.onSynced(synced -> {
            ring.nudge(); // so that the next one may begin
            listener.onSynced(synced);
        });
        ring.start(journalStage, new FleetStage(applier, ring, resume), new StageFailure());
        addGauges();
    }

    /// Replays the journal (the listener hears of it, `replaying` true), then is ready for records.
    ///
    /// @param clock gives the time of receipt; nothing else reads a clock
    /// @param tls when given, agents must show a certificate that names them
    public static Ingest open(
            IngestConfig config,
            InstantSource clock,
            IngestListener listener,
            @Nullable SslContext tls)
            throws IOException {
        JournalSpace space = JournalSpace.of(config.journal().directory());
        return new Ingest(config, clock, space, listener, tls);
    }

    /// The same with another source of how much room the journal has: for tests that fill or stall
    /// the disk.
    public static Ingest open(
            IngestConfig config,
            InstantSource clock,
            JournalSpace space,
            IngestListener listener,
            @Nullable SslContext tls)
            throws IOException {
        return new Ingest(config, clock, space, listener, tls);
    }

    /// Applies the records after the starting point.
    private static Journal openJournal(
            IngestConfig config,
            InstantSource clock,
            JournalSpace space,
            Replay replay,
            StartingPoint start)
            throws IOException {
        Journal journal = Journal.open(config.journal(), clock, space, start.firstOfTail(), replay);
        long last = journal.recovery().lastOrdinal();
        if (last < start.ordinal()) {
            journal.close();
            start.fleet.close();
            throw new IOException(
                    ("journal %s ends at record %d, before its checkpoint of record %d. Maybe an older"
                                    + " copy of the journal was put back? Then move its folder"
                                    + " 'checkpoints' away")
                            .formatted(config.journal().directory(), last, start.ordinal()));
        }
        return journal;
    }

    private static IoHandlerFactory ioHandler() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    private static Class<? extends ServerChannel> serverChannel() {
        return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    private void resume() {
        server.resume();
    }

    private void addGauges() {
        statistics.gauge("journalBytesOnDisk", journal::bytesOnDisk);
        statistics.gauge("ringBytesUsed", ring::bytesUsed);
        statistics.gauge("ringSlotsUsed", ring::slotsUsed);
        statistics.gauge("commandQueueBytesUsed", commands::size);
        statistics.gauge("agentsKnown", agents::count);
        statistics.gauge("entitiesPresent", fleet::entityCount);
        statistics.gauge("storeBytesUsed", fleet.store()::bytesInUse);
        statistics.gauge("viewsPinned", fleet.store()::viewsPinned);
        statistics.gauge("checkpointRecord", checkpointer::lastOrdinal);
        statistics.gauge("checkpointBytes", checkpointer::lastBytes);
        statistics.gauge("journalAvailable", () -> journal.problem() == null ? 1 : 0);
    }

    /// Listens for agents.
    public void start() throws IOException {
        port = server.bind(serverChannel(), tls);
        LOGGER.info("agents are served on {} port {}", config.host(), port);
    }

    /// The port that agents connect to, -1 before [#start].
    public int port() {
        return port;
    }

    public FleetStore store() {
        return fleet.store();
    }

    /// Names, sizes, labels and last values, also while nothing is pinned.
    public Registry registry() {
        return registry;
    }

    public IngestStatistics statistics() {
        return statistics;
    }

    /// What the replay at start found.
    public Journal.Recovery recovery() {
        return journal.recovery();
    }

    /// What this start had to do.
    public StartedFrom startedFrom() {
        return startedFrom;
    }

    /// Asks for a checkpoint at the next tick, whatever the interval. Any thread, never waits.
    public void requestCheckpoint() {
        checkpointer.request();
    }

    /// Why agents are refused now, or null: a full disk, a failed sync, or a stage that died.
    public @Nullable String problem() {
        Throwable dead = failure;
        return dead == null ? journal.problem() : "a stage of ingest died: " + dead;
    }

    /// Puts a record of the daemon into the journal; the listener hears of it when it is there. Any
    /// thread, never waits.
    ///
    /// @return false when the queue is full, the record too long, or the journal not available
    public boolean append(RecordType type, DirectBuffer payload, int offset, int length) {
        return append(type, payload, offset, length, Urgency.ROUTINE);
    }

    /// The same for a record that somebody may wait for. One that is to be synced does not wait for
    /// the next group commit: a sync begins as soon as none is under way, and takes with it what
    /// else waits. [IngestListener#onSynced] tells.
    public boolean append(
            RecordType type, DirectBuffer payload, int offset, int length, Urgency urgency) {
        if (type.fromAgent() || type == RecordType.ACKNOWLEDGED) {
            throw new IllegalArgumentException(
                    "type=%s comes from agents and cannot be appended".formatted(type));
        }
        boolean accepted =
                length <= config.maxAppendLength()
                        && journal.failure() == null
                        && failure == null
                        && !closed
                        && commands.write(
                                IngestServer.typeCode(type, urgency), payload, offset, length);
        statistics.increment(accepted ? Counter.RECORDS_OFFERED : Counter.RECORDS_REFUSED);
        if (accepted) {
            server.commandsWaiting(urgency);
        }
        return accepted;
    }

    /// The agents inside the daemon.
    public VirtualAgents virtualAgents() {
        return server.virtualAgents();
    }

    /// Appends the record that closes a tick: all minutes that are over at this time.
    public boolean closeTick(long tick, long timeMs) {
        var payload = new UnsafeBuffer(new byte[TICK_LENGTH]);
        payload.putLong(0, tick, ByteOrder.LITTLE_ENDIAN);
        payload.putLong(Long.BYTES, timeMs, ByteOrder.LITTLE_ENDIAN);
        return append(RecordType.TICK_CLOSE, payload, 0, TICK_LENGTH);
    }

    /// Sends an action over an agent's control connection. Any thread, never waits. Whether it
    /// arrived is told by its outcome alone.
    public SendResult send(UUID agentId, Action action) {
        AgentEntry agent = agents.find(agentId);
        StreamPeer peer = agent == null ? null : agent.control.connection;
        SendResult result;
        if (!(peer instanceof AgentConnection connection) || !connection.open()) {
            result = SendResult.NOT_CONNECTED;
        } else if (!connection.channel().isWritable()) {
            result = SendResult.OVERLOADED;
        } else {
            var frame = new ExpandableArrayBuffer();
            int length = new Messages().encode(action, frame, 0);
            ByteBuf bytes = Unpooled.wrappedBuffer(frame.byteArray(), 0, length);
            connection.channel().writeAndFlush(bytes);
            server.endRest();
            result = SendResult.SENT;
        }
        statistics.increment(
                result == SendResult.SENT ? Counter.ACTIONS_SENT : Counter.ACTIONS_REFUSED);
        return result;
    }

    /// What is known of each agent that ever said hello.
    public AgentRow[] agents() {
        return agents.all().stream().map(this::row).toArray(AgentRow[]::new);
    }

    private AgentRow row(AgentEntry agent) {
        Hello hello = agent.hello;
        Heartbeat heartbeat = agent.heartbeat;
        StreamPeer data = agent.data.connection;
        StreamPeer control = agent.control.connection;
        long synced = agent.data.publishedSynced;
        return new AgentRow(
                agent.agentId,
                hello == null ? "" : hello.hostName(),
                hello == null ? "" : hello.agentVersion(),
                data != null && data.open(),
                control != null && control.open(),
                agent.sessionId,
                hello == null ? 0 : hello.spoolEpoch(),
                hello == null ? 0 : hello.capabilities(),
                agent.lastHeartbeatMs,
                fleet.lastSampleMs(agent.index),
                agent.clockOffsetMs,
                heartbeat == null ? 0 : heartbeat.agentCpuNs(),
                heartbeat == null ? 0 : heartbeat.libvirtCpuNs(),
                heartbeat == null ? 0 : heartbeat.agentRssBytes(),
                heartbeat == null ? 0 : heartbeat.spoolBytes(),
                heartbeat == null ? 0 : heartbeat.framesDropped(),
                heartbeat == null ? 0 : heartbeat.samplesSent(),
                agent.data.publishedJournaled,
                synced,
                fleet.batchesQuarantined(agent.index));
    }

    /// Stops taking records, lets the stages finish what they have, syncs the journal, and writes a
    /// last checkpoint, for which the listener is asked. Idempotent.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        server.close();
        ring.drain(DRAIN_TIMEOUT_MS);
        stopEventLoop();
        registry.close();
        boolean allApplied = ring.slotsUsed() == 0 && failure == null && journal.failure() == null;
        journal.close();
        if (allApplied) {
            checkpointer.writeLast(applier.lastOrdinal());
        } else {
            checkpointer.close();
        }
        fleet.close();
        ring.close();
    }

    /// Drops everything where it stands, as a kill would; only the journal's lock is given back.
    void abandon() {
        closed = true;
        ring.halt();
        stopEventLoop();
        registry.stop();
        checkpointer.close();
        journal.abandon();
        fleet.close();
        ring.close();
    }

    private void stopEventLoop() {
        eventLoops
                .shutdownGracefully(0, DRAIN_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .syncUninterruptibly();
    }

    /// A stage threw: it can no longer be correct. Agents are refused, the daemon should stop.
    private final class StageFailure implements ExceptionHandler<Slot> {
        @Override
        public void handleEventException(Throwable error, long sequence, Slot slot) {
            failure = error;
            LOGGER.error("a stage of ingest died on a record of type {}", slot.type, error);
            throw new IllegalStateException(error);
        }

        @Override
        public void handleOnStartException(Throwable error) {
            failure = error;
            LOGGER.error("a stage of ingest did not start", error);
        }

        @Override
        public void handleOnShutdownException(Throwable error) {
            LOGGER.error("a stage of ingest did not stop cleanly", error);
        }
    }
}
