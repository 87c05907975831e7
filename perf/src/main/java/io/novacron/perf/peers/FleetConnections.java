package io.novacron.perf.peers;

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
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
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

/// A fleet's agents towards our server, one connection each, all driven by the calling thread.
/// Every frame is encoded from the round it belongs to, as an agent would.
final class FleetConnections implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int RECEIVE_LENGTH = 32 * 1024;
    private static final long RETRY_NS = 100_000;
    private static final long AGENTS_ID = 0x6265_6e63_68L;
    private static final int VCPUS = 4;
    private static final long MEMORY_BYTES = 1L << 33;

    private final Framing framing = new Framing();
    private final Messages messages = new Messages();
    private final MetricBatchWriter writer = new MetricBatchWriter();
    private final List<Agent> agents = new ArrayList<>();
    private ByteBuffer frame = ByteBuffer.allocate(0);
    private long sequence;

    /// One connection. What has come is in `received` up to its position.
    private static final class Agent {
        final SocketChannel channel;
        final ByteBuffer received = ByteBuffer.allocate(RECEIVE_LENGTH);
        final UnsafeBuffer view = new UnsafeBuffer(received);
        long journaled;

        Agent(SocketChannel channel) {
            this.channel = channel;
        }
    }

    /// Connects all agents and waits until each is welcome.
    FleetConnections(int port, int count) throws IOException {
        var server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (int i = 0; i < count; i++) {
            connect(server, new UUID(AGENTS_ID, i));
        }
    }

    private void connect(InetSocketAddress server, UUID agentId) throws IOException {
        var agent = new Agent(SocketChannel.open(server));
        agents.add(agent);
        agent.channel.socket().setTcpNoDelay(true);
        send(agent, new Hello(agentId, 1, ConnectionKind.DATA, 1, 1, 0, 0, 0, 0, "bench", "bench"));
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

    /// Sends a frame of each agent. Batch i is agent i's.
    void send(FleetRound round) throws IOException {
        sequence++;
        int intervalMs = Math.toIntExact(GaugeStream.INTERVAL.toMillis());
        for (int i = 0; i < agents.size(); i++) {
            ColumnBatch batch = round.batches().get(i);
            int maxLength = MetricBatchWriter.maxFrameLength(batch);
            if (frame.capacity() < maxLength) {
                frame = ByteBuffer.allocate(maxLength);
            }
            var view = new UnsafeBuffer(frame);
            int length = writer.encode(sequence, round.timestampMs(), intervalMs, batch, view, 0);
            write(agents.get(i).channel, frame.clear().limit(length));
        }
    }

    /// Reads acknowledgements until all agents' frames up to a sequence are in the journal.
    void awaitJournaled(long sequence, ServerProcess server)
            throws IOException, InterruptedException {
        server.await("acknowledging", PATIENCE, () -> readJournaled() >= sequence);
    }

    private long readJournaled() throws IOException {
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

    private void send(Agent agent, Message message) throws IOException {
        var bytes = new ExpandableArrayBuffer();
        int length = messages.encode(message, bytes, 0);
        write(agent.channel, ByteBuffer.wrap(bytes.byteArray(), 0, length));
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                LockSupport.parkNanos(RETRY_NS); // the server does not keep up: TCP slows us
            }
        }
    }

    private static void fill(Agent agent) throws IOException {
        if (agent.channel.read(agent.received) < 0) {
            throw new EOFException("our server closed an agent's connection");
        }
    }

    /// Takes the next whole message, or null when it has not come yet.
    private @Nullable Message next(Agent agent) {
        ByteBuffer received = agent.received;
        int length = Framing.checkHeader(agent.view, 0, received.position(), RECEIVE_LENGTH);
        if (length < 0) {
            return null;
        }
        framing.checkCrc(agent.view, 0, length);
        Message next = messages.decode(agent.view, 0, length);
        received.flip().position(length);
        received.compact();
        return next;
    }

    /// Every entity is a host, so that all metrics of the mix are kept.
    private static Inventory inventory(UUID agentId) {
        var entities = new ArrayList<EntityDescription>();
        for (int id = 0; id < GaugeStream.VMS_PER_AGENT; id++) {
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

    @Override
    public void close() throws IOException {
        for (Agent agent : agents) {
            agent.channel.close();
        }
    }
}
