package io.novacron.perf.faults;

import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.message.Acknowledgement;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/// An agent as far as ingest can tell: it says hello with its spool epoch, sends its frames in
/// order from where its welcome says, keeps each until it is *synced*, and comes back whenever its
/// connection ends. It notes what it was promised. Its [Swarm]'s thread owns it.
///
/// Bounded: frames by `capacity`, what waits for the socket by one buffer.
final class SpoolingAgent {
    /// What a spool was told is journaled: every sequence from 1 to this one.
    record Promise(UUID agentId, long epoch, long journaledSequence) {}

    /// How a well-behaved agent becomes another one. All of it may change at any time.
    static final class Manners {
        /// Bytes it hands to the kernel at once.
        int writeLimit = Integer.MAX_VALUE;

        /// Whether it reads what the server says.
        boolean reads = true;

        /// Bytes that the kernel keeps for it on the way out; 0 leaves that to the kernel.
        int sendBufferLength;

        /// Share of its frames that it damages on the way out.
        double corruptShare;

        /// How long it waits for an answer before it dials again.
        long patienceNs = 20_000_000_000L;
    }

    private enum State {
        AWAY,
        CONNECTING,
        GREETING,
        OPEN
    }

    private static final int HEADROOM = 512; // a hello fits in
    private static final long SHORTEST_WAIT_NS = 2_000_000;
    private static final long LONGEST_WAIT_NS = 500_000_000;

    private final Swarm swarm;
    private final UUID agentId;
    private final int capacity;
    private final ByteBuffer in = ByteBuffer.allocate(2 * HEADROOM);
    private final UnsafeBuffer inView = new UnsafeBuffer(in);
    private final ByteBuffer out;
    private final Long2ObjectHashMap<byte[]> spool = new Long2ObjectHashMap<>();
    private final List<Promise> former = new ArrayList<>();
    final Manners manners = new Manners();

    private State state = State.AWAY;
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;
    private long epoch = 1;
    private long lastSequence;
    private long journaled;
    private long synced;
    private long nextToSend;
    private long retryAtNs;
    private long waitNs = SHORTEST_WAIT_NS;
    private long lastHeardNs;
    private long probeSequence;
    private long probeNs;
    private int welcomes;

    SpoolingAgent(Swarm swarm, UUID agentId, int capacity, int outLength) {
        this.swarm = swarm;
        this.agentId = agentId;
        this.capacity = capacity;
        this.out = ByteBuffer.allocate(outLength).limit(0);
    }

    UUID agentId() {
        return agentId;
    }

    long lastSequence() {
        return lastSequence;
    }

    long journaled() {
        return journaled;
    }

    /// How often it was let in.
    int welcomes() {
        return welcomes;
    }

    boolean open() {
        return state == State.OPEN;
    }

    boolean allJournaled() {
        return journaled >= lastSequence;
    }

    boolean allSynced() {
        return synced >= lastSequence;
    }

    /// Every promise made to it, of all its spools.
    List<Promise> promises() {
        var all = new ArrayList<Promise>(former);
        all.add(new Promise(agentId, epoch, journaled));
        return all;
    }

    // Frames

    /// Makes one more frame, if the spool has room.
    boolean produce(FrameMaker maker) {
        if (lastSequence - synced >= capacity) {
            return false;
        }
        lastSequence++;
        spool.put(
                lastSequence,
                lastSequence == 1
                        ? maker.inventory(agentId, epoch)
                        : maker.batch(lastSequence, epoch));
        return true;
    }

    /// Takes a frame that is made already.
    void add(FrameOfSequence maker) {
        lastSequence++;
        spool.put(lastSequence, maker.frame(lastSequence));
    }

    /// Encodes a whole frame.
    interface FrameOfSequence {
        byte[] frame(long sequence);
    }

    // The connection

    /// Does whatever is due: dials, gives up waiting, sends.
    void step(long nowNs) throws IOException {
        switch (state) {
            case AWAY -> {
                if (nowNs - retryAtNs >= 0) {
                    dial(nowNs);
                }
            }
            case CONNECTING, GREETING, OPEN -> {
                boolean waits = state != State.OPEN || !allJournaled();
                if (waits && nowNs - lastHeardNs > manners.patienceNs) {
                    swarm.count(Swarm.Event.GIVEN_UP);
                    hangUp(nowNs);
                } else if (state == State.OPEN) {
                    send(nowNs);
                }
            }
        }
    }

    private void dial(long nowNs) throws IOException {
        SocketChannel dialled = SocketChannel.open();
        channel = dialled;
        dialled.configureBlocking(false);
        dialled.setOption(StandardSocketOptions.TCP_NODELAY, true);
        if (manners.sendBufferLength > 0) {
            dialled.setOption(StandardSocketOptions.SO_SNDBUF, manners.sendBufferLength);
        }
        in.clear();
        out.limit(0);
        state = State.CONNECTING;
        lastHeardNs = nowNs;
        SelectionKey registered = dialled.register(swarm.selector(), SelectionKey.OP_CONNECT, this);
        key = registered;
        try {
            dialled.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), swarm.port()));
        } catch (IOException e) {
            hangUp(nowNs); // nobody listens yet
        }
    }

    /// The selector says that something can be done.
    void ready(SelectionKey ready, long nowNs) throws IOException {
        try {
            if (ready.isConnectable()) {
                Objects.requireNonNull(channel).finishConnect();
                ready.interestOps(SelectionKey.OP_READ);
                state = State.GREETING;
                greet();
            } else if (ready.isReadable()) {
                read(nowNs);
            }
            if (ready.isValid() && ready.isWritable()) {
                ready.interestOps(interest(false));
                send(nowNs);
            }
        } catch (IOException e) {
            hangUp(nowNs); // reset, refused or cut
        } catch (WireException e) {
            swarm.count(Swarm.Event.DAMAGED_ANSWER);
            hangUp(nowNs);
        }
    }

    private void greet() throws IOException {
        byte[] hello =
                swarm.frames()
                        .message(
                                new Hello(
                                        agentId,
                                        epoch,
                                        ConnectionKind.DATA,
                                        1,
                                        1,
                                        0,
                                        Math.min(synced + 1, lastSequence),
                                        lastSequence,
                                        0,
                                        "host-" + agentId,
                                        "faults"));
        out.clear().put(hello).flip();
        flush();
    }

    private int interest(boolean write) {
        return (manners.reads ? SelectionKey.OP_READ : 0) | (write ? SelectionKey.OP_WRITE : 0);
    }

    private void send(long nowNs) throws IOException {
        if (state != State.OPEN) {
            flush();
            return;
        }
        SelectionKey mine = Objects.requireNonNull(key);
        if ((mine.interestOps() & SelectionKey.OP_WRITE) != 0) {
            return; // the socket takes nothing now
        }
        try {
            mine.interestOps(interest(false));
            boolean more = true;
            while (more) {
                fill(nowNs);
                more = out.hasRemaining() && flush() && manners.writeLimit == Integer.MAX_VALUE;
            }
        } catch (IOException e) {
            hangUp(nowNs);
        }
    }

    private void fill(long nowNs) {
        out.compact();
        while (nextToSend <= lastSequence) {
            byte[] frame = spool.get(nextToSend);
            if (frame == null || frame.length > out.remaining()) {
                break;
            }
            int at = out.position();
            out.put(frame);
            if (manners.corruptShare > 0 && swarm.random().nextDouble() < manners.corruptShare) {
                int bit = swarm.random().nextInt(frame.length * Byte.SIZE);
                int index = at + bit / Byte.SIZE;
                out.put(index, (byte) (out.get(index) ^ 1 << bit % Byte.SIZE));
                swarm.count(Swarm.Event.FRAME_CORRUPTED);
            }
            if (probeSequence == 0) {
                probeSequence = nextToSend;
                probeNs = nowNs;
            }
            if (nextToSend == journaled + 1) {
                lastHeardNs = nowNs; // it waits from now on
            }
            nextToSend++;
        }
        out.flip();
    }

    /// @return whether all is gone
    private boolean flush() throws IOException {
        int limit = out.limit();
        if (out.remaining() > manners.writeLimit) {
            out.limit(out.position() + manners.writeLimit);
        }
        Objects.requireNonNull(channel).write(out);
        boolean all = !out.hasRemaining();
        out.limit(limit);
        if (!all) {
            swarm.count(Swarm.Event.WRITE_STALLED);
            Objects.requireNonNull(key).interestOps(interest(true));
        }
        return all && !out.hasRemaining();
    }

    private void read(long nowNs) throws IOException {
        if (Objects.requireNonNull(channel).read(in) < 0) {
            hangUp(nowNs);
            return;
        }
        lastHeardNs = nowNs;
        int at = 0;
        int length = Framing.checkHeader(inView, at, in.position() - at, in.capacity());
        while (length > 0) {
            swarm.frames().framing().checkCrc(inView, at, length);
            Message message = swarm.frames().decode(inView, at, length);
            at += length;
            if (!heard(message, nowNs)) {
                hangUp(nowNs);
                return;
            }
            length = Framing.checkHeader(inView, at, in.position() - at, in.capacity());
        }
        in.flip().position(at);
        in.compact();
    }

    /// @return whether the connection goes on
    private boolean heard(Message message, long nowNs) {
        switch (message) {
            case Welcome welcome when state == State.GREETING -> {
                state = State.OPEN;
                waitNs = SHORTEST_WAIT_NS;
                swarm.count(Swarm.Event.WELCOMED);
                if (welcome.journaledSequence() < synced) {
                    swarm.violation(
                            "agent %s epoch %d: %d was synced, now only %d is known"
                                    .formatted(
                                            agentId, epoch, synced, welcome.journaledSequence()));
                }
                welcomes++;
                swarm.takenBack(Math.max(0, journaled - welcome.journaledSequence()));
                nextToSend = Math.max(synced, welcome.journaledSequence()) + 1;
                probeSequence = 0;
                promised(welcome.journaledSequence(), welcome.syncedSequence(), nowNs);
            }
            case Acknowledgement acknowledgement when state == State.OPEN ->
                    promised(
                            acknowledgement.journaledSequence(),
                            acknowledgement.syncedSequence(),
                            nowNs);
            case ErrorMessage error -> {
                swarm.refused(error.code());
                if (error.code() == ErrorCode.JOURNAL_UNAVAILABLE
                        || error.code() == ErrorCode.TOO_MANY_AGENTS) {
                    waitNs = LONGEST_WAIT_NS / 4;
                }
                return false;
            }
            default -> {
                swarm.count(Swarm.Event.DAMAGED_ANSWER); // a piece came twice
                return false;
            }
        }
        return true;
    }

    private void promised(long journaledSequence, long syncedSequence, long nowNs) {
        if (journaledSequence > lastSequence || syncedSequence > journaledSequence) {
            swarm.violation(
                    "agent %s epoch %d: journaled=%d synced=%d of %d frames"
                            .formatted(
                                    agentId,
                                    epoch,
                                    journaledSequence,
                                    syncedSequence,
                                    lastSequence));
            return;
        }
        if (journaledSequence > journaled) {
            swarm.acknowledged(journaledSequence - journaled);
            journaled = journaledSequence;
        }
        if (probeSequence > 0 && journaledSequence >= probeSequence) {
            swarm.latency(this, nowNs - probeNs);
            probeSequence = 0;
        }
        while (synced < syncedSequence) {
            spool.remove(++synced);
        }
    }

    /// Ends the connection from this side; it comes back by itself.
    void hangUp(long nowNs) throws IOException {
        SocketChannel ended = channel;
        if (ended != null) {
            ended.close();
        }
        channel = null;
        key = null;
        state = State.AWAY;
        retryAtNs = nowNs + waitNs / 2 + swarm.random().nextLong(waitNs);
        waitNs = Math.min(LONGEST_WAIT_NS, waitNs * 2);
    }

    /// Dies in the middle of a frame, and begins anew without a memory: a new spool epoch.
    void dieInMidFrame(FrameMaker maker, long nowNs) throws IOException {
        SocketChannel dying = channel;
        if (dying != null && state == State.OPEN) {
            byte[] frame = maker.batch(lastSequence + 1, epoch);
            int part = 1 + swarm.random().nextInt(frame.length - 1);
            try {
                if (!out.hasRemaining()) {
                    dying.write(ByteBuffer.wrap(frame, 0, part));
                }
                dying.setOption(StandardSocketOptions.SO_LINGER, 0); // a reset, not a farewell
            } catch (IOException e) {
                swarm.count(Swarm.Event.DAMAGED_ANSWER); // it was cut meanwhile
            }
        }
        hangUp(nowNs);
        former.add(new Promise(agentId, epoch, journaled));
        epoch++;
        spool.clear();
        lastSequence = 0;
        journaled = 0;
        synced = 0;
        nextToSend = 1;
        probeSequence = 0;
        waitNs = SHORTEST_WAIT_NS;
    }
}
