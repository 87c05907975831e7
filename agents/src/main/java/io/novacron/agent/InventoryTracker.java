package io.novacron.agent;

import io.novacron.agent.spool.EntityIds;
import io.novacron.agent.spool.Spool;
import io.novacron.wire.WireException;
import io.novacron.wire.message.Bounds;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Messages;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Says what there is on the host: spools a new inventory whenever it changed.
///
/// The revision of an inventory is the sequence it was first spooled with, so it grows over
/// restarts without a file of its own. The sampling thread calls [#update], any thread [#snapshot].
final class InventoryTracker {
    private final UUID hostId;
    private final Map<String, String> hostLabels;
    private final HostSource host;
    private final Hypervisor hypervisor;
    private final EntityIds ids;
    private final Spool spool;
    private final AgentLog log;
    private final Messages messages = new Messages();
    private List<EntityDescription> entities = List.of();
    private volatile @Nullable Inventory current;

    InventoryTracker(
            UUID hostId,
            Map<String, String> hostLabels,
            HostSource host,
            Hypervisor hypervisor,
            EntityIds ids,
            Spool spool,
            AgentLog log) {
        this.hostId = hostId;
        this.hostLabels = fitting(hostLabels);
        this.host = host;
        this.hypervisor = hypervisor;
        this.ids = ids;
        this.spool = spool;
        this.log = log;
    }

    /// Spools the inventory when it is not what it was.
    ///
    /// @return whether it changed
    boolean update(long nowMs) {
        List<EntityDescription> found = describe();
        if (found.equals(entities)) {
            return false;
        }
        try {
            ids.sync(); // or an id could be given twice after a power loss
            var holder = new Inventory[1];
            long sequence =
                    spool.append(
                            nowMs,
                            (next, buffer) -> {
                                holder[0] = new Inventory(next, next, nowMs, found);
                                return messages.encode(holder[0], buffer, 0);
                            });
            if (sequence == 0) {
                return false; // the spool counted it; the next interval tries again
            }
            entities = found;
            current = holder[0];
            return true;
        } catch (IOException | WireException e) {
            log.warn("inventory not spooled", "entities", found.size(), "error", e.getMessage());
            return false;
        }
    }

    /// The last inventory as an unsequenced frame for a new connection; null before the first.
    @Nullable Inventory snapshot() {
        Inventory last = current;
        return last == null
                ? null
                : new Inventory(0, last.revision(), last.timestampMs(), last.entities());
    }

    int vms() {
        Inventory last = current;
        return last == null ? 0 : Math.max(0, last.entities().size() - 1);
    }

    private List<EntityDescription> describe() {
        var found = new ArrayList<EntityDescription>();
        HostDescription description = host.describe();
        int hostEntity = ids.idOf(hostId);
        if (hostEntity != EntityIds.NONE) {
            found.add(
                    new EntityDescription(
                            hostEntity,
                            EntityKind.HOST,
                            EntityState.RUNNING,
                            hostId,
                            description.cpus(),
                            description.cpus(),
                            description.memoryBytes(),
                            description.memoryBytes(),
                            description.diskBytes(),
                            hostLabels,
                            cut(description.name())));
        }
        for (VmDescription vm : hypervisor.vms()) {
            int id = ids.idOf(vm.uuid());
            if (id != EntityIds.NONE && found.size() < Bounds.GROUP) {
                found.add(
                        new EntityDescription(
                                id,
                                EntityKind.VM,
                                vm.state(),
                                vm.uuid(),
                                vm.vcpus(),
                                vm.maxVcpus(),
                                vm.memoryBytes(),
                                vm.maxMemoryBytes(),
                                vm.diskBytes(),
                                fitting(vm.labels()),
                                cut(vm.name())));
            }
        }
        return List.copyOf(found);
    }

    private static Map<String, String> fitting(Map<String, String> labels) {
        var sorted = new TreeMap<>(labels);
        sorted.entrySet()
                .removeIf(label ->
                        length(label.getKey()) > Bounds.LABEL_KEY
                                || length(label.getValue()) > Bounds.LABEL_VALUE);
        return sorted;
    }

    private static String cut(String name) {
        String cut = name;
        while (length(cut) > Bounds.NAME) {
            cut = cut.substring(0, cut.length() - 1);
        }
        return cut;
    }

    private static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
