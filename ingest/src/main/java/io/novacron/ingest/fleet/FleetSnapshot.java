package io.novacron.ingest.fleet;

import io.novacron.ingest.checkpoint.CheckpointException;
import io.novacron.ingest.checkpoint.CheckpointReader;
import io.novacron.ingest.checkpoint.CheckpointWriter;
import io.novacron.ingest.checkpoint.Section;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Everything that a [Fleet] knows as of one journal record. Made by the fleet thread with
/// [Fleet#snapshot]; any one thread writes it into a checkpoint and then closes it. Equal states
/// give equal bytes.
///
/// Its memory: the tiles of one publication, which are not used again before it is closed, and the
/// rows that are written over meanwhile, at most 64 MiB.
public final class FleetSnapshot implements AutoCloseable {
    private static final int SAME = 0;
    private static final int ABSENT = 1;
    private static final int OTHER = 2;
    private static final int LIMIT = Integer.MAX_VALUE >> 4;

    private final FleetStore store;
    private final Entities.Slots slots;
    private final List<AgentInventory> inventories;
    private final StoreSnapshot tiles;

    /// What the fleet knows of one agent.
    ///
    /// @param idsAndHandles entity id, handle, entity id, …
    record AgentInventory(
            int agent,
            long spoolEpoch,
            long revision,
            long lastRecordMs,
            boolean expired,
            long lastSampleMs,
            long batchesQuarantined,
            long[] idsAndHandles) {}

    FleetSnapshot(
            FleetStore store,
            Entities.Slots slots,
            List<AgentInventory> inventories,
            StoreSnapshot tiles) {
        this.store = store;
        this.slots = slots;
        this.inventories = inventories;
        this.tiles = tiles;
    }

    /// Writes it down.
    ///
    /// @param givenUp asked now and then; true ends the writing
    /// @throws CheckpointException when it was given up, or more was written over meanwhile than is
    ///   kept
    public void write(CheckpointWriter out, BooleanSupplier givenUp) throws IOException {
        writeEntities(out);
        writeInventories(out);
        Columns[] columns = store.columns();
        var rowLengths = new int[columns.length];
        Arrays.setAll(rowLengths, i -> columns[i].rowLength());
        tiles.write(out, rowLengths, givenUp);
    }

    /// Gives back what it holds of the store. Idempotent.
    @Override
    public void close() {
        tiles.abandon();
        store.release();
    }

    private void writeEntities(CheckpointWriter out) throws IOException {
        out.begin(Section.ENTITIES);
        @Nullable Entity[] shown = slots.shown();
        out.putInt(slots.entities().length);
        out.putInt(shown.length);
        for (int slot = 0; slot < slots.entities().length; slot++) {
            Entity entity = slots.entities()[slot];
            out.putInt(slots.owners()[slot]);
            out.putInt(slots.generations()[slot]);
            out.putLong(slots.vanishedAtMs()[slot]);
            writeEntity(out, entity);
            if (slot < shown.length) {
                if (Objects.equals(shown[slot], entity)) {
                    out.putByte(SAME);
                } else {
                    out.putByte(OTHER);
                    writeEntity(out, shown[slot]);
                }
            }
        }
    }

    private static void writeEntity(CheckpointWriter out, @Nullable Entity entity)
            throws IOException {
        if (entity == null) {
            out.putByte(ABSENT);
            return;
        }
        out.putByte(OTHER);
        out.putInt(entity.generation());
        out.putLong(entity.uuid().getMostSignificantBits());
        out.putLong(entity.uuid().getLeastSignificantBits());
        out.putInt(entity.kind().value());
        out.putString(entity.name());
        out.putInt(entity.hostSlot());
        out.putInt(entity.state().value());
        out.putInt(entity.vcpus());
        out.putInt(entity.maxVcpus());
        out.putLong(entity.memoryBytes());
        out.putLong(entity.maxMemoryBytes());
        out.putLong(entity.diskBytes());
        out.putInt(entity.labels().size());
        for (Map.Entry<String, String> label : new TreeMap<>(entity.labels()).entrySet()) {
            out.putString(label.getKey());
            out.putString(label.getValue());
        }
        out.putLong(entity.firstSeenMs());
        out.putBoolean(entity.vanished());
    }

    private void writeInventories(CheckpointWriter out) throws IOException {
        out.begin(Section.INVENTORIES);
        out.putInt(inventories.size());
        for (AgentInventory inventory : inventories) {
            out.putInt(inventory.agent());
            out.putLong(inventory.spoolEpoch());
            out.putLong(inventory.revision());
            out.putLong(inventory.lastRecordMs());
            out.putBoolean(inventory.expired());
            out.putLong(inventory.lastSampleMs());
            out.putLong(inventory.batchesQuarantined());
            var sorted = new TreeMap<Long, Long>(); // the map's own order depends on its past
            long[] ids = inventory.idsAndHandles();
            for (int i = 0; i < ids.length; i += 2) {
                sorted.put(ids[i], ids[i + 1]);
            }
            out.putInt(sorted.size());
            for (Map.Entry<Long, Long> entry : sorted.entrySet()) {
                out.putLong(entry.getKey());
                out.putLong(entry.getValue());
            }
        }
    }

    static void read(
            CheckpointReader in,
            Entities entities,
            FleetStore store,
            Consumer<AgentInventory> agents,
            int maxAgents)
            throws IOException {
        readEntities(in, entities);
        readInventories(in, agents, maxAgents);
        StoreSnapshot.read(in, store, entities);
    }

    private static void readEntities(CheckpointReader in, Entities into) throws IOException {
        in.begin(Section.ENTITIES);
        int count = in.getCount(LIMIT);
        int shownCount = in.getCount(count);
        var entities = new @Nullable Entity[count];
        var shown = new @Nullable Entity[shownCount];
        var owners = new int[count];
        var generations = new int[count];
        var vanishedAtMs = new long[count];
        int present = 0;
        for (int slot = 0; slot < count; slot++) {
            owners[slot] = in.getInt();
            generations[slot] = in.getInt();
            vanishedAtMs[slot] = in.getLong();
            entities[slot] = readEntity(in, slot);
            present += entities[slot] == null ? 0 : 1;
            if (slot < shownCount) {
                shown[slot] = in.getByte() == SAME ? entities[slot] : readEntity(in, slot);
            }
        }
        if (present > into.maxEntities()) {
            throw new CheckpointException(
                    "it holds %d entities, more than fleet.max-entities=%d. Maybe raise that?"
                            .formatted(present, into.maxEntities()));
        }
        into.restore(new Entities.Slots(entities, shown, owners, generations, vanishedAtMs));
    }

    private static @Nullable Entity readEntity(CheckpointReader in, int slot) throws IOException {
        if (in.getByte() == ABSENT) {
            return null;
        }
        int generation = in.getInt();
        var uuid = new UUID(in.getLong(), in.getLong());
        EntityKind kind = EntityKind.get((short) in.getInt());
        String name = in.getString();
        int hostSlot = in.getInt();
        EntityState state = EntityState.get((short) in.getInt());
        int vcpus = in.getInt();
        int maxVcpus = in.getInt();
        long memoryBytes = in.getLong();
        long maxMemoryBytes = in.getLong();
        long diskBytes = in.getLong();
        var labels = new LinkedHashMap<String, String>();
        for (int left = in.getCount(LIMIT); left > 0; left--) {
            labels.put(in.getString(), in.getString());
        }
        long firstSeenMs = in.getLong();
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
                Map.copyOf(labels),
                firstSeenMs,
                in.getBoolean());
    }

    private static void readInventories(
            CheckpointReader in, Consumer<AgentInventory> agents, int maxAgents)
            throws IOException {
        in.begin(Section.INVENTORIES);
        for (int left = in.getCount(LIMIT); left > 0; left--) {
            int agent = in.getInt();
            if (agent < 0 || agent >= maxAgents) {
                throw new CheckpointException(
                        "it holds agent %d, and fleet.max-agents=%d. Maybe raise that?"
                                .formatted(agent, maxAgents));
            }
            long spoolEpoch = in.getLong();
            long revision = in.getLong();
            long lastRecordMs = in.getLong();
            boolean expired = in.getBoolean();
            long lastSampleMs = in.getLong();
            long batchesQuarantined = in.getLong();
            var ids = new long[2 * in.getCount(LIMIT)];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = in.getLong();
            }
            agents.accept(
                    new AgentInventory(
                            agent,
                            spoolEpoch,
                            revision,
                            lastRecordMs,
                            expired,
                            lastSampleMs,
                            batchesQuarantined,
                            ids));
        }
    }
}
