package io.novacron.ingest.fleet;

import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Who has which slot. The fleet thread owns it; a publication gets copies.
///
/// Identity: a host is its machine id, a vm its UUID, wherever it runs and whatever its name. So a
/// vm that migrates keeps slot and history; a clone has its own UUID and starts anew; a vm defined
/// again with its old UUID before the grace period is over goes on.
final class Entities {
    static final int NONE = -1;

    /// Why a claim did not lead to a slot.
    enum Claim {
        ACCEPTED,
        CONTESTED,
        FULL
    }

    private final int maxEntities;
    private final IngestStatistics statistics;
    private final Map<UUID, Integer> slots = new HashMap<>();
    private final BitSet used = new BitSet();
    private @Nullable Entity[] entities = new @Nullable Entity[Tile.LANES];
    private int[] owners = new int[Tile.LANES];
    private int[] generations = new int[Tile.LANES];
    private long[] vanishedAtMs = new long[Tile.LANES];
    private int slotCount;
    private int vanishedCount;
    private boolean changed = true;
    private boolean slotsChanged = true;
    private @Nullable Entity[] publishedEntities = {};
    private Map<UUID, Integer> publishedSlots = Map.of();

    Entities(int maxEntities, IngestStatistics statistics) {
        this.maxEntities = maxEntities;
        this.statistics = statistics;
    }

    int slotOf(UUID uuid) {
        return slots.getOrDefault(uuid, NONE);
    }

    /// Names the present owner of a slot for ever: generation and slot in one number.
    long handle(int slot) {
        return (long) generations[slot] << Integer.SIZE | slot;
    }

    /// The slot a handle stands for, or -1 when its owner is gone.
    int slotOf(long handle) {
        int slot = (int) handle;
        boolean present =
                handle >= 0
                        && entities[slot] != null
                        && generations[slot] == (int) (handle >>> Integer.SIZE);
        return present ? slot : NONE;
    }

    @Nullable Entity entity(int slot) {
        return entities[slot];
    }

    /// The agent whose samples of this slot count.
    int owner(int slot) {
        return owners[slot];
    }

    int count() {
        return slots.size();
    }

    /// An agent's inventory lists this entity.
    Claim claim(
            int agent, int hostSlot, EntityDescription described, long timeMs, FleetStore store) {
        Integer known = slots.get(described.uuid());
        if (known == null) {
            int slot = takeSlot(store);
            if (slot == NONE) {
                statistics.increment(Counter.ENTITIES_REFUSED);
                return Claim.FULL;
            }
            slots.put(described.uuid(), slot);
            slotsChanged = true;
            owners[slot] = agent;
            generations[slot]++;
            describe(slot, hostSlot, described, timeMs);
            statistics.increment(Counter.ENTITIES_ADDED);
            return Claim.ACCEPTED;
        }
        Entity entity = Objects.requireNonNull(entities[known]);
        if (owners[known] != agent) {
            // While a vm migrates both hosts list it; it belongs to the one where it runs.
            if (!entity.vanished() && described.state() != EntityState.RUNNING) {
                statistics.increment(Counter.ENTITIES_CONTESTED);
                return Claim.CONTESTED;
            }
            owners[known] = agent;
            if (described.kind() == EntityKind.VM) {
                statistics.increment(Counter.VMS_MIGRATED);
            }
        }
        if (entity.vanished()) {
            vanishedCount--;
        }
        describe(known, hostSlot, described, entity.firstSeenMs());
        return Claim.ACCEPTED;
    }

    private void describe(int slot, int hostSlot, EntityDescription from, long firstSeenMs) {
        var next =
                new Entity(
                        slot,
                        generations[slot],
                        from.uuid(),
                        from.kind(),
                        from.name(),
                        from.kind() == EntityKind.HOST ? slot : hostSlot,
                        from.state(),
                        from.vcpus(),
                        from.maxVcpus(),
                        from.memoryBytes(),
                        from.maxMemoryBytes(),
                        from.diskBytes(),
                        from.labels(),
                        firstSeenMs,
                        false);
        if (!next.equals(entities[slot])) {
            entities[slot] = next;
            changed = true;
        }
    }

    private int takeSlot(FleetStore store) {
        if (slots.size() >= maxEntities) {
            return NONE;
        }
        int slot = used.nextClearBit(0);
        used.set(slot);
        if (slot >= entities.length) {
            int length = entities.length * 2;
            entities = Arrays.copyOf(entities, length);
            owners = Arrays.copyOf(owners, length);
            generations = Arrays.copyOf(generations, length);
            vanishedAtMs = Arrays.copyOf(vanishedAtMs, length);
        }
        if (slot < slotCount) {
            store.clear(slot); // what the former owner left
        }
        slotCount = Math.max(slotCount, slot + 1);
        return slot;
    }

    /// Its host's inventory no longer lists it.
    void vanish(int slot, long timeMs) {
        Entity entity = entities[slot];
        if (entity != null && !entity.vanished()) {
            entities[slot] = entity.vanished(true);
            vanishedAtMs[slot] = timeMs;
            vanishedCount++;
            changed = true;
        }
    }

    /// Frees the slots of those that vanished before this time.
    void free(long beforeMs) {
        for (int slot = 0; slot < slotCount && vanishedCount > 0; slot++) {
            Entity entity = entities[slot];
            if (entity != null && entity.vanished() && vanishedAtMs[slot] <= beforeMs) {
                entities[slot] = null;
                slots.remove(entity.uuid());
                used.clear(slot);
                owners[slot] = NONE;
                vanishedCount--;
                changed = true;
                slotsChanged = true;
                statistics.increment(Counter.ENTITIES_FREED);
            }
        }
    }

    /// Everything but what follows from it, for a checkpoint; by slot. The arrays are copies.
    ///
    /// @param shown the entities of the last publication
    record Slots(
            @Nullable Entity[] entities,
            @Nullable Entity[] shown,
            int[] owners,
            int[] generations,
            long[] vanishedAtMs) {}

    Slots slots() {
        return new Slots(
                Arrays.copyOf(entities, slotCount),
                publishedEntities,
                Arrays.copyOf(owners, slotCount),
                Arrays.copyOf(generations, slotCount),
                Arrays.copyOf(vanishedAtMs, slotCount));
    }

    /// Takes over what a checkpoint holds; nothing is there yet.
    void restore(Slots from) {
        slotCount = from.entities().length;
        int length = Math.max(entities.length, slotCount);
        entities = Arrays.copyOf(from.entities(), length);
        owners = Arrays.copyOf(from.owners(), length);
        generations = Arrays.copyOf(from.generations(), length);
        vanishedAtMs = Arrays.copyOf(from.vanishedAtMs(), length);
        for (int slot = 0; slot < slotCount; slot++) {
            Entity entity = entities[slot];
            if (entity != null) {
                used.set(slot);
                slots.put(entity.uuid(), slot);
                vanishedCount += entity.vanished() ? 1 : 0;
            }
        }
        publishedEntities = from.shown();
        boolean allShown = publishedEntities.length == slotCount;
        for (int slot = 0; allShown && slot < slotCount; slot++) {
            allShown = publishedEntities[slot] == entities[slot];
        }
        changed = !allShown;
        slotsChanged = !allShown;
        publishedSlots =
                Collections.unmodifiableMap(allShown ? new HashMap<>(slots) : slotsOfShown());
    }

    private Map<UUID, Integer> slotsOfShown() {
        Map<UUID, Integer> shownSlots = HashMap.newHashMap(publishedEntities.length);
        for (int slot = 0; slot < publishedEntities.length; slot++) {
            Entity entity = publishedEntities[slot];
            if (entity != null) {
                shownSlots.put(entity.uuid(), slot);
            }
        }
        return shownSlots;
    }

    /// The entities of the last publication.
    @Nullable Entity[] shown() {
        return publishedEntities;
    }

    /// The slots of the last publication.
    Map<UUID, Integer> shownSlots() {
        return publishedSlots;
    }

    int maxEntities() {
        return maxEntities;
    }

    @Nullable Entity[] publishEntities() {
        if (changed) {
            publishedEntities = Arrays.copyOf(entities, slotCount);
            changed = false;
        }
        return publishedEntities;
    }

    Map<UUID, Integer> publishSlots() {
        if (slotsChanged) {
            // not Map.copyOf: it probes one place after the other, and ids made in a row cluster
            publishedSlots = Collections.unmodifiableMap(new HashMap<>(slots));
            slotsChanged = false;
        }
        return publishedSlots;
    }
}
