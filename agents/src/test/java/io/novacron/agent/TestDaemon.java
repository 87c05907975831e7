package io.novacron.agent;

import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.column.MetricBatchReader;
import io.novacron.wire.message.Acknowledgement;
import io.novacron.wire.message.Heartbeat;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.MetricBatchDecoder;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/// A small daemon on loopback for tests: welcomes, keeps what it gets, acknowledges when told to.
/// What it has journaled outlives its connections, as a journal does.
public final class TestDaemon implements AutoCloseable {
    private static final long PATIENCE_NS = 20_000_000_000L;

    private final ServerSocket server;
    private final List<Received> received = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();
    private final Map<String, Long> journaled = new HashMap<>();
    private final List<String> troubles = new ArrayList<>();
    private boolean acknowledging = true;
    private boolean answering = true;
    private long clockMs = 1_800_000_000_000L;
    private int heartbeatIntervalMs = 200;
    private boolean closed;

    /// A message of an agent; a metric batch has a null message.
    public record Received(
            UUID agent,
            ConnectionKind kind,
            long sequence,
            @Nullable Message message,
            @Nullable Batch batch) {}

    /// The samples of a metric batch by entity and metric id.
    public record Batch(
            long sequence,
            long timestampMs,
            int intervalMs,
            Map<Integer, Map<Integer, Float>> samples) {}

    private static final class Session {
        final Socket socket;
        final Messages encoder = new Messages();
        final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        @Nullable Hello hello;

        Session(Socket socket) {
            this.socket = socket;
        }

        synchronized void send(Message message) {
            try {
                int length = encoder.encode(message, buffer, 0);
                socket.getOutputStream().write(buffer.byteArray(), 0, length);
            } catch (IOException e) {
                // the agent went away
            }
        }
    }

    public TestDaemon() {
        this(open());
    }

    TestDaemon(ServerSocket server) {
        this.server = server;
        Thread.ofVirtual().start(this::accept);
    }

    private static ServerSocket open() {
        try {
            return new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.getLocalPort();
    }

    public Dialer dialer() {
        return Dialer.plain("127.0.0.1", port());
    }

    private void accept() {
        try {
            while (true) {
                var session = new Session(server.accept());
                synchronized (this) {
                    sessions.add(session);
                }
                Thread.ofVirtual().start(() -> serve(session));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Session session) {
        try (var in = new DataInputStream(session.socket.getInputStream())) {
            var framing = new Framing();
            var decoder = new Messages();
            var reader = new MetricBatchReader(65_535, 1_023);
            while (true) {
                int length = Integer.reverseBytes(in.readInt());
                if (length < Framing.MIN_FRAME_LENGTH || length > Framing.MAX_FRAME_LENGTH) {
                    throw new IOException("length " + length);
                }
                var frame = new UnsafeBuffer(new byte[length]);
                frame.putInt(0, length, ByteOrder.LITTLE_ENDIAN);
                in.readFully(frame.byteArray(), 4, length - 4);
                Framing.checkHeader(frame, 0, length, Framing.MAX_FRAME_LENGTH);
                framing.checkCrc(frame, 0, length);
                if (Framing.templateId(frame, 0) == MetricBatchDecoder.TEMPLATE_ID) {
                    take(session, batch(reader.wrap(frame, 0, length)));
                } else {
                    take(session, decoder.decode(frame, 0, length));
                }
            }
        } catch (WireException e) {
            synchronized (this) {
                troubles.add(String.valueOf(e.getMessage()));
                notifyAll();
            }
        } catch (IOException e) {
            // the agent went away, or this daemon did
        } finally {
            synchronized (this) {
                sessions.remove(session);
                notifyAll();
            }
        }
    }

    private static Batch batch(MetricBatchReader reader) {
        var block = reader.block();
        var samples = new TreeMap<Integer, Map<Integer, Float>>();
        var column = new float[block.entityCount()];
        for (int metric = 0; metric < block.metricCount(); metric++) {
            block.column(metric, column);
            for (int entity = 0; entity < column.length; entity++) {
                float value = column[entity];
                if (!Float.isNaN(value)) {
                    samples.computeIfAbsent(block.entityId(entity), _ -> new TreeMap<>())
                            .put(block.metricId(metric), value);
                }
            }
        }
        return new Batch(reader.sequence(), reader.timestampMs(), reader.intervalMs(), samples);
    }

    private void take(Session session, Message message) {
        switch (message) {
            case Hello hello -> welcome(session, hello);
            case Inventory inventory -> keep(session, inventory.sequence(), message, null);
            case Outcome outcome -> keep(session, outcome.sequence(), message, null);
            case Heartbeat heartbeat -> {
                keep(session, 0, message, null);
                if (isAnswering()) {
                    session.send(new Heartbeat(clockMs, heartbeat.clockMs(), 0, 0, 0, 0, 0, 0));
                }
            }
            default -> keep(session, 0, message, null);
        }
    }

    private void take(Session session, Batch batch) {
        keep(session, batch.sequence(), null, batch);
    }

    private static String stream(Hello hello) {
        return hello.agentId() + " " + hello.spoolEpoch() + " " + hello.connection();
    }

    private synchronized void welcome(Session session, Hello hello) {
        session.hello = hello;
        received.add(new Received(hello.agentId(), hello.connection(), 0, hello, null));
        long sequence = journaled.getOrDefault(stream(hello), 0L);
        session.send(
                new Welcome(
                        sessions.size(),
                        1,
                        sequence,
                        sequence,
                        clockMs,
                        1_000,
                        heartbeatIntervalMs,
                        1 << 20,
                        "test"));
        notifyAll();
    }

    private synchronized void keep(
            Session session, long sequence, @Nullable Message message, @Nullable Batch batch) {
        Hello hello = Objects.requireNonNull(session.hello, "the first message must be a hello");
        received.add(new Received(hello.agentId(), hello.connection(), sequence, message, batch));
        if (sequence > 0 && acknowledging) {
            journaled.merge(stream(hello), sequence, Math::max);
            long last = journaled.getOrDefault(stream(hello), 0L);
            session.send(new Acknowledgement(hello.connection(), last, last));
        }
        notifyAll();
    }

    private synchronized boolean isAnswering() {
        return answering;
    }

    /// From now on frames are kept but not acknowledged, or both again.
    synchronized void acknowledge(boolean acknowledge) {
        acknowledging = acknowledge;
    }

    /// From now on heartbeats get no answer, or one again.
    synchronized void answer(boolean answer) {
        answering = answer;
    }

    synchronized void heartbeatInterval(int intervalMs) {
        heartbeatIntervalMs = intervalMs;
    }

    synchronized void clock(long nowMs) {
        clockMs = nowMs;
    }

    /// Claims to have journaled up to a sequence.
    synchronized void journaled(Hello hello, long sequence) {
        journaled.put(stream(hello), sequence);
    }

    /// Sends a message on every connection of a kind.
    public synchronized void send(ConnectionKind kind, Message message) {
        for (Session session : sessions) {
            Hello hello = session.hello;
            if (hello != null && hello.connection() == kind) {
                session.send(message);
            }
        }
    }

    /// Sends a message on the control connection of one agent.
    public synchronized void send(UUID agent, Message message) {
        for (Session session : sessions) {
            Hello hello = session.hello;
            if (hello != null
                    && hello.connection() == ConnectionKind.CONTROL
                    && hello.agentId().equals(agent)) {
                session.send(message);
            }
        }
    }

    /// Cuts every connection.
    synchronized void disconnect() {
        for (Session session : List.copyOf(sessions)) {
            try {
                session.socket.close();
            } catch (IOException e) {
                // it is gone either way
            }
        }
    }

    synchronized List<Received> received() {
        return List.copyOf(received);
    }

    public synchronized List<Received> received(Predicate<Received> wanted) {
        return received.stream().filter(wanted).toList();
    }

    synchronized List<String> troubles() {
        return List.copyOf(troubles);
    }

    /// Messages of a type, in the order they came.
    public <T extends Message> List<T> messages(Class<T> type) {
        return received(each -> type.isInstance(each.message())).stream()
                .map(each -> type.cast(each.message()))
                .toList();
    }

    public List<Batch> batches() {
        return received(each -> each.batch() != null).stream()
                .map(each -> Objects.requireNonNull(each.batch()))
                .toList();
    }

    /// Sequences of a stream in the order they came, snapshots left out.
    List<Long> sequences(ConnectionKind kind) {
        return received(each -> each.kind() == kind && each.sequence() > 0).stream()
                .map(Received::sequence)
                .toList();
    }

    /// Waits until something is so.
    public synchronized void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        try {
            while (!condition.getAsBoolean()) {
                long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0 || closed) {
                    throw new AssertionError(what + " does not come; there is " + received);
                }
                wait(Math.min(leftMs, 50));
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        try {
            server.close();
        } catch (IOException e) {
            // it is gone either way
        }
        disconnect();
    }
}
