package io.novacron.ingest.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FleetTest {
    private static final long START = 1_790_035_200_000L;
    private static final int MINUTE = 60_000;
    private static final int CPU = 1;
    private static final UUID VM = new UUID(9, 1);

    private final IngestStatistics statistics = new IngestStatistics();
    private final Fleet fleet =
            new Fleet(
                    new FleetConfig(4, 100, 100, Duration.ofMinutes(5), Duration.ofHours(1)),
                    MetricCatalogue.INSTANCE,
                    statistics);
    private final Frames frames = new Frames();

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void aMigratingVmBelongsToTheHostWhereItRuns() {
        inventory(0, 1, vm(1, EntityState.RUNNING));
        inventory(1, 1, vm(7, EntityState.PAUSED));
        fleet.onTick(1, START);
        assertThat(hostOf(VM)).as("the target only prepares").isEqualTo(new UUID(8, 0));
        assertThat(statistics.get(Counter.ENTITIES_CONTESTED)).isEqualTo(1);

        inventory(1, 2, vm(7, EntityState.RUNNING));
        inventory(0, 2, vm(1, EntityState.STOPPED));
        fleet.onTick(2, START + MINUTE);
        assertThat(hostOf(VM)).isEqualTo(new UUID(8, 1));
        assertThat(statistics.get(Counter.VMS_MIGRATED)).isEqualTo(1);

        batch(0, 1, START + 2 * MINUTE, 10);
        batch(1, 7, START + 2 * MINUTE, 20);
        fleet.onTick(3, START + 2 * MINUTE);
        assertThat(last(VM)).as("only the host where it runs counts").isEqualTo(20);
        assertThat(statistics.get(Counter.SAMPLES_OF_FORMER_HOSTS)).isEqualTo(1);
    }

    @Test
    void aFreedSlotIsReusedWithoutTheFormerOwnersPast() {
        inventory(0, 1, vm(1, EntityState.RUNNING));
        batch(0, 1, START, 50);
        fleet.onTick(1, START);
        int slot = slotOf(VM);
        FleetView before = fleet.store().pin();
        inventory(0, 2);
        fleet.onTick(2, START + 4 * MINUTE);
        assertThat(slotOf(VM)).as("kept for the grace period").isEqualTo(slot);
        fleet.onTick(3, START + 9 * MINUTE);
        assertThat(slotOf(VM)).isEqualTo(-1);

        UUID next = new UUID(9, 2);
        inventory(0, 3, TestEntities.vm(2, next));
        fleet.onTick(4, START + 10 * MINUTE);
        try (FleetView view = fleet.store().pin()) {
            Entity entity = Objects.requireNonNull(view.entity(view.slotOf(next)));
            assertThat(entity.slot()).isEqualTo(slot);
            assertThat(entity.generation()).isEqualTo(2);
            var window = new float[120];
            view.copyWindow(CPU, Resolution.MINUTE, Statistic.MEAN, slot, 1, 120, window);
            assertThat(window).containsOnly(Float.NaN);
        }
        assertThatThrownBy(() -> before.last(CPU, slot)).isInstanceOf(ViewExpiredException.class);
        before.close();
    }

    @Test
    void entitiesOfASilentAgentAreFreedAfterTheRetention() {
        inventory(0, 1, vm(1, EntityState.RUNNING));
        fleet.onTick(1, START);
        fleet.onTick(2, START + 61 * MINUTE);
        fleet.onTick(3, START + 70 * MINUTE);
        assertThat(fleet.entityCount()).isZero();
        assertThat(statistics.get(Counter.ENTITIES_FREED)).isEqualTo(2);
    }

    @Test
    void anOlderInventoryIsDropped() {
        inventory(0, 5, vm(1, EntityState.RUNNING));
        inventory(0, 4);
        assertThat(fleet.entityCount()).isEqualTo(2);
        assertThat(statistics.get(Counter.INVENTORIES_STALE)).isEqualTo(1);
    }

    @Test
    void theSixtyFifthPinIsRefused() {
        List<FleetView> views = new ArrayList<>();
        for (int i = 0; i < Pins.MAX; i++) {
            views.add(fleet.store().pin());
        }
        assertThatThrownBy(fleet.store()::pin).hasMessageContaining("never closed");
        assertThat(statistics.get(Counter.VIEWS_REFUSED)).isEqualTo(1);
        views.forEach(FleetView::close);
        views.forEach(FleetView::close);
        assertThat(fleet.store().viewsPinned()).isZero();
        fleet.store().pin().close();
    }

    @Test
    void aTickThatGoesBackClosesNothingTwice() {
        inventory(0, 1, vm(1, EntityState.RUNNING));
        batch(0, 1, START, 50);
        fleet.onTick(1, START);
        fleet.onTick(2, START - 3_600_000);
        try (FleetView view = fleet.store().pin()) {
            assertThat(view.timeMs()).isEqualTo(START);
            assertThat(view.last(CPU, view.slotOf(VM))).isEqualTo(50);
        }
        assertThat(statistics.get(Counter.TICKS_OUT_OF_ORDER)).isEqualTo(1);
    }

    private UUID hostOf(UUID vm) {
        try (FleetView view = fleet.store().pin()) {
            Entity entity = Objects.requireNonNull(view.entity(view.slotOf(vm)));
            return Objects.requireNonNull(view.entity(entity.hostSlot())).uuid();
        }
    }

    private int slotOf(UUID uuid) {
        try (FleetView view = fleet.store().pin()) {
            return view.slotOf(uuid);
        }
    }

    private float last(UUID uuid) {
        try (FleetView view = fleet.store().pin()) {
            return view.last(CPU, view.slotOf(uuid));
        }
    }

    private void batch(int agent, int entityId, long timestampMs, float value) {
        UnsafeBuffer frame = frames.one(timestampMs, 10_000, entityId, CPU, value);
        fleet.onBatch(agent, frame, 0, frame.capacity(), timestampMs);
    }

    private void inventory(int agent, long revision, EntityDescription... vms) {
        var entities = new ArrayList<EntityDescription>();
        entities.add(TestEntities.host(0, new UUID(8, agent)));
        entities.addAll(List.of(vms));
        fleet.onInventory(agent, new Inventory(revision, revision, 0, entities), START);
    }

    private static EntityDescription vm(int id, EntityState state) {
        return TestEntities.of(id, EntityKind.VM, VM, state);
    }

    private static final class TestEntities {
        static EntityDescription vm(int id, UUID uuid) {
            return of(id, EntityKind.VM, uuid, EntityState.RUNNING);
        }

        static EntityDescription host(int id, UUID uuid) {
            return of(id, EntityKind.HOST, uuid, EntityState.RUNNING);
        }

        static EntityDescription of(int id, EntityKind kind, UUID uuid, EntityState state) {
            return new EntityDescription(
                    id, kind, state, uuid, 2, 4, 1, 1, 1, Map.of("a", "b"), "n" + id);
        }
    }
}
