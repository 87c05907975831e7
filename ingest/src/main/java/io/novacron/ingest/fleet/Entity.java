package io.novacron.ingest.fleet;

import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.util.Map;
import java.util.UUID;

/// A host or vm, as the last inventory before a tick told it.
///
/// @param slot its dense index, reused after it is gone
/// @param generation counts the slot's owners: slot and generation name an entity for ever
/// @param hostSlot the host it runs on; its own slot for a host; -1 when no host claims it
/// @param vanished whether its host no longer lists it; its slot is freed after a grace period
public record Entity(
        int slot,
        int generation,
        UUID uuid,
        EntityKind kind,
        String name,
        int hostSlot,
        EntityState state,
        int vcpus,
        int maxVcpus,
        long memoryBytes,
        long maxMemoryBytes,
        long diskBytes,
        Map<String, String> labels,
        long firstSeenMs,
        boolean vanished) {
    public boolean isHost() {
        return kind == EntityKind.HOST;
    }

    public boolean isVm() {
        return kind == EntityKind.VM;
    }

    Entity vanished(boolean gone) {
        return new Entity(
                slot,
                generation,
                uuid,
                kind,
                name,
                hostSlot,
                state,
                vcpus,
                maxVcpus,
                memoryBytes,
                maxMemoryBytes,
                diskBytes,
                labels,
                firstSeenMs,
                gone);
    }
}
