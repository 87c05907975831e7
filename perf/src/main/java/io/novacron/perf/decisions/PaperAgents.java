package io.novacron.perf.decisions;

import io.novacron.agent.Agent;
import io.novacron.agent.AgentClock;
import io.novacron.agent.AgentLog;
import io.novacron.agent.AgentParts;
import io.novacron.agent.Dialer;
import io.novacron.agent.HostDescription;
import io.novacron.agent.HostSource;
import io.novacron.agent.SelfCost;
import io.novacron.agent.spool.AgentState;
import io.novacron.agent.spool.EntityIds;
import io.novacron.agent.spool.MemorySpool;
import io.novacron.perf.decisions.PaperHypervisor.Manners;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The real agents of a [PaperFleet], one for each host: connections, spools, log of actions.
final class PaperAgents implements AutoCloseable {
    private static final Set<ActionType> ALLOWED =
            Set.of(ActionType.SET_VCPUS, ActionType.SET_MEMORY, ActionType.LIVE_MIGRATE);
    private static final long SPOOL_BYTES = 4L << 20;
    private static final long DAY_MS = Duration.ofDays(1).toMillis();
    private static final int CORES = 1_024;
    private static final long LONGEST_RETRY_MS = 200; // rounds are short

    private final List<Agent> agents = new ArrayList<>();
    private final List<AgentState> states = new ArrayList<>();

    /// @param folder where each agent keeps its spools and its log of actions; null to forget them
    /// @param interval between looks at the vms
    PaperAgents(
            PaperFleet fleet,
            int daemonPort,
            @Nullable Path folder,
            Duration interval,
            Manners manners,
            Consumer<Action> onArrival,
            AgentLog log)
            throws IOException {
        ThreadFactory threads = Thread.ofPlatform().daemon().name("agent-", 0).factory();
        long started = System.currentTimeMillis();
        for (int i = 0; i < fleet.hosts(); i++) {
            UUID host = PaperFleet.host(i);
            Path home = folder == null ? null : folder.resolve("agent-" + i);
            AgentState state =
                    home == null
                            ? null
                            : AgentState.open(
                                    home,
                                    SPOOL_BYTES,
                                    DAY_MS,
                                    "",
                                    new Random(),
                                    e -> log.warn("spool", "error", e.getMessage()));
            if (state != null) {
                states.add(state);
            }
            var parts =
                    new AgentParts(
                            host,
                            "paper",
                            state == null ? started : state.epoch(),
                            state == null ? EntityIds.inMemory() : state.entityIds(),
                            state == null ? new MemorySpool(SPOOL_BYTES) : state.data(),
                            state == null ? new MemorySpool(SPOOL_BYTES) : state.control(),
                            new PaperHost(i),
                            Map.of(),
                            new PaperHypervisor(fleet, host, manners, onArrival),
                            new NoCost(),
                            ALLOWED,
                            interval.toMillis(),
                            0,
                            i);
            agents.add(
                    new Agent(
                            parts,
                            Dialer.plain("127.0.0.1", daemonPort),
                            home,
                            AgentClock.system(),
                            log,
                            threads,
                            LONGEST_RETRY_MS));
        }
    }

    void start() {
        agents.forEach(Agent::start);
    }

    boolean areConnected() {
        return agents.stream().allMatch(Agent::isConnected);
    }

    private record PaperHost(int index) implements HostSource {
        @Override
        public HostDescription describe() {
            return new HostDescription(
                    "paper-host-" + index, CORES, 64L * CORES * PaperFleet.GIB, 0);
        }

        @Override
        public void sample(long nowNs, HostSink sink) {}

        @Override
        public void close() {}
    }

    private static final class NoCost implements SelfCost {
        @Override
        public long cpuNs() {
            return -1;
        }

        @Override
        public long rssBytes() {
            return -1;
        }
    }

    @Override
    public void close() throws IOException {
        for (Agent agent : agents) {
            agent.close();
        }
        for (AgentState state : states) {
            state.close();
        }
    }
}
