package io.novacron.daemon.tick;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A host with vms, listed by name.
class RosterTest {
    private static final long START_MS = 1_700_006_400_000L;
    private static final UUID HOST = new UUID(1, 1);

    private final Fleet fleet =
            new Fleet(FleetConfig.DEFAULT, MetricCatalogue.INSTANCE, new IngestStatistics());
    private int ticks;

    RosterTest() {
        fleet.onSession(0, 1, START_MS);
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void vmsAreInOrderOfTheirNames() {
        Roster roster = after(Roster.EMPTY, "web", "api", "db");
        assertThat(names(roster)).containsExactly("api", "db", "web");
        assertThat(roster.vmPosition(id(2))).isEqualTo(1);
        assertThat(roster.hostPosition(HOST)).isZero();
        assertThat(roster.vmPosition(HOST)).isEqualTo(-1);
    }

    @Test
    void aTickThatChangesNothingKeepsTheRoster() {
        Roster roster = after(Roster.EMPTY, "web", "api");
        assertThat(after(roster, "web", "api")).isSameAs(roster);
    }

    @Test
    void whoComesGoesOrIsRenamedMakesAnotherOne() {
        Roster two = after(Roster.EMPTY, "web", "api");
        Roster three = after(two, "web", "api", "db");
        assertThat(names(three)).containsExactly("api", "db", "web");
        Roster renamed = after(three, "web", "zoo", "db");
        assertThat(names(renamed)).containsExactly("db", "web", "zoo");
        Roster one = after(renamed, "web");
        assertThat(names(one)).containsExactly("web");
        assertThat(one.vmPosition(id(1))).isEqualTo(-1);
    }

    @Test
    void aNameThatTwoHaveNamesNobody() {
        Roster roster = after(Roster.EMPTY, "web", "web", "db");
        assertThat(roster.byUniqueName("web")).isNull();
        assertThat(roster.byUniqueName("db")).isEqualTo(id(2));
    }

    /// The roster after an inventory of these vms and a tick.
    private Roster after(Roster before, String... names) {
        List<EntityDescription> entities = new ArrayList<>();
        entities.add(entity(0, EntityKind.HOST, HOST, "host"));
        for (int vm = 0; vm < names.length; vm++) {
            entities.add(entity(vm + 1, EntityKind.VM, id(vm), names[vm]));
        }
        long nowMs = START_MS + ++ticks * 60_000L;
        fleet.onInventory(0, new Inventory(ticks, 1, nowMs, entities), nowMs);
        fleet.onTick(ticks, nowMs);
        try (FleetView view = fleet.store().pin()) {
            return before.of(view);
        }
    }

    private List<String> names(Roster roster) {
        try (FleetView view = fleet.store().pin()) {
            return Arrays.stream(roster.vmSlots())
                    .mapToObj(slot -> Objects.requireNonNull(view.entity(slot)).name())
                    .toList();
        }
    }

    /// A vm keeps its id when it is renamed.
    private static UUID id(int vm) {
        return new UUID(2, vm);
    }

    private static EntityDescription entity(int id, EntityKind kind, UUID uuid, String name) {
        return new EntityDescription(
                id, kind, EntityState.RUNNING, uuid, 2, 4, 1L << 31, 1L << 33, 0, Map.of(), name);
    }
}
