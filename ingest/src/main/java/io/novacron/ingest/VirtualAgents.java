package io.novacron.ingest;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/// The agents inside the daemon, and the way their frames take to the event loop.
public final class VirtualAgents {
    private final IngestServer server;
    private final AtomicLong bytesPending = new AtomicLong();
    private final Set<VirtualAgent> known = new LinkedHashSet<>();
    private final Set<VirtualAgent> starving = new LinkedHashSet<>();

    VirtualAgents(IngestServer server) {
        this.server = server;
    }

    /// An agent that says hello with its first frame. Any thread; one for each id.
    public VirtualAgent agent(UUID agentId, String hostName, String version) {
        return new VirtualAgent(this, server, agentId, hostName, version);
    }

    /// Hands frames over; those of one agent in the order of their sequences. Any thread, never
    /// waits.
    public void send(List<AgentFrame> frames) {
        for (AgentFrame frame : frames) {
            frame.delivery().expect();
            bytesPending.addAndGet(frame.frame().length);
        }
        try {
            server.execute(() -> enqueue(frames));
        } catch (RejectedExecutionException _) {
            // closed: nobody will answer for these frames
        }
    }

    /// Bytes of frames that are not journaled yet. Any thread.
    public long bytesPending() {
        return bytesPending.get();
    }

    private void enqueue(List<AgentFrame> frames) {
        Set<VirtualAgent> touched = new LinkedHashSet<>();
        for (AgentFrame frame : frames) {
            frame.agent().enqueue(frame);
            touched.add(frame.agent());
        }
        known.addAll(touched);
        touched.forEach(this::pump);
    }

    void pump(VirtualAgent agent) {
        if (!agent.pump()) {
            starving.add(agent);
        }
    }

    /// The ring has room again.
    void resume() {
        List<VirtualAgent> waiting = new ArrayList<>(starving);
        starving.clear();
        waiting.forEach(this::pump);
    }

    /// Tries again what the journal refused. Now and then.
    void sweep() {
        for (VirtualAgent agent : known) {
            agent.onNotice(); // where acknowledgements are gathered, the rest of them waits for
            // this
            pump(agent);
        }
    }

    void settled(AgentFrame frame) {
        bytesPending.addAndGet(-frame.frame().length);
    }

    void close() {
        known.forEach(VirtualAgent::farewell);
    }
}
