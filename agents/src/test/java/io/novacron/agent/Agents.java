package io.novacron.agent;

import io.novacron.agent.spool.EntityIds;
import io.novacron.agent.spool.MemorySpool;
import io.novacron.agent.spool.Spool;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;

/// What the tests of the agent's core share.
final class Agents {
    static final UUID ID = new UUID(1, 2);
    static final ThreadFactory THREADS = Thread.ofVirtual().name("agent-test-", 0).factory();
    static final AgentLog LOG =
            new AgentLog(new PrintStream(OutputStream.nullOutputStream()), () -> 0);
    static final SelfCost COST =
            new SelfCost() {
                @Override
                public long cpuNs() {
                    return 5_000_000;
                }

                @Override
                public long rssBytes() {
                    return 40L << 20;
                }
            };
    static final Set<ActionType> ALL =
            Set.of(ActionType.SET_VCPUS, ActionType.SET_MEMORY, ActionType.LIVE_MIGRATE);

    private Agents() {}

    static AgentParts parts(Hypervisor hypervisor, Spool data, Spool control, EntityIds ids) {
        return new AgentParts(
                ID,
                "test",
                9,
                ids,
                data,
                control,
                new FixedHost(),
                Map.of("rack", "r1"),
                hypervisor,
                COST,
                ALL,
                1_000,
                0,
                1);
    }

    static AgentParts parts(Hypervisor hypervisor) {
        return parts(
                hypervisor,
                new MemorySpool(1 << 20),
                new MemorySpool(1 << 20),
                EntityIds.inMemory());
    }

    static Action setVcpus(long id, int vm, long expiresAtMs) {
        return new Action(
                id,
                ActionType.SET_VCPUS,
                FakeHypervisor.vm(vm),
                0,
                expiresAtMs,
                5_000,
                2,
                0,
                new UUID(0, 0),
                4,
                0,
                new UUID(0, 0),
                "",
                new byte[0]);
    }
}
