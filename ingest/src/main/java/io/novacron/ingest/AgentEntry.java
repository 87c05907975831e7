package io.novacron.ingest;

import io.novacron.ingest.journal.WatermarkFile;
import io.novacron.wire.message.Heartbeat;
import io.novacron.wire.message.Hello;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One agent that ever said hello. Its index is its `source` in the journal.
final class AgentEntry {
    final int index;
    final UUID agentId;
    final Stream data = new Stream(this, WatermarkFile.DATA);
    final Stream control = new Stream(this, WatermarkFile.CONTROL);

    final AppliedSession applied = new AppliedSession();

    // Written by the event loop (a replay's thread before it), read by any.
    volatile @Nullable Hello hello;
    volatile @Nullable Heartbeat heartbeat;
    volatile long sessionId;
    volatile long lastHeartbeatMs;
    volatile long clockOffsetMs;

    AgentEntry(int index, UUID agentId) {
        this.index = index;
        this.agentId = agentId;
    }

    Stream stream(int kind) {
        return kind == WatermarkFile.DATA ? data : control;
    }
}
