package io.novacron.training.history;

import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// One host and two vms, minute by minute. The second vm reports no memory, and nothing in the
/// first ten minutes of an hour.
public final class FleetDays implements AutoCloseable {
    public static final UUID HOST = new UUID(1, 3);
    public static final UUID FIRST = new UUID(1, 2);
    public static final UUID SECOND = new UUID(1, 1);

    private static final int MINUTE_MS = 60_000;
    private static final int CPU = 1;
    private static final int MEMORY = 2;
    private static final int STEAL = 5; // has no roll-ups

    private final Fleet fleet =
            new Fleet(FleetConfig.DEFAULT, MetricCatalogue.INSTANCE, new IngestStatistics());
    private final MetricBatchWriter writer = new MetricBatchWriter();
    private final ExpandableArrayBuffer out = new ExpandableArrayBuffer();
    private long nowMs;
    private long tick;

    public FleetDays(Instant start) {
        nowMs = start.toEpochMilli();
        fleet.onSession(0, 1, nowMs);
        List<EntityDescription> entities =
                List.of(
                        describe(0, EntityKind.HOST, HOST, "host one"),
                        describe(1, EntityKind.VM, FIRST, "vm's \"one\""),
                        describe(2, EntityKind.VM, SECOND, "vm two"));
        fleet.onInventory(0, new Inventory(1, 1, 0, entities), nowMs);
    }

    private static EntityDescription describe(int id, EntityKind kind, UUID uuid, String name) {
        return new EntityDescription(
                id,
                kind,
                EntityState.RUNNING,
                uuid,
                4,
                8,
                1024,
                2048,
                4096,
                Map.of("zone", "z'1"),
                name);
    }

    /// What an entity's CPU shows in a minute that ends then; a tenth is what the store keeps.
    public static float cpu(int entity, long endMs) {
        return (endMs / MINUTE_MS % 7 + 10 * entity) / 2f;
    }

    /// Goes on to a time.
    public FleetDays until(Instant end) {
        while (nowMs < end.toEpochMilli()) {
            nowMs += MINUTE_MS;
            boolean secondIsSilent = (nowMs - 1) / MINUTE_MS % 60 < 10;
            var batch = new ColumnBatch(3, 3);
            for (int entity = 0; entity < 3; entity++) {
                batch.addEntity(entity);
            }
            batch.addMetric(CPU);
            batch.addMetric(MEMORY);
            batch.addMetric(STEAL);
            for (int entity = 0; entity < 3; entity++) {
                boolean silent = entity == 2 && secondIsSilent;
                batch.set(0, entity, silent ? Float.NaN : cpu(entity, nowMs));
                batch.set(1, entity, entity == 2 ? Float.NaN : 50);
                batch.set(2, entity, silent ? Float.NaN : 1);
            }
            int length = writer.encode(1, nowMs, MINUTE_MS, batch, out, 0);
            fleet.onBatch(0, new UnsafeBuffer(out.byteArray(), 0, length), 0, length, nowMs);
            fleet.onTick(++tick, nowMs);
        }
        return this;
    }

    public FleetView pin() {
        return fleet.store().pin();
    }

    @Override
    public void close() {
        fleet.close();
    }
}
