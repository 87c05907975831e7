package io.novacron.agent;

import io.novacron.agent.spool.Spool;
import io.novacron.agent.spool.SpooledFrame;
import io.novacron.wire.WireException;
import io.novacron.wire.message.Acknowledgement;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One of the agent's two connections, kept up for as long as the agent runs.
///
/// A writing thread dials, says hello, and sends what the spool holds after the daemon's journaled
/// sequence, as long as the frames that the daemon has not journaled stay below a window in bytes.
/// A reading thread lives as long as its connection: it takes acknowledgements, trims the spool at
/// *synced*, and hands everything else to the [Peer]. Neither polls: each waits for the other, the
/// spool, the socket or the peer's next message.
///
/// A frame that the daemon refuses [#MAX_REFUSALS] times is left out, or it would hold up all that
/// come after it.
final class Link implements AutoCloseable {
    static final int MAX_REFUSALS = 3;
    private static final int HANDSHAKE_TIMEOUT_MS = 10_000;
    private static final int CLOSE_TIMEOUT_MS = 2_000;

    private final ConnectionKind kind;
    private final Dialer dialer;
    private final Spool spool;
    private final Peer peer;
    private final Backoff backoff;
    private final AgentClock clock;
    private final AgentLog log;
    private final ThreadFactory threads;
    private final long windowBytes;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private final ArrayDeque<Sent> unacknowledged = new ArrayDeque<>();
    private long unacknowledgedBytes;
    private @Nullable FrameSocket connection;
    private boolean connectionLost;
    private boolean frameAdded;
    private boolean closed;
    private @Nullable Thread writer;
    private String lastTrouble = "";
    private long refusedSequence;
    private int refusals;

    private final AtomicLong framesSent = new AtomicLong();
    private final AtomicLong framesRefused = new AtomicLong();
    private final AtomicLong connects = new AtomicLong();

    private record Sent(long sequence, int length) {}

    /// What a kind of connection adds to the stream of frames. Called by the link's two threads.
    interface Peer {

        /// The first message of a connection.
        Hello hello(long firstSequence, long lastSequence);

        /// Sends what comes before the spooled frames.
        void connected(Welcome welcome, FrameSocket socket) throws IOException;

        /// Takes a message that is neither a welcome, an acknowledgement nor an error.
        void received(Message message);

        /// When [#due] wants to be called next; `Long.MAX_VALUE` for never.
        long nextDueNs();

        /// Sends a message whose time has come.
        void due(FrameSocket socket) throws IOException;

        /// How long the daemon may say nothing; 0 when it may for ever.
        int receiveTimeoutMs();

        /// The daemon said nothing for too long: its machine or the network is gone.
        void silent();
    }

    Link(
            ConnectionKind kind,
            Dialer dialer,
            Spool spool,
            Peer peer,
            Backoff backoff,
            long windowBytes,
            AgentClock clock,
            AgentLog log,
            ThreadFactory threads) {
        this.kind = kind;
        this.dialer = dialer;
        this.spool = spool;
        this.peer = peer;
        this.backoff = backoff;
        this.windowBytes = windowBytes;
        this.clock = clock;
        this.log = log;
        this.threads = threads;
        spool.onAppend(this::wakeForFrame);
    }

    void start() {
        lock.lock();
        try {
            Thread thread = threads.newThread(this::run);
            writer = thread;
            thread.start();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (!isClosed()) {
            try {
                talk();
            } catch (IOException | WireException e) {
                tellTrouble(e);
            } finally {
                drop();
            }
            if (!awaitRetry(backoff.nextMs())) {
                return;
            }
        }
    }

    /// One connection from its hello to its end.
    private void talk() throws IOException {
        var socket = new FrameSocket(dialer.dial());
        lock.lock();
        try {
            if (closed) {
                socket.close();
                return;
            }
            connection = socket;
            connectionLost = false;
        } finally {
            lock.unlock();
        }
        socket.receiveTimeout(HANDSHAKE_TIMEOUT_MS);
        socket.send(peer.hello(spool.firstSequence(), spool.lastSequence()));
        Welcome welcome = awaitWelcome(socket);
        if (welcome.journaledSequence() > spool.lastSequence()) {
            log.warn(
                    "daemon knows later frames than the spool",
                    "connection",
                    kind,
                    "journaled",
                    welcome.journaledSequence(),
                    "last",
                    spool.lastSequence());
            spool.skipPast(welcome.journaledSequence());
        }
        spool.trim(welcome.syncedSequence());
        connects.incrementAndGet();
        lastTrouble = "";
        log.info("connected", "connection", kind, "session", welcome.sessionId());
        peer.connected(welcome, socket);
        socket.receiveTimeout(peer.receiveTimeoutMs());
        threads.newThread(() -> read(socket)).start();
        write(socket, welcome);
    }

    private Welcome awaitWelcome(FrameSocket socket) throws IOException {
        Message first = socket.receive();
        if (first instanceof Welcome welcome) {
            return welcome;
        }
        if (first instanceof ErrorMessage error) {
            refused(error);
            throw new IOException("refused: %s %s".formatted(error.code(), error.text()));
        }
        throw new IOException(
                "the daemon's first message must be a welcome, not "
                        + first.getClass().getSimpleName());
    }

    private void write(FrameSocket socket, Welcome welcome) throws IOException {
        var frame = new SpooledFrame();
        long next = welcome.journaledSequence() + 1;
        boolean exhausted = false;
        while (awaitWork(exhausted)) {
            if (peer.nextDueNs() - clock.nowNs() <= 0) {
                peer.due(socket);
            }
            exhausted = false;
            while (windowOpen()) {
                if (!spool.read(next, frame)) {
                    exhausted = true;
                    break;
                }
                next = frame.sequence() + 1;
                int length = frame.bytes().limit();
                if (length > welcome.maxFrameLength() || isRefused(frame.sequence())) {
                    framesRefused.incrementAndGet();
                    log.warn("frame left out", "sequence", frame.sequence(), "length", length);
                    continue;
                }
                noteSent(frame.sequence(), length);
                socket.send(frame.bytes().array(), length);
                framesSent.incrementAndGet();
                if (peer.nextDueNs() - clock.nowNs() <= 0) {
                    break;
                }
            }
        }
    }

    /// Waits until there may be something to send.
    ///
    /// @return false when the connection is over
    private boolean awaitWork(boolean exhausted) throws IOException {
        lock.lock();
        try {
            while (!closed && !connectionLost) {
                boolean mayRead = (!exhausted || frameAdded) && unacknowledgedBytes < windowBytes;
                long dueNs = peer.nextDueNs();
                long waitNs = dueNs == Long.MAX_VALUE ? Long.MAX_VALUE : dueNs - clock.nowNs();
                if (mayRead || waitNs <= 0) {
                    frameAdded = false;
                    return true;
                }
                if (waitNs == Long.MAX_VALUE) {
                    changed.await();
                } else {
                    changed.awaitNanos(waitNs);
                }
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    private void read(FrameSocket socket) {
        try {
            boolean first = true;
            while (true) {
                Message message = socket.receive();
                if (first && !(message instanceof ErrorMessage)) {
                    backoff.reset();
                    first = false;
                }
                switch (message) {
                    case Acknowledgement acknowledgement -> acknowledged(acknowledgement);
                    case ErrorMessage error -> refused(error);
                    default -> peer.received(message);
                }
            }
        } catch (SocketTimeoutException e) {
            log.warn("daemon is silent", "connection", kind);
            peer.silent();
        } catch (IOException | WireException e) {
            if (!isClosed()) {
                tellTrouble(e);
            }
        } finally {
            socket.close();
            lost(socket);
        }
    }

    private void acknowledged(Acknowledgement acknowledgement) {
        if (acknowledgement.stream() != kind) {
            return;
        }
        lock.lock();
        try {
            while (!unacknowledged.isEmpty()
                    && unacknowledged.getFirst().sequence <= acknowledgement.journaledSequence()) {
                unacknowledgedBytes -= unacknowledged.removeFirst().length;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        spool.trim(acknowledgement.syncedSequence());
    }

    private void refused(ErrorMessage error) {
        log.warn(
                "daemon refuses",
                "connection",
                kind,
                "code",
                error.code(),
                "sequence",
                error.sequence(),
                "text",
                error.text());
        lock.lock();
        try {
            switch (error.code()) {
                case UNSUPPORTED_VERSION,
                        UNKNOWN_AGENT,
                        TOO_MANY_AGENTS,
                        REPLACED_SESSION,
                        UNAUTHENTICATED ->
                        backoff.expectLongWait();
                case BAD_MESSAGE,
                        BAD_CRC,
                        FRAME_TOO_LARGE,
                        UNKNOWN_TEMPLATE,
                        UNKNOWN_CODEC,
                        TOO_MANY_ENTITIES -> {
                    if (error.sequence() > 0) {
                        refusals = error.sequence() == refusedSequence ? refusals + 1 : 1;
                        refusedSequence = error.sequence();
                    }
                }
                default -> {}
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isRefused(long sequence) {
        lock.lock();
        try {
            return sequence == refusedSequence && refusals >= MAX_REFUSALS;
        } finally {
            lock.unlock();
        }
    }

    private boolean windowOpen() {
        lock.lock();
        try {
            return unacknowledgedBytes < windowBytes && !connectionLost && !closed;
        } finally {
            lock.unlock();
        }
    }

    private void noteSent(long sequence, int length) {
        lock.lock();
        try {
            unacknowledged.add(new Sent(sequence, length));
            unacknowledgedBytes += length;
        } finally {
            lock.unlock();
        }
    }

    private void wakeForFrame() {
        lock.lock();
        try {
            frameAdded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Has the writing thread ask its peer again when something is due.
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Gives the present connection up; the link dials again.
    void reset() {
        lock.lock();
        try {
            FrameSocket socket = connection;
            if (socket != null) {
                socket.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private void lost(FrameSocket socket) {
        lock.lock();
        try {
            if (connection == socket) {
                connectionLost = true;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void drop() {
        lock.lock();
        try {
            FrameSocket socket = connection;
            if (socket != null) {
                socket.close();
                connection = null;
            }
            unacknowledged.clear();
            unacknowledgedBytes = 0;
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitRetry(long waitMs) {
        long deadlineNs = clock.nowNs() + TimeUnit.MILLISECONDS.toNanos(waitMs);
        lock.lock();
        try {
            for (long leftNs = deadlineNs - clock.nowNs();
                    !closed && leftNs > 0;
                    leftNs = deadlineNs - clock.nowNs()) {
                changed.awaitNanos(leftNs);
            }
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// Tells the same trouble once, however often it comes back.
    private void tellTrouble(Exception e) {
        String trouble = String.valueOf(e.getMessage());
        lock.lock();
        try {
            if (closed || trouble.equals(lastTrouble)) {
                return;
            }
            lastTrouble = trouble;
        } finally {
            lock.unlock();
        }
        String code = e instanceof WireException wire ? wire.code().name() : ErrorCode.NONE.name();
        log.warn("disconnected", "connection", kind, "code", code, "error", trouble);
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    boolean isConnected() {
        lock.lock();
        try {
            return connection != null && !connectionLost;
        } finally {
            lock.unlock();
        }
    }

    long framesSent() {
        return framesSent.get();
    }

    long framesRefused() {
        return framesRefused.get();
    }

    long connects() {
        return connects.get();
    }

    @Override
    public void close() {
        Thread thread;
        lock.lock();
        try {
            closed = true;
            FrameSocket socket = connection;
            if (socket != null) {
                socket.close();
            }
            changed.signalAll();
            thread = writer;
        } finally {
            lock.unlock();
        }
        if (thread != null) {
            try {
                thread.join(CLOSE_TIMEOUT_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
