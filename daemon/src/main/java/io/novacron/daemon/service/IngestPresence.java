package io.novacron.daemon.service;

import io.novacron.daemon.tick.AgentPresence;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.HostRow;
import io.novacron.ingest.AgentRow;
import io.novacron.ingest.Ingest;
import io.novacron.wire.sbe.LifecycleState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Which agents are heard: a host is online while its control connection stands and its last
/// heartbeat is no older than three intervals. Looks at the sessions at most once a second.
final class IngestPresence implements AgentPresence {
    private static final int MISSED_HEARTBEATS = 3;
    private static final long LOOK_EVERY_MS = 1_000;
    private static final long LIBVIRT_BIT = 1;

    private final Ingest ingest;
    private final Supplier<List<DecisionRow>> decisions;
    private final LongFunction<List<UUID>> draining;
    private final InstantSource clock;
    private final long patienceMs;
    private volatile Look look = new Look(0, Map.of());

    private record Look(long atMs, Map<UUID, AgentRow> agents) {}

    IngestPresence(
            Ingest ingest,
            Supplier<List<DecisionRow>> decisions,
            LongFunction<List<UUID>> draining,
            InstantSource clock,
            Duration heartbeatInterval) {
        this.ingest = ingest;
        this.decisions = decisions;
        this.draining = draining;
        this.clock = clock;
        this.patienceMs = MISSED_HEARTBEATS * heartbeatInterval.toMillis();
    }

    @Override
    public HostRow.State state(UUID host) {
        long nowMs = clock.millis();
        AgentRow agent = agents(nowMs).get(host);
        if (agent == null) {
            return HostRow.State.STALE;
        }
        boolean heard = agent.controlConnected() && nowMs - agent.lastHeartbeatMs() <= patienceMs;
        return heard ? HostRow.State.ONLINE : HostRow.State.STALE;
    }

    @Override
    public boolean hasLibvirt(UUID host) {
        AgentRow agent = agents(clock.millis()).get(host);
        return agent != null && (agent.capabilities() & LIBVIRT_BIT) != 0;
    }

    /// Until when each agent's samples go, by the daemon's clock; an agent says what is on its host
    /// before it samples it.
    ///
    /// Only for hosts of decisions that are read back: for the others nobody asks.
    @Override
    public Map<UUID, Long> reported() {
        Map<UUID, Long> reported = new HashMap<>();
        Map<UUID, AgentRow> agents = agents(clock.millis());
        for (DecisionRow decision : decisions.get()) {
            if (decision.state() == LifecycleState.UNKNOWN) {
                put(reported, agents.get(decision.hostId()));
                put(reported, agents.get(decision.targetHostId()));
            }
        }
        return reported;
    }

    @Override
    public List<UUID> draining(long tickMs) {
        return draining.apply(tickMs);
    }

    private static void put(Map<UUID, Long> reported, @Nullable AgentRow agent) {
        if (agent != null) {
            reported.put(agent.agentId(), agent.lastSampleMs() - agent.clockOffsetMs());
        }
    }

    private Map<UUID, AgentRow> agents(long nowMs) {
        Look last = look;
        if (nowMs - last.atMs() >= LOOK_EVERY_MS || last.atMs() > nowMs) {
            Map<UUID, AgentRow> agents = new HashMap<>();
            for (AgentRow agent : ingest.agents()) {
                agents.put(agent.agentId(), agent);
            }
            last = new Look(nowMs, agents);
            look = last;
        }
        return last.agents();
    }
}
