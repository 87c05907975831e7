package io.novacron.ingest;

import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.journal.SessionRecord;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.WireException;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.ErrorCode;
import java.nio.ByteOrder;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies journaled records to the fleet store and tells the listener, live and in replay alike.
/// The fleet thread owns it; at start, the thread that replays.
final class RecordApplier {
    private static final Logger LOGGER = LoggerFactory.getLogger(RecordApplier.class);
    private static final int TICK_LENGTH = 2 * Long.BYTES;

    private final Fleet fleet;
    private final AgentTable agents;
    private final IngestListener listener;
    private final IngestStatistics statistics;
    private final Messages messages = new Messages();
    private Runnable afterTick = () -> {};
    private LongConsumer afterTickRecord = _ -> {};
    private long lastOrdinal;
    private long lastSessionId;
    private @Nullable Throwable lastListenerError;

    RecordApplier(
            Fleet fleet, AgentTable agents, IngestListener listener, IngestStatistics statistics) {
        this.fleet = fleet;
        this.agents = agents;
        this.listener = listener;
        this.statistics = statistics;
    }

    /// What else is to happen after each tick, once the replay is over.
    void afterTicks(Runnable action) {
        afterTick = action;
    }

    /// What else is to happen when a tick's record has been applied and the listener has heard of
    /// it, once the replay is over; it is given the record's ordinal.
    void afterTickRecords(LongConsumer action) {
        afterTickRecord = action;
    }

    /// The last record applied, 0 when there was none.
    long lastOrdinal() {
        return lastOrdinal;
    }

    /// The last session id given in a record applied.
    long lastSessionId() {
        return lastSessionId;
    }

    /// Goes on where a checkpoint ends.
    void restore(long ordinal, long sessionId) {
        lastOrdinal = ordinal;
        lastSessionId = sessionId;
    }

    void apply(
            RecordType type,
            int source,
            long ordinal,
            long timeMs,
            long sequence,
            DirectBuffer buffer,
            int offset,
            int length,
            boolean replaying) {
        lastOrdinal = ordinal;
        try {
            switch (type) {
                case FRAME -> fleet.onBatch(source, buffer, offset, length, timeMs);
                case INVENTORY -> onInventory(source, buffer, offset, length, timeMs);
                case SESSION -> onSession(source, buffer, offset, length, timeMs);
                case OUTCOME -> onOutcome(source, buffer, offset, length, timeMs, replaying);
                case TICK_CLOSE -> onTick(buffer, offset, length, replaying);
                case ACKNOWLEDGED -> {}
                case COMMAND,
                        DECISION,
                        FORECASTS,
                        CONFIGURATION,
                        MODEL_SWITCH,
                        TICK_PLAN,
                        RESERVATION,
                        NOTE ->
                        listener.onRecord(type, ordinal, timeMs, buffer, offset, length, replaying);
            }
        } catch (WireException e) {
            statistics.increment(Counter.MESSAGES_UNDECODABLE);
            LOGGER.warn("record {} ({}) of agent {}: {}", ordinal, type, source, e.getMessage());
        } catch (RuntimeException e) {
            statistics.increment(Counter.LISTENER_ERRORS);
            if (lastListenerError == null || !e.toString().equals(lastListenerError.toString())) {
                LOGGER.error("record {} ({}) was not handled", ordinal, type, e);
            }
            lastListenerError = e;
        }
        if (source >= 0) {
            follow(type, source, sequence, buffer, offset);
        } else if (type == RecordType.TICK_CLOSE) {
            afterTickRecord.accept(ordinal);
        }
    }

    /// Keeps what a checkpoint says of agents in step with what is applied.
    private void follow(
            RecordType type, int source, long sequence, DirectBuffer buffer, int offset) {
        AgentEntry agent = agents.find(source);
        if (agent == null) {
            return;
        }
        if (type == RecordType.SESSION) {
            long sessionId = SessionRecord.sessionId(buffer, offset);
            lastSessionId = Math.max(lastSessionId, sessionId);
            if (SessionRecord.event(buffer, offset) == SessionRecord.BEGIN) {
                agent.applied.sessionId = sessionId;
                position(agent, SessionRecord.kind(buffer, offset)).begin(sequence);
            }
        } else if (sequence != 0 && type != RecordType.ACKNOWLEDGED) {
            position(agent, type == RecordType.OUTCOME ? agent.control.kind : agent.data.kind)
                    .commit(sequence);
        }
    }

    private static StreamPosition position(AgentEntry agent, int kind) {
        return kind == agent.data.kind ? agent.applied.data : agent.applied.control;
    }

    private void onInventory(int source, DirectBuffer buffer, int offset, int length, long timeMs) {
        Inventory inventory = (Inventory) messages.decode(buffer, offset, length);
        int refused = fleet.onInventory(source, inventory, timeMs);
        StreamPeer connection = agents.get(source).data.connection;
        if (refused > 0 && connection != null) {
            connection.tell(
                    ErrorCode.TOO_MANY_ENTITIES,
                    inventory.sequence(),
                    refused
                            + " entities found no room: the fleet is full. Maybe raise"
                            + " fleet.max-entities?");
        }
    }

    private void onSession(int source, DirectBuffer buffer, int offset, int length, long timeMs) {
        if (SessionRecord.event(buffer, offset) != SessionRecord.BEGIN) {
            return;
        }
        int frame = offset + SessionRecord.HEADER_LENGTH;
        Hello hello = (Hello) messages.decode(buffer, frame, length - SessionRecord.HEADER_LENGTH);
        AgentEntry entry = agents.put(source, hello.agentId());
        entry.hello = hello;
        entry.applied.hello = hello;
        if (SessionRecord.kind(buffer, offset) == entry.data.kind) {
            fleet.onSession(source, hello.spoolEpoch(), timeMs);
        }
    }

    private void onOutcome(
            int source,
            DirectBuffer buffer,
            int offset,
            int length,
            long timeMs,
            boolean replaying) {
        Outcome outcome = (Outcome) messages.decode(buffer, offset, length);
        listener.onOutcome(agents.get(source).agentId, outcome, lastOrdinal, timeMs, replaying);
    }

    private void onTick(DirectBuffer buffer, int offset, int length, boolean replaying) {
        if (length < TICK_LENGTH) {
            throw new IllegalArgumentException(
                    "tick record of %d bytes must have %d".formatted(length, TICK_LENGTH));
        }
        long tick = buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
        long timeMs = buffer.getLong(offset + Long.BYTES, ByteOrder.LITTLE_ENDIAN);
        fleet.onTick(tick, timeMs);
        afterTick.run();
        listener.onTick(tick, timeMs, replaying);
    }
}
