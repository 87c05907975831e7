package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlacementLedgerTest {
    private static final long GIB = 1L << 30;
    private static final long LIFE_MS = 60_000;

    private final PlacementLedger ledger = new PlacementLedger(PlacementPolicy.DEFAULT, 1_000);

    private static FleetProblemBuilder hosts(int count) {
        var builder =
                FleetProblem.builder(
                        Horizon.ofQuantiles(4, 0.9, 0.5, 0.9), Resource.CPU, Resource.MEMORY);
        for (int i = 0; i < count; i++) {
            builder.host("h" + i).capacity(Resource.CPU, 16).capacity(Resource.MEMORY, 64.0 * GIB);
        }
        return builder;
    }

    private static FleetProblemBuilder.Vm vm(FleetProblemBuilder builder, String id, String host) {
        return builder.vm(id)
                .on(host)
                .vcpus(4, 4)
                .memoryBytes(16 * GIB, 16 * GIB)
                .demand(Resource.CPU, 2f, 2f)
                .demand(Resource.MEMORY, 8f * GIB, 8f * GIB);
    }

    private static PlacementRequest quarter() {
        return PlacementRequest.of(4, 16 * GIB, 1)
                .withExpectedPeaks(Map.of("cpu", 2.0, "memory", 8.0 * GIB));
    }

    private PlacementLedger.@Nullable Promise promise(String vm) {
        return ledger.promise(vm, quarter(), 0, LIFE_MS);
    }

    @Test
    void neverPromisesTheSameRoomTwice() {
        ledger.publish(hosts(2).build(), 0);
        var hosts = new ArrayList<String>();
        for (int i = 0; i < 8; i++) {
            hosts.add(Objects.requireNonNull(promise("new" + i)).hostId());
        }
        assertThat(hosts).containsExactly("h0", "h1", "h0", "h1", "h0", "h1", "h0", "h1");
        assertThat(promise("one too many")).isNull();
        assertThat(ledger.promises()).hasSize(8);
        assertThat(Objects.requireNonNull(ledger.index()).place(quarter()).rejected())
                .containsExactly(new Placement.Rejected(Rejection.CAPACITY, "cpu", 2));
    }

    @Test
    void tellsTheSamePromiseAgain() {
        ledger.publish(hosts(2).build(), 0);
        assertThat(promise("new")).isNotNull().isEqualTo(promise("new"));
        assertThat(ledger.promises()).hasSize(1);
    }

    @Test
    void givesRoomBackWhenReleasedOrOver() {
        ledger.publish(hosts(1).build(), 0);
        for (int i = 0; i < 4; i++) {
            promise("new" + i);
        }
        assertThat(ledger.release("new0")).isTrue();
        assertThat(ledger.release("new0")).isFalse();
        assertThat(promise("next")).isNotNull();
        assertThat(promise("after")).isNull();
        assertThat(ledger.promise("after", quarter(), LIFE_MS, LIFE_MS)).isNotNull();
        assertThat(ledger.promises()).hasSize(1);
        assertThat(ledger.expired()).isEqualTo(4);
    }

    @Test
    void endsAPromiseWhenItsVmIsSeen() {
        ledger.publish(hosts(1).build(), 0);
        promise("new");
        promise("late");
        var builder = hosts(1);
        vm(builder, "new", "h0");
        ledger.publish(builder.build(), 1);
        assertThat(ledger.promises())
                .extracting(PlacementLedger.Promise::vm)
                .containsExactly("late");
        assertThat(promise("third")).isNotNull();
        assertThat(promise("fourth")).isNotNull();
        assertThat(promise("fifth")).isNull();
    }

    @Test
    void endsPromisesToHostsThatHaveLeft() {
        ledger.publish(hosts(2).build(), 0);
        promise("a");
        promise("b"); // on h1
        ledger.publish(hosts(1).build(), 1);
        assertThat(ledger.promises()).extracting(PlacementLedger.Promise::vm).containsExactly("a");
        assertThat(ledger.stranded()).isEqualTo(1);
    }

    @Test
    void countsPromisedVmsAmongNeighboursAndGroups() {
        var builder = hosts(3);
        vm(builder, "db0", "h2");
        builder.antiAffinity("db", "db0");
        ledger.publish(builder.build(), 0);
        var replica = quarter().withGroups(List.of(), List.of("db"));
        var first = Objects.requireNonNull(ledger.promise("db1", replica, 0, LIFE_MS));
        var second = Objects.requireNonNull(ledger.promise("db2", replica, 0, LIFE_MS));
        assertThat(List.of(first.hostId(), second.hostId())).containsExactly("h0", "h1");
        assertThat(ledger.promise("db3", replica, 0, LIFE_MS)).isNull();
        var near = quarter().withNeighbours(List.of("db2"), List.of("db1"));
        assertThat(Objects.requireNonNull(ledger.promise("web", near, 0, LIFE_MS)).hostId())
                .isEqualTo("h1");
    }

    @Test
    void refusesWithoutAViewAboveItsLimitAndForVmsThatAreThere() {
        assertThatThrownBy(() -> promise("new")).hasMessageContaining("no host is known yet");
        var builder = hosts(1);
        vm(builder, "old", "h0");
        var small = new PlacementLedger(PlacementPolicy.DEFAULT, 1);
        small.publish(builder.build(), 0);
        assertThatThrownBy(() -> small.promise("old", quarter(), 0, LIFE_MS))
                .hasMessageContaining("vm old is in the fleet already");
        small.promise("new", quarter(), 0, LIFE_MS);
        assertThatThrownBy(() -> small.promise("newer", quarter(), 0, LIFE_MS))
                .hasMessageContaining("1 promises are out, which is the limit");
    }

    /// After any promises and releases, answers are those of a fleet in which the promised vms run.
    @Property(tries = 100, seed = "20261121")
    void answersAsIfThePromisedVmsRan(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        int hosts = 1 + random.nextInt(140);
        ledger.publish(hosts(hosts).build(), 0);
        for (int i = 0; i < 200; i++) {
            if (random.nextInt(3) == 0) {
                ledger.release("new" + random.nextInt(i + 1));
            } else {
                promise("new" + i);
            }
        }
        var builder = hosts(hosts);
        for (PlacementLedger.Promise promise : ledger.promises()) {
            vm(builder, promise.vm(), promise.hostId());
        }
        var running = PlacementIndex.publish(builder.build(), PlacementPolicy.DEFAULT);
        var request =
                PlacementRequest.of(2, 4 * GIB, 64).withExpectedPeaks(quarter().expectedPeaks());

        var promised = Objects.requireNonNull(ledger.index()).place(request);

        assertThat(promised).isEqualTo(running.place(request));
    }
}
