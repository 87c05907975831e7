package io.novacron.perf.ingest;

import io.novacron.perf.GaugeMix;
import io.novacron.wire.Framing;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.AcknowledgementDecoder;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.MessageHeaderEncoder;
import io.novacron.wire.sbe.MetricBatchEncoder;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// Agents of a fleet, each on its own connection, all driven by the calling thread.
///
/// An **open loop**: frame `k` is due at `k / rate`, whether or not the server keeps up, and its
/// latency is counted from then, so that a server which stalls cannot hide it (no coordinated
/// omission). Frames are encoded once and shared; sequence, time and checksum are written anew.
final class AgentLoad implements AutoCloseable {
    /// Where an acknowledgement frame has its journaled watermark: after the stream's kind.
    static final int JOURNALED_OFFSET =
            Framing.HEADER_LENGTH
                    + MessageHeaderEncoder.ENCODED_LENGTH
                    + AcknowledgementDecoder.journaledSequenceEncodingOffset();

    private static final int BATCHES = 64;
    private static final long SEED = 7;
    private static final int RECEIVE_LENGTH = 1_024;
    private static final int BODY_OFFSET =
            Framing.HEADER_LENGTH + MessageHeaderEncoder.ENCODED_LENGTH;
    private static final int IN_FLIGHT = 64; // of one agent; a power of two
    private static final int BURST = 64;
    private static final long NAP_NS = 50_000;
    private static final long PATIENCE_NS = 30_000_000_000L;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int VCPUS = 4;
    private static final long MEMORY_BYTES = 1L << 33;

    private final LoadShape shape;
    private final Selector selector = Selector.open();
    private final List<Agent> agents = new ArrayList<>();
    private final ByteBuffer[] frames = new ByteBuffer[BATCHES];
    private final UnsafeBuffer[] views = new UnsafeBuffer[BATCHES];
    private final Framing framing = new Framing();
    private final Messages messages = new Messages();
    private final MetricBatchEncoder message = new MetricBatchEncoder();
    private final int roundsInFlight;
    private long unacknowledged;
    private long framesSent;
    private long framesAcknowledged;
    private long writesStalled;

    AgentLoad(LoadShape shape) throws IOException {
        this.shape = shape;
        this.roundsInFlight = 2 + 2 * shape.acknowledgeFrames();
        int intervalMs = Math.toIntExact(RoundClock.ROUND.toMillis());
        List<ColumnBatch> batches = GaugeMix.batches(SEED, BATCHES, shape.entities());
        var writer = new MetricBatchWriter();
        for (int i = 0; i < BATCHES; i++) {
            ColumnBatch batch = batches.get(i);
            var frame = ByteBuffer.allocateDirect(MetricBatchWriter.maxFrameLength(batch));
            var view = new UnsafeBuffer(frame);
            frame.limit(writer.encode(1, 0, intervalMs, batch, view, 0));
            frames[i] = frame;
            views[i] = view;
        }
    }

    /// One connection. What has come is in `received` up to its position.
    private static final class Agent {
        final SocketChannel channel;
        final ByteBuffer received =
                ByteBuffer.allocateDirect(RECEIVE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        final long[] dueNs = new long[IN_FLIGHT];
        long sent;
        long journaled;

        Agent(SocketChannel channel) {
            this.channel = channel;
        }
    }

    /// What the rounds of a run tell the server.
    interface Rounds {
        /// Frames of this round come next.
        void begin(long round) throws IOException;

        /// Half of a round is over: all frames of the one before should be there.
        void halfOf(long round) throws IOException;
    }

    /// Connects all agents.
    ///
    /// @param greet whether to say hello and send inventories, and wait to be welcome
    void connect(int port, boolean greet) throws IOException {
        if (!greet) { // the bare server has no timer for the last frames of each
            unacknowledged = (long) shape.agents() * (shape.acknowledgeFrames() - 1);
        }
        var server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (int i = 0; i < shape.agents(); i++) {
            var agent = new Agent(SocketChannel.open(server));
            agents.add(agent);
            agent.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (greet) {
                var agentId = new UUID(SEED, i);
                send(agent, hello(agentId));
                awaitWelcome(agent, agentId);
                send(agent, inventory(agentId));
            }
            agent.channel.configureBlocking(false);
            agent.channel.register(selector, SelectionKey.OP_READ, agent);
        }
    }

    private void awaitWelcome(Agent agent, UUID agentId) throws IOException {
        int length = -1;
        var view = new UnsafeBuffer(agent.received);
        while (length < 0) {
            if (agent.channel.read(agent.received) < 0) {
                throw new EOFException("the server closed the connection of agent " + agentId);
            }
            length = Framing.checkHeader(view, 0, agent.received.position(), RECEIVE_LENGTH);
        }
        Message answer = messages.decode(view, 0, length);
        if (!(answer instanceof Welcome)) {
            throw new IOException("agent %s was not welcome: %s".formatted(agentId, answer));
        }
        agent.received.flip().position(length);
        agent.received.compact();
    }

    /// Sends frames at this rate and waits until all of them are acknowledged.
    ///
    /// @param latency takes ns from when a frame was due to its acknowledgement as journaled
    void run(double samplesPerSecond, double seconds, Rounds rounds, Histogram latency)
            throws IOException {
        double framesPerNs = samplesPerSecond / shape.samplesPerFrame() / NS_PER_SECOND;
        // whole rounds, so that the next run begins with one
        long total = Math.max(1, Math.round(framesPerNs * seconds * NS_PER_SECOND / agents.size()));
        total *= agents.size();
        long startNs = System.nanoTime();
        long first = framesSent;
        while (framesSent - first < total) {
            long dueFrames = (long) ((System.nanoTime() - startNs) * framesPerNs) + 1;
            long until = first + Math.min(total, dueFrames);
            if (framesSent >= until) {
                readAcknowledgements(latency);
                LockSupport.parkNanos(NAP_NS);
                continue;
            }
            for (int i = 0; i < BURST && framesSent < until; i++) {
                long dueNs = startNs + (long) ((framesSent - first) / framesPerNs);
                sendFrame(rounds, dueNs, latency);
            }
            readAcknowledgements(latency);
        }
        awaitAcknowledged(framesSent - unacknowledged, latency);
    }

    private void sendFrame(Rounds rounds, long dueNs, Histogram latency) throws IOException {
        int index = (int) (framesSent % agents.size());
        long round = framesSent / agents.size() + 1;
        if (index == 0) {
            // a fleet's agents do not run minutes ahead of its clock, however slow the server is
            long before = framesSent - (long) roundsInFlight * agents.size() - unacknowledged;
            awaitAcknowledged(before, latency);
            rounds.begin(round);
        } else if (index == agents.size() / 2) {
            rounds.halfOf(round);
        }
        Agent agent = agents.get(index);
        if (agent.sent - agent.journaled >= IN_FLIGHT) {
            awaitAcknowledged(framesAcknowledged + 1, latency);
        }
        int batch = (int) (framesSent * 31 % BATCHES);
        ByteBuffer frame = frames[batch];
        agent.sent++;
        agent.dueNs[(int) agent.sent & IN_FLIGHT - 1] = dueNs;
        message.wrap(views[batch], BODY_OFFSET)
                .sequence(agent.sent)
                .timestampMs(RoundClock.roundMs(round));
        framing.finish(views[batch], 0, frame.limit() - Framing.HEADER_LENGTH);
        framesSent++;
        write(agent.channel, frame.rewind());
    }

    private void awaitAcknowledged(long target, Histogram latency) throws IOException {
        long startNs = System.nanoTime();
        while (framesAcknowledged < target) {
            if (System.nanoTime() - startNs > PATIENCE_NS) {
                throw new IOException(
                        "%d of %d frames were acknowledged"
                                .formatted(framesAcknowledged, framesSent));
            }
            LockSupport.parkNanos(NAP_NS);
            readAcknowledgements(latency);
        }
    }

    private void readAcknowledgements(Histogram latency) throws IOException {
        if (selector.selectNow() == 0) {
            return;
        }
        for (SelectionKey key : selector.selectedKeys()) {
            Agent agent = (Agent) key.attachment();
            ByteBuffer received = agent.received;
            if (agent.channel.read(received) < 0) {
                throw new EOFException("the server closed an agent's connection");
            }
            int at = 0;
            while (received.position() - at >= Integer.BYTES
                    && received.position() - at >= received.getInt(at)) {
                int length = received.getInt(at);
                if (length < JOURNALED_OFFSET + Long.BYTES) {
                    throw new IOException("agents must be acknowledged only");
                }
                acknowledged(agent, received.getLong(at + JOURNALED_OFFSET), latency);
                at += length;
            }
            received.flip().position(at);
            received.compact();
        }
        selector.selectedKeys().clear();
    }

    private void acknowledged(Agent agent, long sequence, Histogram latency) throws IOException {
        if (sequence > agent.sent) {
            throw new IOException(
                    "sequence %d acknowledged, only %d sent".formatted(sequence, agent.sent));
        }
        long nowNs = System.nanoTime();
        while (agent.journaled < sequence) {
            agent.journaled++;
            framesAcknowledged++;
            latency.recordValue(
                    Math.max(0, nowNs - agent.dueNs[(int) agent.journaled & IN_FLIGHT - 1]));
        }
    }

    private void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                writesStalled++;
                LockSupport.parkNanos(NAP_NS); // the server does not keep up: TCP slows us
            }
        }
    }

    private void send(Agent agent, Message message) throws IOException {
        var frame = new ExpandableArrayBuffer();
        int length = messages.encode(message, frame, 0);
        write(agent.channel, ByteBuffer.wrap(frame.byteArray(), 0, length));
    }

    private static Hello hello(UUID agentId) {
        return new Hello(agentId, 1, ConnectionKind.DATA, 1, 1, 0, 0, 0, 0, "bench", "bench");
    }

    /// Every entity is a host, so that all metrics of [GaugeMix] are kept.
    private Inventory inventory(UUID agentId) {
        var entities = new ArrayList<EntityDescription>();
        for (int id = 0; id < shape.entities(); id++) {
            entities.add(
                    new EntityDescription(
                            id,
                            EntityKind.HOST,
                            EntityState.RUNNING,
                            new UUID(agentId.getLeastSignificantBits() + 1, id),
                            VCPUS,
                            VCPUS,
                            MEMORY_BYTES,
                            MEMORY_BYTES,
                            0,
                            Map.of(),
                            "host-" + id));
        }
        return new Inventory(0, 1, 0, entities);
    }

    long framesSent() {
        return framesSent;
    }

    /// Times that a socket took nothing: the server was behind.
    long writesStalled() {
        return writesStalled;
    }

    @Override
    public void close() throws IOException {
        for (Agent agent : agents) {
            agent.channel.close();
        }
        selector.close();
    }
}
