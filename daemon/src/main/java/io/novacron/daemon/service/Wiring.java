package io.novacron.daemon.service;

import io.novacron.daemon.control.ControlServer;
import io.novacron.daemon.decision.DecisionLoop;
import io.novacron.daemon.tick.TickPipeline;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.journal.RecordType;
import io.novacron.wire.message.Outcome;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/// Carries what the journal hands back to its owners. Connected once, before the replay.
final class Wiring implements IngestListener {
    private @Nullable DecisionLoop decisions;
    private @Nullable TickPipeline pipeline;
    private volatile @Nullable ControlServer control;

    void connect(DecisionLoop loop, TickPipeline ticks) {
        decisions = loop;
        pipeline = ticks;
    }

    void connect(ControlServer server) {
        control = server;
    }

    /// Something that the faces show has changed.
    void changed() {
        ControlServer server = control;
        if (server != null) {
            server.viewPublished();
        }
    }

    @Override
    public void onTick(long tick, long timeMs, boolean replaying) {
        if (pipeline != null && !replaying) {
            pipeline.wake();
        }
    }

    @Override
    public void onRecord(
            RecordType type,
            long journalIndex,
            long timeMs,
            DirectBuffer buffer,
            int offset,
            int length,
            boolean replaying) {
        DecisionLoop loop = decisions;
        if (loop == null || (type != RecordType.DECISION && type != RecordType.COMMAND)) {
            return;
        }
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        if (type == RecordType.DECISION) {
            loop.onEvent(bytes, timeMs, replaying);
        } else {
            loop.onCommand(bytes, replaying);
        }
    }

    @Override
    public void onOutcome(UUID agentId, Outcome outcome, long timeMs, boolean replaying) {
        if (decisions != null) {
            decisions.onOutcome(agentId, outcome, timeMs, replaying);
        }
    }
}
