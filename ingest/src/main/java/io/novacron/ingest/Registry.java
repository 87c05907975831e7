package io.novacron.ingest;

import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetStore;
import io.novacron.ingest.fleet.FleetView;
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
import java.util.ArrayList;
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

/// Names, sizes, labels and last values of all entities in a Chronicle Map: a cache on disk that
/// answers before a replay has ended, and never the source of truth. It is written after each tick
/// by a thread of its own, from a pinned view, so that no stage waits for it.
///
/// A kill can leave a lock held in the map's file. A marker file says that it was not closed, and
/// then it is deleted and filled anew from the fleet store.
public final class Registry implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Registry.class);
    private static final String FILE = "registry.dat";
    private static final String MARKER = "registry.open";
    private static final int KEY_LENGTH = 36;
    private static final int AVERAGE_VALUE_LENGTH = 256;
    private static final int GROWTH = 2; // entries may be several times the average

    private final FleetStore store;
    private final Path marker;
    private final ChronicleMap<String, byte[]> map;
    private final List<Metric> metrics = MetricCatalogue.INSTANCE.forecastMetrics();
    private final AtomicBoolean due = new AtomicBoolean();
    private final Thread writer;
    private volatile boolean closed;

    private Registry(FleetStore store, Path marker, ChronicleMap<String, byte[]> map) {
        this.store = store;
        this.marker = marker;
        this.map = map;
        this.writer = Thread.ofPlatform().name("novacron-registry").daemon().unstarted(this::run);
    }

    static Registry open(Path directory, int maxEntities, FleetStore store) throws IOException {
        Path file = directory.resolve(FILE);
        Path marker = directory.resolve(MARKER);
        if (Files.exists(marker)) {
            LOGGER.info("registry was not closed and is rebuilt");
            Files.deleteIfExists(file);
        } else {
            Files.createFile(marker);
        }
        var map =
                ChronicleMap.of(String.class, byte[].class)
                        .name("registry")
                        .entries(maxEntities)
                        .averageKeySize(KEY_LENGTH)
                        .averageValueSize(AVERAGE_VALUE_LENGTH)
                        .maxBloatFactor(GROWTH)
                        .createPersistedTo(file.toFile());
        var registry = new Registry(store, marker, map);
        registry.writer.start();
        return registry;
    }

    /// What was known of an entity at the last tick that was written, or null. Any thread.
    public @Nullable RegistryRow find(UUID uuid) {
        byte[] value = map.get(uuid.toString());
        return value == null ? null : decode(uuid, value);
    }

    /// A tick has been published. Any thread, never waits.
    void onTick() {
        if (due.compareAndSet(false, true)) {
            LockSupport.unpark(writer);
        }
    }

    private void run() {
        while (!closed) {
            if (due.compareAndSet(true, false)) {
                try {
                    write();
                } catch (RuntimeException e) {
                    LOGGER.warn("registry was not written; it will be after the next tick", e);
                }
            } else {
                LockSupport.park(this);
            }
        }
    }

    private void write() {
        try (FleetView view = store.pin()) {
            Set<String> present = new HashSet<>();
            for (int slot = 0; slot < view.slotCount(); slot++) {
                Entity entity = view.entity(slot);
                if (entity != null) {
                    String key = entity.uuid().toString();
                    present.add(key);
                    map.put(key, encode(view, entity));
                }
            }
            map.keySet().removeIf(key -> !present.contains(key));
        }
    }

    private byte[] encode(FleetView view, Entity entity) {
        var bytes = new ByteArrayOutputStream(AVERAGE_VALUE_LENGTH);
        Entity host = view.entity(entity.hostSlot());
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(entity.kind().value());
            out.writeUTF(entity.name());
            out.writeLong(host == null ? 0 : host.uuid().getMostSignificantBits());
            out.writeLong(host == null ? 0 : host.uuid().getLeastSignificantBits());
            out.writeInt(entity.vcpus());
            out.writeLong(entity.memoryBytes());
            out.writeLong(entity.diskBytes());
            out.writeLong(view.timeMs());
            out.writeShort(entity.labels().size());
            for (Map.Entry<String, String> label : new TreeMap<>(entity.labels()).entrySet()) {
                out.writeUTF(label.getKey());
                out.writeUTF(label.getValue());
            }
            for (Metric metric : metrics) {
                out.writeFloat(view.last(metric.id(), entity.slot()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
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
        map.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return true;
    }
}
