package io.novacron.agent;

import io.novacron.agent.spool.EntityIds;
import io.novacron.agent.spool.Spool;
import io.novacron.wire.sbe.ActionType;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// What an agent is made of: who it is, what it remembers, what it looks at.
///
/// @param intervalMs between samples; 0 to follow the daemon's wish
/// @param extraCapabilities bits besides those of the hypervisor
/// @param seed of the jitter in waiting times
public record AgentParts(
        UUID agentId,
        String version,
        long epoch,
        EntityIds ids,
        Spool data,
        Spool control,
        HostSource host,
        Map<String, String> hostLabels,
        Hypervisor hypervisor,
        SelfCost selfCost,
        Set<ActionType> allowed,
        long intervalMs,
        long extraCapabilities,
        long seed) {

    public AgentParts {
        hostLabels = Map.copyOf(hostLabels);
        allowed = Set.copyOf(allowed);
    }
}
