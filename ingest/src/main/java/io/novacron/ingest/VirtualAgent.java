package io.novacron.ingest;

import io.novacron.ingest.journal.RecordLayout;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.journal.SessionRecord;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.Framing;
import io.novacron.wire.message.Hello;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An agent inside the daemon, which speaks for a host whose samples come another way than through
/// an agent's connection. It keeps the rules of an agent: hello first, frames with sequences, kept
/// until they are journaled, sent again after a hello that follows a failure. So journal, dropping
/// of resends, watermarks and replay know no difference.
///
/// ```text
///  SILENT ── hello in the ring ──▶ GREETED ── hello journaled ──▶ OPEN
///     ▲                               │ not journaled               │ a frame was not journaled
///     └───────────────────────────────┴─────────────────────────────┘
/// ```
///
/// Its sequences are given out by the sender, one thread at a time; all else is the event loop's.
/// Bounded by [VirtualAgents#bytesPending], which its sender must look at.
public final class VirtualAgent implements StreamPeer {
    private static final Logger LOGGER = LoggerFactory.getLogger(VirtualAgent.class);

    private enum State {
        SILENT,
        GREETED,
        OPEN,
        ENDED
    }

    private final VirtualAgents agents;
    private final IngestServer server;
    private final UUID agentId;
    private final String hostName;
    private final String version;
    private final ArrayDeque<AgentFrame> unpublished = new ArrayDeque<>();
    private final ArrayDeque<AgentFrame> unjournaled = new ArrayDeque<>();

    // The sender's.
    private long lastSequence;

    private volatile State state = State.SILENT; // others ask whether it is open
    private volatile @Nullable AgentEntry entry;
    private @Nullable Stream stream;
    private long spoolEpoch;
    private long sessionId;

    VirtualAgent(
            VirtualAgents agents,
            IngestServer server,
            UUID agentId,
            String hostName,
            String version) {
        this.agents = agents;
        this.server = server;
        this.agentId = agentId;
        this.hostName = hostName;
        this.version = version;
    }

    // The sender's side

    /// The sequence of the next frame, from 1 on. One thread at a time.
    public long nextSequence() {
        return ++lastSequence;
    }

    /// The host it speaks for was heard of at this time: stands for a heartbeat. Any thread.
    public void heard(long timeMs) {
        AgentEntry known = entry;
        if (known != null) {
            known.lastHeartbeatMs = timeMs;
        }
    }

    public UUID agentId() {
        return agentId;
    }

    // The event loop's side

    void enqueue(AgentFrame frame) {
        if (state == State.ENDED) {
            settle(frame);
        } else {
            unpublished.add(frame);
        }
    }

    /// Does what can be done now: says hello, or puts frames into the ring.
    ///
    /// @return false when the ring has no room
    boolean pump() {
        if (state == State.SILENT && !unpublished.isEmpty() && server.journalProblem() == null) {
            return sayHello();
        }
        while (state == State.OPEN && !unpublished.isEmpty()) {
            AgentFrame next = unpublished.peek();
            int claimed = server.claim(next.frame().length);
            if (claimed == RecordRing.NO_ROOM) {
                return false;
            }
            server.ringBuffer().putBytes(claimed + RecordLayout.HEADER_LENGTH, next.frame());
            server.publish(
                    next.type(),
                    next.frame().length,
                    next.sequence(),
                    sessionId,
                    Objects.requireNonNull(stream));
            unpublished.remove();
            unjournaled.add(next);
        }
        return true;
    }

    private boolean sayHello() {
        AgentEntry known = entry;
        if (known == null) {
            known = server.agents().findOrAdd(agentId);
            if (known == null) {
                server.count(Counter.AGENTS_REFUSED);
                refuse(
                        ErrorCode.TOO_MANY_AGENTS,
                        "agents are at their limit. Maybe raise agents.max-agents?");
                return true;
            }
            Hello before = known.hello;
            // Sequences begin anew, so the spool epoch must be one that was never used.
            long atLeast = before == null ? 1 : before.spoolEpoch() + 1;
            spoolEpoch = Math.max(server.clock().millis(), atLeast);
            entry = known;
        }
        var hello =
                new Hello(
                        agentId,
                        spoolEpoch,
                        ConnectionKind.DATA,
                        Framing.PROTOCOL_VERSION,
                        Framing.PROTOCOL_VERSION,
                        0,
                        Objects.requireNonNull(unpublished.peek()).sequence(),
                        unpublished.getLast().sequence(),
                        server.clock().millis(),
                        hostName,
                        version);
        var frame = new ExpandableArrayBuffer();
        int length = server.messages().encode(hello, frame, 0);
        int payloadLength = SessionRecord.HEADER_LENGTH + length;
        int claimed = server.claim(payloadLength);
        if (claimed == RecordRing.NO_ROOM) {
            return false;
        }
        Stream begun = known.data;
        StreamPeer older = begun.connection;
        if (older != null && older != this) {
            server.count(Counter.CONNECTIONS_REPLACED);
            older.refuse(ErrorCode.REPLACED_SESSION, "an agent in the daemon took its place");
        }
        stream = begun;
        begun.connection = this;
        known.control.connection = this; // heard of, but takes no actions
        sessionId = server.nextSessionId();
        known.sessionId = sessionId;
        known.hello = hello;
        known.lastHeartbeatMs = server.clock().millis();
        state = State.GREETED;
        int payload = claimed + RecordLayout.HEADER_LENGTH;
        SessionRecord.write(
                server.ringBuffer(), payload, sessionId, begun.kind, SessionRecord.BEGIN);
        server.ringBuffer().putBytes(payload + SessionRecord.HEADER_LENGTH, frame, 0, length);
        server.publish(RecordType.SESSION, payloadLength, spoolEpoch, sessionId, begun);
        return true;
    }

    @Override
    public void onNotice() {
        Stream mine = stream;
        if (mine == null || state == State.ENDED) {
            return;
        }
        if (state == State.GREETED) {
            if (mine.answeredSession == sessionId) {
                state = State.OPEN;
                server.count(Counter.SESSIONS_STARTED);
                agents.pump(this);
            } else if (mine.answeredSession == -sessionId) {
                state = State.SILENT; // the next sweep tries again
            }
            return;
        }
        long journaled = mine.publishedJournaled;
        while (!unjournaled.isEmpty() && unjournaled.peek().sequence() <= journaled) {
            settle(unjournaled.remove());
        }
        if (mine.refused && state == State.OPEN) {
            state = State.SILENT;
            List<AgentFrame> again = new ArrayList<>(unjournaled);
            unjournaled.clear();
            for (AgentFrame frame : again.reversed()) {
                unpublished.addFirst(frame);
            }
        }
    }

    private void settle(AgentFrame frame) {
        agents.settled(frame);
        frame.delivery().settle();
    }

    @Override
    public void refuse(ErrorCode code, String text) {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        if (server.log().first(code.name(), hostName)) {
            LOGGER.warn("the agent in the daemon for {} has ended: {}: {}", hostName, code, text);
        }
        unjournaled.forEach(this::settle);
        unjournaled.clear();
        unpublished.forEach(this::settle);
        unpublished.clear();
        AgentEntry known = entry;
        if (known != null) {
            known.data.connection = known.data.connection == this ? null : known.data.connection;
            known.control.connection =
                    known.control.connection == this ? null : known.control.connection;
        }
    }

    @Override
    public void tell(ErrorCode code, long sequence, String text) {
        if (server.log().first(code.name(), hostName)) {
            LOGGER.warn("host {}: {}: {}", hostName, code, text);
        }
    }

    @Override
    public boolean open() {
        return state == State.OPEN;
    }

    /// Journals its end; what is not journaled stays with its sender.
    void farewell() {
        Stream mine = stream;
        if (mine != null && state == State.OPEN) {
            state = State.ENDED;
            server.farewell(mine, sessionId);
        }
    }
}
