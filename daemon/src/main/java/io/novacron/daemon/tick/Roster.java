package io.novacron.daemon.tick;

import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Who is in the fleet, in the order in which people read it: hosts and vms by name, and where each
/// stands. A tick seldom changes any of it, so that the roster of one tick serves until somebody
/// comes, goes or is renamed: sorting a hundred thousand names costs more than everything else of a
/// published view. Immutable.
final class Roster {
    static final Roster EMPTY = new Roster(new Entity[0], List.of(), List.of());

    private static final Comparator<Entity> BY_NAME =
            Comparator.comparing(Entity::name).thenComparing(Entity::uuid);

    /// By slot, null where nobody is listed.
    private final @Nullable Entity[] listed;

    private final int[] hostSlots;
    private final int[] vmSlots;
    private final Map<UUID, Integer> hostPositions = new HashMap<>();
    private final Map<UUID, Integer> vmPositions = new HashMap<>();
    private final Map<String, UUID> uniqueNames = new HashMap<>();

    private Roster(@Nullable Entity[] listed, List<Entity> hosts, List<Entity> vms) {
        this.listed = listed;
        hostSlots = hosts.stream().mapToInt(Entity::slot).toArray();
        vmSlots = vms.stream().mapToInt(Entity::slot).toArray();
        Map<String, Integer> uses = new HashMap<>();
        index(hosts, hostPositions, uses);
        index(vms, vmPositions, uses);
        uses.forEach((name, count) -> {
            if (count > 1) {
                uniqueNames.remove(name);
            }
        });
    }

    private void index(
            List<Entity> entities, Map<UUID, Integer> positions, Map<String, Integer> uses) {
        for (int i = 0; i < entities.size(); i++) {
            Entity entity = entities.get(i);
            positions.put(entity.uuid(), i);
            uniqueNames.put(entity.name(), entity.uuid());
            uses.merge(entity.name(), 1, Integer::sum);
        }
    }

    /// The roster of a view: this one when it still holds.
    Roster of(FleetView view) {
        return holds(view) ? this : made(view);
    }

    private boolean holds(FleetView view) {
        if (view.slotCount() != listed.length) {
            return false;
        }
        for (int slot = 0; slot < listed.length; slot++) {
            Entity now = inList(view, slot);
            Entity then = listed[slot];
            if (now != then
                    && (now == null
                            || then == null
                            || now.kind() != then.kind()
                            || !now.uuid().equals(then.uuid())
                            || !now.name().equals(then.name()))) {
                return false;
            }
        }
        return true;
    }

    private static Roster made(FleetView view) {
        var listed = new Entity[view.slotCount()];
        List<Entity> hosts = new ArrayList<>();
        List<Entity> vms = new ArrayList<>();
        for (int slot = 0; slot < listed.length; slot++) {
            Entity entity = inList(view, slot);
            if (entity != null) {
                listed[slot] = entity;
                (entity.isHost() ? hosts : vms).add(entity);
            }
        }
        hosts.sort(BY_NAME);
        vms.sort(BY_NAME);
        return new Roster(listed, hosts, vms);
    }

    /// Every host; a vm while a host lists it.
    private static @Nullable Entity inList(FleetView view, int slot) {
        Entity entity = view.entity(slot);
        if (entity == null || entity.isHost()) {
            return entity;
        }
        boolean placed =
                !entity.vanished()
                        && entity.hostSlot() >= 0
                        && view.entity(entity.hostSlot()) != null;
        return entity.isVm() && placed ? entity : null;
    }

    /// Slots of hosts, by name.
    int[] hostSlots() {
        return hostSlots;
    }

    /// Slots of vms, by name.
    int[] vmSlots() {
        return vmSlots;
    }

    /// Where a host stands among the hosts; -1 when it is none.
    int hostPosition(UUID id) {
        return hostPositions.getOrDefault(id, -1);
    }

    /// Where a vm stands among the vms; -1 when it is not listed.
    int vmPosition(UUID id) {
        return vmPositions.getOrDefault(id, -1);
    }

    /// The one entity of that name; null when there is none or more than one.
    @Nullable UUID byUniqueName(String name) {
        return uniqueNames.get(name);
    }
}
