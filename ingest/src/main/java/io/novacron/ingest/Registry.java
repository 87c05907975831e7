package io.novacron.ingest;

import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetStore;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.ViewExpiredException;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.sbe.EntityKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import net.openhft.chronicle.map.ChronicleMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Names, sizes, labels and last values of all entities in a Chronicle Map: a cache on disk, and
/// never the source of truth. It is written after each tick by a thread of its own, from a pinned
/// view, so that no stage waits for it; at most every [#REFRESH_INTERVAL], however fast ticks come,
/// for writing all rows is dear beside a tick. Who is new or has changed is written each time, the
/// last values of the others in turns of [#ROWS_A_TURN]: of a large fleet they may be some minutes
/// old, and the row says how old.
///
/// A kill can leave a lock held in the map's file. A marker file says that it was not closed, and
/// then it is deleted and filled anew from the fleet store.
public final class Registry implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Registry.class);
    private static final String FILE = "registry.dat";
    private static final String MARKER = "registry.open";
    static final Duration REFRESH_INTERVAL = Duration.ofSeconds(30);
    private static final int ROWS_A_TURN = 16_384;

    private static final int KEY_LENGTH = 36;
    private static final int AVERAGE_VALUE_LENGTH = 256;
    private static final int GROWTH = 2; // entries may be several times the average

    private final FleetStore store;
    private final Path file;
    private final Path marker;
    private final int maxEntities;
    private final List<Metric> metrics = MetricCatalogue.INSTANCE.forecastMetrics();
    private final AtomicBoolean due = new AtomicBoolean();
    private final Thread writer;
    private volatile @Nullable ChronicleMap<String, byte[]> opened; // once the thread has it

    // The writer's.
    private final ByteArrayOutputStream encoded = new ByteArrayOutputStream(AVERAGE_VALUE_LENGTH);
    private final DataOutputStream out = new DataOutputStream(encoded);
    private @Nullable Row[] written = {};
    private int turn; // the slot at which the next turn begins
    private boolean pruned;

    private volatile boolean closed;

    /// Whose row of a slot is in the map.
    private record Row(Entity entity, String key) {}

    private Registry(FleetStore store, Path directory, int maxEntities) {
        this.store = store;
        this.file = directory.resolve(FILE);
        this.marker = directory.resolve(MARKER);
        this.maxEntities = maxEntities;
        this.writer = Thread.ofPlatform().name("novacron-registry").daemon().unstarted(this::run);
    }

    /// The map itself is opened by the registry's own thread after the first tick: that takes
    /// seconds in a fresh JVM, and nobody should wait for a cache.
    static Registry open(Path directory, int maxEntities, FleetStore store) {
        var registry = new Registry(store, directory, maxEntities);
        registry.writer.start();
        return registry;
    }

    private ChronicleMap<String, byte[]> openMap() throws IOException {
        if (Files.exists(marker)) {
            LOGGER.info("registry was not closed and is rebuilt");
            Files.deleteIfExists(file);
        } else {
            Files.createFile(marker);
        }
        return ChronicleMap.of(String.class, byte[].class)
                .name("registry")
                .entries(maxEntities)
                .averageKeySize(KEY_LENGTH)
                .averageValueSize(AVERAGE_VALUE_LENGTH)
                .maxBloatFactor(GROWTH)
                .createPersistedTo(file.toFile());
    }

    /// What was known of an entity at the last tick that was written, or null. Any thread.
    public @Nullable RegistryRow find(UUID uuid) {
        ChronicleMap<String, byte[]> map = opened;
        byte[] value = map == null ? null : map.get(uuid.toString());
        return value == null ? null : decode(uuid, value);
    }

    /// A tick has been published. Any thread, never waits.
    void onTick() {
        if (due.compareAndSet(false, true)) {
            LockSupport.unpark(writer);
        }
    }

    private void run() {
        while (!closed && !due.get()) {
            LockSupport.park(this);
        }
        if (closed) {
            return;
        }
        ChronicleMap<String, byte[]> map;
        try {
            map = openMap();
        } catch (IOException | RuntimeException e) {
            LOGGER.error("registry {} cannot be opened; the daemon goes on without it", file, e);
            return;
        }
        opened = map;
        while (!closed) {
            if (due.compareAndSet(true, false)) {
                refresh(map);
                long restNs = REFRESH_INTERVAL.toNanos();
                long startNs = System.nanoTime();
                while (!closed && restNs > 0) { // a tick wakes it too
                    LockSupport.parkNanos(this, restNs);
                    restNs = REFRESH_INTERVAL.toNanos() - (System.nanoTime() - startNs);
                }
            } else {
                LockSupport.park(this);
            }
        }
        if (due.get()) {
            refresh(map);
        }
    }

    private void refresh(ChronicleMap<String, byte[]> map) {
        try (FleetView view = store.pin()) {
            write(map, view);
        } catch (ViewExpiredException e) {
            LOGGER.debug("registry is written anew after the next tick", e);
            due.set(true);
        } catch (RuntimeException e) {
            LOGGER.warn("registry was not written; it will be after the next tick", e);
        }
    }

    private void write(ChronicleMap<String, byte[]> map, FleetView view) {
        removeFormer(map, view); // first: an entity may come back in another slot
        if (written.length < view.slotCount()) {
            written = Arrays.copyOf(written, view.slotCount());
        }
        int slots = view.slotCount();
        for (int slot = 0; slot < slots; slot++) {
            Entity entity = view.entity(slot);
            Row row = written[slot];
            if (entity != null && (row == null || row.entity() != entity)) {
                String key = row == null ? entity.uuid().toString() : row.key();
                written[slot] = new Row(entity, key);
                map.put(key, encode(view, entity));
            }
        }
        for (int i = 0; i < Math.min(slots, ROWS_A_TURN); i++) {
            turn = turn + 1 < slots ? turn + 1 : 0;
            Row row = written[turn];
            if (row != null) {
                map.put(row.key(), encode(view, row.entity()));
            }
        }
        if (!pruned) { // what an earlier start left
            Set<String> present = new HashSet<>();
            for (Row row : written) {
                if (row != null) {
                    present.add(row.key());
                }
            }
            map.keySet().removeIf(key -> !present.contains(key));
            pruned = true;
        }
    }

    private void removeFormer(ChronicleMap<String, byte[]> map, FleetView view) {
        for (int slot = 0; slot < written.length; slot++) {
            Row row = written[slot];
            Entity entity = view.entity(slot);
            if (row != null && (entity == null || !entity.uuid().equals(row.entity().uuid()))) {
                map.remove(row.key());
                written[slot] = null;
            }
        }
    }

    private byte[] encode(FleetView view, Entity entity) {
        encoded.reset();
        Entity host = view.entity(entity.hostSlot());
        try {
            out.writeByte(entity.kind().value());
            out.writeUTF(entity.name());
            out.writeLong(host == null ? 0 : host.uuid().getMostSignificantBits());
            out.writeLong(host == null ? 0 : host.uuid().getLeastSignificantBits());
            out.writeInt(entity.vcpus());
            out.writeLong(entity.memoryBytes());
            out.writeLong(entity.diskBytes());
            out.writeLong(view.timeMs());
            out.writeShort(entity.labels().size());
            if (!entity.labels().isEmpty()) {
                for (Map.Entry<String, String> label : new TreeMap<>(entity.labels()).entrySet()) {
                    out.writeUTF(label.getKey());
                    out.writeUTF(label.getValue());
                }
            }
            for (int i = 0; i < metrics.size(); i++) {
                out.writeFloat(view.last(metrics.get(i).id(), entity.slot()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return encoded.toByteArray();
    }

    private RegistryRow decode(UUID uuid, byte[] value) {
        try (var in = new DataInputStream(new ByteArrayInputStream(value))) {
            EntityKind kind = EntityKind.get((short) in.readUnsignedByte());
            String name = in.readUTF();
            var host = new UUID(in.readLong(), in.readLong());
            int vcpus = in.readInt();
            long memoryBytes = in.readLong();
            long diskBytes = in.readLong();
            long asOfMs = in.readLong();
            var labels = new LinkedHashMap<String, String>();
            for (int left = in.readUnsignedShort(); left > 0; left--) {
                labels.put(in.readUTF(), in.readUTF());
            }
            var last = new ArrayList<Float>();
            for (int i = 0; i < metrics.size(); i++) {
                last.add(in.readFloat());
            }
            return new RegistryRow(
                    uuid,
                    Objects.requireNonNull(kind),
                    name,
                    host,
                    vcpus,
                    memoryBytes,
                    diskBytes,
                    labels,
                    asOfMs,
                    last);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Stops the writer; what is in the map is kept.
    @Override
    public void close() {
        if (stop()) {
            try {
                Files.deleteIfExists(marker);
            } catch (IOException e) {
                LOGGER.warn("registry will be rebuilt: {} cannot be deleted", marker, e);
            }
        }
    }

    /// Leaves the marker, as a kill would.
    boolean stop() {
        if (closed) {
            return false;
        }
        closed = true;
        LockSupport.unpark(writer);
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        ChronicleMap<String, byte[]> map = opened;
        if (map != null) {
            map.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return true;
    }
}
