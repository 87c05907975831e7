package io.novacron.ingest.remotewrite;

import io.novacron.ingest.VirtualAgent;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A host whose samples come from Prometheus: its virtual agent, its entities, its scrape targets.
final class SourceHost {
    static final int HOST_ID = 0;

    final String name;
    final VirtualAgent agent;
    final SourceEntity self;
    final @Nullable ScrapeTarget[] targets;
    long lastHeardMs;
    boolean inventoryDue = true;

    private final List<SourceEntity> entities = new ArrayList<>();
    private final Map<UUID, SourceEntity> byUuid = new HashMap<>();
    private long revision;

    SourceHost(String name, VirtualAgent agent, int exporters) {
        this.name = name;
        this.agent = agent;
        this.targets = new @Nullable ScrapeTarget[exporters];
        this.self = add(EntityKind.HOST, agent.agentId(), name);
    }

    @Nullable SourceEntity find(UUID uuid) {
        return byUuid.get(uuid);
    }

    int entityCount() {
        return entities.size();
    }

    SourceEntity add(EntityKind kind, UUID uuid, String entityName) {
        var entity = new SourceEntity(entities.size(), kind, uuid, entityName);
        entities.add(entity);
        byUuid.put(uuid, entity);
        inventoryDue = true;
        return entity;
    }

    /// Every entity by its id.
    List<SourceEntity> entities() {
        return entities;
    }

    /// Whether its inventory was ever sent.
    boolean isKnown() {
        return revision > 0;
    }

    boolean hasOpenRounds() {
        for (ScrapeTarget target : targets) {
            if (target != null && target.openRounds() > 0) {
                return true;
            }
        }
        return false;
    }

    /// A vm is listed while one of its series is live, the host always.
    Inventory inventory(long timestampMs) {
        List<EntityDescription> listed = new ArrayList<>();
        for (SourceEntity entity : entities) {
            entity.listed = entity.kind == EntityKind.HOST || entity.liveSeries > 0;
            if (entity.listed) {
                listed.add(
                        new EntityDescription(
                                entity.id,
                                entity.kind,
                                EntityState.RUNNING,
                                entity.uuid,
                                entity.vcpus,
                                entity.vcpus,
                                entity.memoryBytes,
                                entity.memoryBytes,
                                entity.diskBytes,
                                Map.of(),
                                entity.name));
            }
        }
        inventoryDue = false;
        return new Inventory(agent.nextSequence(), ++revision, timestampMs, listed);
    }
}
