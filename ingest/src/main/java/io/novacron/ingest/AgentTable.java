package io.novacron.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// All agents, by id and by index. The event loop adds (a replay before it starts); any thread
/// reads.
final class AgentTable {
    private final Map<UUID, AgentEntry> byId = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable AgentEntry> byIndex;
    private volatile int count;

    AgentTable(int maxAgents) {
        byIndex = new AtomicReferenceArray<>(maxAgents);
    }

    @Nullable AgentEntry find(UUID agentId) {
        return byId.get(agentId);
    }

    /// The agent with this index; it must have said hello.
    AgentEntry get(int index) {
        AgentEntry entry = find(index);
        if (entry == null) {
            throw new IllegalStateException("agent index=%d has no session".formatted(index));
        }
        return entry;
    }

    @Nullable AgentEntry find(int index) {
        return index >= 0 && index < byIndex.length() ? byIndex.get(index) : null;
    }

    /// The agent with this id, added if there is room; else null.
    @Nullable AgentEntry findOrAdd(UUID agentId) {
        AgentEntry entry = byId.get(agentId);
        if (entry == null && count < byIndex.length()) {
            entry = put(count, agentId);
        }
        return entry;
    }

    /// Puts an agent where the journal says it is.
    AgentEntry put(int index, UUID agentId) {
        AgentEntry known = find(index);
        if (known != null) {
            return known;
        }
        var entry = new AgentEntry(index, agentId);
        byIndex.set(index, entry);
        byId.put(agentId, entry);
        count = Math.max(count, index + 1);
        return entry;
    }

    int count() {
        return count;
    }

    List<AgentEntry> all() {
        var all = new ArrayList<AgentEntry>();
        for (int i = 0; i < count; i++) {
            AgentEntry entry = byIndex.get(i);
            if (entry != null) {
                all.add(entry);
            }
        }
        return all;
    }
}
