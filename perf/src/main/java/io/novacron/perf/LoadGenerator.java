package io.novacron.perf;

import io.novacron.wire.Framing;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import io.novacron.wire.message.Acknowledgement;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.MessageHeaderEncoder;
import io.novacron.wire.sbe.MetricBatchEncoder;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/// Agents of a fleet, each on its own connection, all driven by the calling thread. It is meant to
/// cost little beside the server that it loads: frames are encoded once and shared by all agents,
/// and only sequence, time and checksum are written anew.
public final class LoadGenerator implements AutoCloseable {
    static final int ENTITIES = 50;
    static final int SAMPLES_PER_FRAME = ENTITIES * GaugeMix.METRICS;

    private static final int BATCHES = 64;
    private static final long SEED = 7;
    private static final int BUFFER_LENGTH = 32 * 1024;
    private static final int BODY_OFFSET =
            Framing.HEADER_LENGTH + MessageHeaderEncoder.ENCODED_LENGTH;
    private static final long SPOOL_EPOCH = 1;
    private static final int VCPUS = 4;
    private static final long MEMORY_BYTES = 1L << 33;

    private final int intervalMs;
    private final int entities;
    private final List<Agent> agents = new ArrayList<>();
    private final ByteBuffer[] frames = new ByteBuffer[BATCHES];
    private final UnsafeBuffer[] views = new UnsafeBuffer[BATCHES];
    private final Framing framing = new Framing();
    private final Messages messages = new Messages();
    private final MetricBatchEncoder message = new MetricBatchEncoder();
    private long sequence;

    /// Agents of [#ENTITIES] entities each.
    ///
    /// @param interval what the frames say that they cover
    LoadGenerator(Duration interval) {
        this(interval, ENTITIES);
    }

    /// @param entities of each agent
    public LoadGenerator(Duration interval, int entities) {
        this.entities = entities;
        intervalMs = Math.toIntExact(interval.toMillis());
        List<ColumnBatch> batches = GaugeMix.batches(SEED, BATCHES, entities);
        var writer = new MetricBatchWriter();
        for (int i = 0; i < BATCHES; i++) {
            ColumnBatch batch = batches.get(i);
            var frame = ByteBuffer.allocate(MetricBatchWriter.maxFrameLength(batch));
            var view = new UnsafeBuffer(frame);
            frame.limit(writer.encode(1, 0, intervalMs, batch, view, 0));
            frames[i] = frame;
            views[i] = view;
        }
    }

    /// One connection. What has come is in `received` up to its position.
    private static final class Agent {
        final SocketChannel channel;
        final ByteBuffer received = ByteBuffer.allocate(BUFFER_LENGTH);
        final UnsafeBuffer view = new UnsafeBuffer(received);
        long journaled;

        Agent(SocketChannel channel) {
            this.channel = channel;
        }
    }

    /// Connects one more agent and waits until it is welcome.
    public void connect(InetSocketAddress server) throws IOException {
        var agentId = new UUID(SEED, agents.size());
        var agent = new Agent(SocketChannel.open(server));
        agents.add(agent);
        agent.channel.socket().setTcpNoDelay(true);
        send(agent, hello(agentId));
        Message answer = null;
        while (answer == null) {
            fill(agent);
            answer = next(agent);
        }
        if (!(answer instanceof Welcome)) {
            throw new IOException("agent %s was not welcome: %s".formatted(agentId, answer));
        }
        send(agent, inventory(agentId));
        agent.channel.configureBlocking(false);
    }

    int agents() {
        return agents.size();
    }

    /// Sends one frame of each agent, the next of its sequence.
    public void sendRound(long timestampMs) throws IOException {
        sequence++;
        for (int i = 0; i < agents.size(); i++) {
            int batch = (int) ((sequence + i) % BATCHES);
            ByteBuffer frame = frames[batch];
            message.wrap(views[batch], BODY_OFFSET).sequence(sequence).timestampMs(timestampMs);
            framing.finish(views[batch], 0, frame.limit() - Framing.HEADER_LENGTH);
            write(agents.get(i).channel, frame.rewind());
        }
    }

    /// Reads what has come of acknowledgements.
    ///
    /// @return the sequence up to which every agent's frames are in the journal
    public long readJournaled() throws IOException {
        long least = Long.MAX_VALUE;
        for (Agent agent : agents) {
            fill(agent);
            for (Message message = next(agent); message != null; message = next(agent)) {
                if (!(message instanceof Acknowledgement acknowledgement)) {
                    throw new IOException("agents must be acknowledged only: " + message);
                }
                agent.journaled = acknowledgement.journaledSequence();
            }
            least = Math.min(least, agent.journaled);
        }
        return least;
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                LockSupport.parkNanos(100_000); // the server does not keep up: TCP slows us
            }
        }
    }

    private void send(Agent agent, Message message) throws IOException {
        var frame = new ExpandableArrayBuffer();
        int length = messages.encode(message, frame, 0);
        write(agent.channel, ByteBuffer.wrap(frame.byteArray(), 0, length));
    }

    private static void fill(Agent agent) throws IOException {
        if (agent.channel.read(agent.received) < 0) {
            throw new EOFException("the server closed an agent's connection");
        }
    }

    /// Takes the next whole message, or null when it has not come yet.
    private @Nullable Message next(Agent agent) {
        ByteBuffer received = agent.received;
        int length = Framing.checkHeader(agent.view, 0, received.position(), BUFFER_LENGTH);
        if (length < 0) {
            return null;
        }
        framing.checkCrc(agent.view, 0, length);
        Message next = messages.decode(agent.view, 0, length);
        received.flip().position(length);
        received.compact();
        return next;
    }

    private static Hello hello(UUID agentId) {
        return new Hello(
                agentId, SPOOL_EPOCH, ConnectionKind.DATA, 1, 1, 0, 0, 0, 0, "bench", "bench");
    }

    /// Every entity is a host, so that all metrics of [GaugeMix] are kept.
    private Inventory inventory(UUID agentId) {
        var described = new ArrayList<EntityDescription>();
        for (int id = 0; id < entities; id++) {
            described.add(
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
        return new Inventory(0, 1, 0, described);
    }

    @Override
    public void close() throws IOException {
        for (Agent agent : agents) {
            agent.channel.close();
        }
    }
}
