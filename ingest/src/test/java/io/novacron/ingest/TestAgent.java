package io.novacron.ingest;

import io.novacron.wire.Framing;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import io.novacron.wire.message.Acknowledgement;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// A blocking agent over a plain socket, for tests: it says exactly what it is told to.
public final class TestAgent implements AutoCloseable {
    static final int READ_TIMEOUT_MS = 10_000;

    final UUID agentId;
    final long spoolEpoch;
    private final Socket socket;
    private final DataInputStream in;
    private final Messages messages = new Messages();
    private final MetricBatchWriter batches = new MetricBatchWriter();
    private long sequence;

    public TestAgent(int port, UUID agentId, long spoolEpoch) throws IOException {
        this(new Socket(), port, agentId, spoolEpoch);
    }

    TestAgent(Socket socket, int port, UUID agentId, long spoolEpoch) throws IOException {
        this.agentId = agentId;
        this.spoolEpoch = spoolEpoch;
        this.socket = socket;
        if (!socket.isConnected()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), READ_TIMEOUT_MS);
        }
        socket.setSoTimeout(READ_TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    public Welcome hello(ConnectionKind kind) throws IOException {
        write(helloFrame(kind));
        return (Welcome) read();
    }

    byte[] helloFrame(ConnectionKind kind) {
        return frame(
                new Hello(agentId, spoolEpoch, kind, 1, 1, 31, 0, 0, 0, "host-" + agentId, "test"));
    }

    byte[] frame(Message message) {
        var buffer = new ExpandableArrayBuffer();
        int length = messages.encode(message, buffer, 0);
        return Arrays.copyOf(buffer.byteArray(), length);
    }

    /// One host (entity id 0, the agent's id as its uuid) and these vms (entity ids from 1 on).
    byte[] inventoryFrame(long revision, UUID... vms) {
        var entities = new java.util.ArrayList<EntityDescription>();
        entities.add(entity(0, EntityKind.HOST, agentId));
        for (int i = 0; i < vms.length; i++) {
            entities.add(entity(i + 1, EntityKind.VM, vms[i]));
        }
        return frame(new Inventory(++sequence, revision, 0, entities));
    }

    public static EntityDescription entity(int id, EntityKind kind, UUID uuid) {
        return entity(id, kind, uuid, EntityState.RUNNING);
    }

    public static EntityDescription entity(int id, EntityKind kind, UUID uuid, EntityState state) {
        return new EntityDescription(
                id,
                kind,
                state,
                uuid,
                4,
                8,
                1L << 32,
                1L << 33,
                1L << 35,
                Map.of("tier", "test"),
                kind + "-" + id);
    }

    /// The next frame of the data stream: `values[metric][entity]`.
    byte[] batchFrame(
            long timestampMs, int intervalMs, int[] entities, int[] metrics, float[][] values) {
        return batchFrame(++sequence, timestampMs, intervalMs, entities, metrics, values);
    }

    public byte[] batchFrame(
            long sequenceNumber,
            long timestampMs,
            int intervalMs,
            int[] entities,
            int[] metrics,
            float[][] values) {
        var batch = new ColumnBatch(entities.length, metrics.length);
        for (int entity : entities) {
            batch.addEntity(entity);
        }
        for (int m = 0; m < metrics.length; m++) {
            batch.addMetric(metrics[m]);
            for (int e = 0; e < entities.length; e++) {
                batch.set(m, e, values[m][e]);
            }
        }
        var buffer = new ExpandableArrayBuffer();
        int length = batches.encode(sequenceNumber, timestampMs, intervalMs, batch, buffer, 0);
        return Arrays.copyOf(buffer.byteArray(), length);
    }

    long sequence() {
        return sequence;
    }

    void sequence(long last) {
        sequence = last;
    }

    public void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        socket.getOutputStream().write(bytes, offset, length);
        socket.getOutputStream().flush();
    }

    /// The next message from the daemon.
    Message read() throws IOException {
        var header = new byte[Framing.HEADER_LENGTH];
        in.readFully(header);
        int length = new UnsafeBuffer(header).getInt(0, ByteOrder.LITTLE_ENDIAN);
        byte[] frame = Arrays.copyOf(header, length);
        in.readFully(frame, header.length, length - header.length);
        var buffer = new UnsafeBuffer(frame);
        new Framing().checkCrc(buffer, 0, length);
        return messages.decode(buffer, 0, length);
    }

    /// Reads on until an acknowledgement covers this sequence.
    Acknowledgement readUntilJournaled(long wanted) throws IOException {
        while (true) {
            if (read() instanceof Acknowledgement acknowledgement
                    && acknowledgement.journaledSequence() >= wanted) {
                return acknowledgement;
            }
        }
    }

    Acknowledgement readUntilSynced(long wanted) throws IOException {
        while (true) {
            if (read() instanceof Acknowledgement acknowledgement
                    && acknowledgement.syncedSequence() >= wanted) {
                return acknowledgement;
            }
        }
    }

    /// Reads on until an error, and then the end of the connection.
    ErrorMessage readErrorAndEnd() throws IOException {
        ErrorMessage error = null;
        try {
            while (true) {
                if (read() instanceof ErrorMessage message) {
                    error = message;
                }
            }
        } catch (EOFException | java.net.SocketException e) {
            if (error == null) {
                throw e;
            }
            return error;
        }
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    static List<UUID> uuids(int count) {
        return java.util.stream.LongStream.range(0, count).mapToObj(i -> new UUID(7, i)).toList();
    }
}
