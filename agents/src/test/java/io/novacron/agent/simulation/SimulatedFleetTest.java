package io.novacron.agent.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.agent.ActionReport;
import io.novacron.agent.simulation.SimulatedFleet.Placed;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SimulatedFleetTest {
    private static final UUID NOBODY = new UUID(0, 0);
    private static final long WEDNESDAY_NOON = Instant.parse("2026-11-18T12:00:00Z").toEpochMilli();
    private static final long WEDNESDAY_NIGHT =
            Instant.parse("2026-11-18T05:30:00Z").toEpochMilli();
    private static final long FIVE_MINUTES = 300_000;

    private final AtomicLong nowMs = new AtomicLong(WEDNESDAY_NOON);
    private final SimulatedFleet fleet = fleet(7);

    /// Time goes on a little whenever somebody looks, so that no wait is for ever.
    private SimulatedFleet fleet(long seed) {
        return SimulatedFleet.create(20, 400, seed, () -> nowMs.addAndGet(20));
    }

    private static Map<UUID, Map<Integer, Float>> load(
            SimulatedFleet fleet, int host, long timeMs) {
        var load = new HostLoad(fleet.hosts().get(host));
        load.compute(fleet.placedOn(host), timeMs, FIVE_MINUTES, 3);
        var samples = new HashMap<UUID, Map<Integer, Float>>();
        UUID hostId = fleet.hosts().get(host).uuid();
        load.putHost((metric, value) -> put(samples, hostId, metric, value), true);
        load.putVms((vm, metric, value) -> put(samples, vm, metric, value), true);
        return samples;
    }

    private static void put(
            Map<UUID, Map<Integer, Float>> samples, UUID id, int metric, float value) {
        samples.computeIfAbsent(id, _ -> new HashMap<>()).put(metric, value);
    }

    private static float at(Map<UUID, Map<Integer, Float>> samples, UUID id, int metric) {
        return samples.getOrDefault(id, Map.of()).getOrDefault(metric, Float.NaN);
    }

    private List<Float> all(int metric, long timeMs, boolean hosts) {
        var values = new ArrayList<Float>();
        for (int host = 0; host < 20; host++) {
            UUID hostId = fleet.hosts().get(host).uuid();
            for (var entity : load(fleet, host, timeMs).entrySet()) {
                if (entity.getKey().equals(hostId) == hosts) {
                    values.add(entity.getValue().getOrDefault(metric, Float.NaN));
                }
            }
        }
        return values;
    }

    private static Action migrate(UUID vm, UUID to, int timeoutMs) {
        return new Action(
                1,
                ActionType.LIVE_MIGRATE,
                vm,
                0,
                Long.MAX_VALUE,
                timeoutMs,
                0,
                0,
                NOBODY,
                0,
                0,
                to,
                "",
                new byte[0]);
    }

    private static Action setVcpus(UUID vm, int expected, int target) {
        return new Action(
                1,
                ActionType.SET_VCPUS,
                vm,
                0,
                Long.MAX_VALUE,
                1_000,
                expected,
                0,
                NOBODY,
                target,
                0,
                NOBODY,
                "",
                new byte[0]);
    }

    private SimulatedHypervisor hypervisor(int host) {
        return new SimulatedHypervisor(fleet, host, new SimulatedMachine(fleet, host));
    }

    @Test
    void isTheSameForTheSameSeed() {
        SimulatedFleet twin = fleet(7);
        assertThat(twin.hosts()).isEqualTo(fleet.hosts());
        assertThat(load(twin, 3, WEDNESDAY_NOON)).isEqualTo(load(fleet, 3, WEDNESDAY_NOON));
        assertThat(load(fleet(8), 3, WEDNESDAY_NOON)).isNotEqualTo(load(fleet, 3, WEDNESDAY_NOON));
    }

    @Test
    void hasVmsThatAreTooSmallAndVmsThatAreTooLargeAtAnyHour() {
        for (long timeMs : new long[] {WEDNESDAY_NOON, WEDNESDAY_NIGHT}) {
            List<Float> usage = all(Metrics.CPU_USAGE, timeMs, false);
            assertThat(usage).hasSize(400);
            assertThat(usage.stream().filter(value -> value > 90).count())
                    .as("pegged at %d", timeMs)
                    .isBetween(8L, 70L);
            assertThat(usage.stream().filter(value -> value < 12).count())
                    .as("nearly idle at %d", timeMs)
                    .isBetween(60L, 280L);
        }
    }

    @Test
    void hasAFewHotHostsAndRoomElsewhere() {
        List<Float> usage = all(Metrics.CPU_USAGE, WEDNESDAY_NOON, true);
        assertThat(usage.stream().filter(value -> value > 85).count()).isBetween(2L, 5L);
        assertThat(usage.stream().filter(value -> value < 60).count()).isBetween(5L, 18L);
        assertThat(all(Metrics.MEMORY_USAGE, WEDNESDAY_NOON, true)).allMatch(value -> value < 95);
        for (int host = 0; host < 20; host++) {
            assertThat(fleet.freeMemoryBytes(host)).as("host %d", host).isPositive();
        }
    }

    @Test
    void showsStealOnlyWhereAHostIsFull() {
        for (int host = 0; host < 20; host++) {
            var samples = load(fleet, host, WEDNESDAY_NOON);
            UUID hostId = fleet.hosts().get(host).uuid();
            boolean full = at(samples, hostId, Metrics.CPU_USAGE) > 99.5;
            double steal =
                    fleet.placedOn(host).stream()
                            .mapToDouble(each -> at(samples, each.vm().uuid, Metrics.CPU_STEAL))
                            .sum();
            assertThat(steal > 1).as("host %d", host).isEqualTo(full);
        }
    }

    @Test
    void keepsEverySampleWithinItsCatalogue() {
        var catalogue = MetricCatalogue.INSTANCE;
        for (int host = 0; host < 20; host++) {
            load(fleet, host, WEDNESDAY_NIGHT)
                    .forEach((_, samples) ->
                            samples.forEach((metric, value) ->
                                    assertThat(
                                                    Objects.requireNonNull(catalogue.byId(metric))
                                                            .inRange(value))
                                            .as("metric %d = %f", metric, value)
                                            .isTrue()));
        }
    }

    @Test
    void keepsReplicasApart() {
        for (int host = 0; host < 20; host++) {
            List<String> groups =
                    fleet.placedOn(host).stream()
                            .map(each -> each.vm().labels.get("anti-affinity"))
                            .filter(Objects::nonNull)
                            .toList();
            assertThat(new HashSet<>(groups)).as("host %d", host).hasSameSizeAs(groups);
        }
    }

    @Test
    void showsLessUsageOnceAVmHasMoreVcpus() {
        Placed vm =
                fleet.placedOn(0).stream()
                        .filter(each ->
                                at(
                                                load(fleet, 0, WEDNESDAY_NOON),
                                                each.vm().uuid,
                                                Metrics.CPU_USAGE)
                                        > 30)
                        .findFirst()
                        .orElseThrow();
        UUID id = vm.vm().uuid;
        float before = at(load(fleet, 0, WEDNESDAY_NOON), id, Metrics.CPU_USAGE);

        ActionReport report =
                hypervisor(0).execute(setVcpus(id, vm.vcpus(), vm.vm().maxVcpus), _ -> {});

        assertThat(report.state()).isEqualTo(LifecycleState.KEPT);
        assertThat(report.observedVcpus()).isEqualTo(vm.vm().maxVcpus);
        assertThat(at(load(fleet, 0, WEDNESDAY_NOON), id, Metrics.CPU_USAGE)).isLessThan(before);
    }

    @Test
    void refusesWhatIsNotAsExpectedOrOutOfRange() {
        Placed vm = fleet.placedOn(0).getFirst();
        UUID id = vm.vm().uuid;
        assertThat(hypervisor(0).execute(setVcpus(id, vm.vcpus() + 1, 2), _ -> {}).code())
                .isEqualTo(ErrorCode.PRECONDITION_FAILED);
        assertThat(hypervisor(0).execute(setVcpus(id, vm.vcpus(), 1_000), _ -> {}).code())
                .isEqualTo(ErrorCode.OUT_OF_RANGE);
        assertThat(hypervisor(1).execute(setVcpus(id, vm.vcpus(), 2), _ -> {}).code())
                .isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(hypervisor(0).execute(migrate(id, NOBODY, 0), _ -> {}).code())
                .isEqualTo(ErrorCode.OUT_OF_RANGE);
    }

    @Test
    void takesALongerTimeToMoveMoreMemory() {
        UUID large =
                fleet.placedOn(0).stream()
                        .max(Comparator.comparingLong(Placed::memoryBytes))
                        .orElseThrow()
                        .vm()
                        .uuid;
        UUID small =
                fleet.placedOn(0).stream()
                        .min(Comparator.comparingLong(Placed::memoryBytes))
                        .orElseThrow()
                        .vm()
                        .uuid;
        long startMs = nowMs.get();
        long largeMs = fleet.migrate(large, 4) - startMs;
        long smallMs = fleet.migrate(small, 4) - startMs;
        assertThat(largeMs).isGreaterThan(smallMs);
        assertThat(smallMs).isGreaterThan(1_000);
        assertThat(fleet.placedOn(0).stream().filter(Placed::migrating)).hasSize(2);

        nowMs.addAndGet(largeMs);
        assertThat(fleet.placedOn(4)).extracting(each -> each.vm().uuid).contains(large, small);
    }

    @Test
    void doesNotKnowWhatCameOfAMigrationThatTookTooLong() {
        UUID vm = fleet.placedOn(0).getFirst().vm().uuid;
        UUID to = fleet.hosts().get(4).uuid();
        Action action = migrate(vm, to, 100);

        ActionReport report = hypervisor(0).execute(action, _ -> {});
        assertThat(report.state()).isEqualTo(LifecycleState.UNKNOWN);
        assertThat(report.code()).isEqualTo(ErrorCode.ACTION_TIMED_OUT);
        assertThat(hypervisor(0).readBack(action).state()).isEqualTo(LifecycleState.UNKNOWN);

        nowMs.addAndGet(600_000);
        assertThat(hypervisor(0).readBack(action).state()).isEqualTo(LifecycleState.KEPT);
    }

    @Test
    void namesAndNumbersEveryVmOnce() {
        List<String> names =
                IntStream.range(0, 20)
                        .boxed()
                        .flatMap(host -> fleet.placedOn(host).stream())
                        .map(each -> each.vm().name)
                        .toList();
        assertThat(names)
                .hasSize(400)
                .doesNotHaveDuplicates()
                .contains("web-03", "db-12", "batch-07");
    }
}
