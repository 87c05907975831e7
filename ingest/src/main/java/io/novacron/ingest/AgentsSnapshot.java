package io.novacron.ingest;

import io.novacron.ingest.checkpoint.CheckpointException;
import io.novacron.ingest.checkpoint.CheckpointReader;
import io.novacron.ingest.checkpoint.CheckpointWriter;
import io.novacron.ingest.checkpoint.Section;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Messages;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// Agents, sessions and stream positions as of one record, for a checkpoint.
record AgentsSnapshot(long lastSessionId, List<Row> rows) {
    private static final int LIMIT = Integer.MAX_VALUE >> 4;

    /// One agent that has said hello.
    record Row(
            int index, Hello hello, long sessionId, StreamPosition data, StreamPosition control) {}

    static AgentsSnapshot of(AgentTable agents, long lastSessionId) {
        var rows = new ArrayList<Row>();
        for (AgentEntry agent : agents.all()) {
            AppliedSession applied = agent.applied;
            Hello hello = applied.hello;
            if (hello != null) {
                var data = new StreamPosition();
                data.copyFrom(applied.data);
                var control = new StreamPosition();
                control.copyFrom(applied.control);
                rows.add(new Row(agent.index, hello, applied.sessionId, data, control));
            }
        }
        return new AgentsSnapshot(lastSessionId, rows);
    }

    void write(CheckpointWriter out) throws IOException {
        out.begin(Section.AGENTS);
        out.putLong(lastSessionId);
        out.putInt(rows.size());
        var messages = new Messages();
        var frame = new ExpandableArrayBuffer();
        for (Row row : rows) {
            out.putInt(row.index());
            int length = messages.encode(row.hello(), frame, 0);
            out.putInt(length);
            out.put(MemorySegment.ofArray(frame.byteArray()), 0, length);
            out.putLong(row.sessionId());
            row.data().write(out);
            row.control().write(out);
        }
    }

    /// Reads into a table that has nothing yet.
    ///
    /// @return the last session id given
    static long read(CheckpointReader in, AgentTable into, int maxAgents) throws IOException {
        in.begin(Section.AGENTS);
        long lastSessionId = in.getLong();
        var messages = new Messages();
        for (int left = in.getCount(LIMIT); left > 0; left--) {
            int index = in.getInt();
            byte[] frame = in.getBytes();
            Hello hello = (Hello) messages.decode(new UnsafeBuffer(frame), 0, frame.length);
            if (index < 0 || index >= maxAgents) {
                throw new CheckpointException(
                        "it holds agent %d, and fleet.max-agents=%d. Maybe raise that?"
                                .formatted(index, maxAgents));
            }
            AgentEntry agent = into.put(index, hello.agentId());
            AppliedSession applied = agent.applied;
            applied.hello = hello;
            applied.sessionId = in.getLong();
            applied.data.read(in);
            applied.control.read(in);
            agent.hello = hello;
            agent.sessionId = applied.sessionId;
            agent.data.restore(applied.data);
            agent.control.restore(applied.control);
        }
        return lastSessionId;
    }
}
