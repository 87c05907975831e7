package io.novacron.agent.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.agent.AgentClock;
import io.novacron.agent.AgentLog;
import io.novacron.agent.SelfCost;
import io.novacron.agent.TestDaemon;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Heartbeat;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A small fleet against a small daemon, over real connections.
class SimulationTest {
    private static final UUID NOBODY = new UUID(0, 0);
    private static final AgentLog LOG =
            new AgentLog(new PrintStream(OutputStream.nullOutputStream()), () -> 0);
    private static final SelfCost COST =
            new SelfCost() {
                @Override
                public long cpuNs() {
                    return -1;
                }

                @Override
                public long rssBytes() {
                    return -1;
                }
            };
    private final TestDaemon daemon = new TestDaemon();
    private final Simulation simulation = simulation();

    private Simulation simulation() {
        try {
            return new Simulation(
                    new Simulation.Plan(2, 8, 7, Duration.ofSeconds(1), Duration.ofHours(5)),
                    daemon.dialer(),
                    AgentClock.system(),
                    COST,
                    LOG);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        simulation.close();
        daemon.close();
    }

    private static Action action(
            long id, ActionType type, EntityDescription vm, int vcpus, long memory, UUID host) {
        return new Action(
                id,
                type,
                vm.uuid(),
                0,
                Long.MAX_VALUE,
                60_000,
                vm.vcpus(),
                vm.memoryBytes(),
                NOBODY,
                vcpus,
                memory,
                host,
                "",
                new byte[0]);
    }

    private List<EntityDescription> vmsOf(UUID host) {
        return daemon
                .received(each -> each.agent().equals(host) && each.message() instanceof Inventory)
                .stream()
                .map(each -> (Inventory) each.message())
                .reduce((_, last) -> last)
                .map(Inventory::entities)
                .orElse(List.of())
                .stream()
                .filter(each -> each.kind() == EntityKind.VM)
                .toList();
    }

    private Outcome lastOutcome(long id) {
        return daemon.messages(Outcome.class).stream()
                .filter(each -> each.actionId() == id)
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    private void awaitOutcome(long id) {
        daemon.await(
                "the outcome of " + id,
                () ->
                        daemon.messages(Outcome.class).stream()
                                .anyMatch(
                                        each -> each.actionId() == id && each.finishedAtMs() > 0));
    }

    @Test
    void sendsThePastThenThePresentWithoutLosingAFrame() {
        simulation.start();
        UUID host = simulation.fleet().hosts().getFirst().uuid();
        daemon.await(
                "live batches",
                () ->
                        daemon.received(each -> each.agent().equals(host)).stream()
                                .anyMatch(each ->
                                        each.batch() != null
                                                && each.batch().intervalMs() < 60_000));

        Map<Integer, List<TestDaemon.Batch>> byInterval =
                daemon.received(each -> each.agent().equals(host) && each.batch() != null).stream()
                        .map(TestDaemon.Received::batch)
                        .collect(Collectors.groupingBy(batch -> batch.intervalMs()));
        List<TestDaemon.Batch> coarse = byInterval.getOrDefault(History.COARSE_MS, List.of());
        List<TestDaemon.Batch> fine = byInterval.getOrDefault(History.FINE_MS, List.of());
        assertThat(coarse).as("3 hours at 5 minutes").hasSizeBetween(35, 37);
        assertThat(fine).as("2 hours at one minute").hasSizeBetween(119, 126);
        for (int i = 1; i < coarse.size(); i++) {
            assertThat(coarse.get(i).timestampMs() - coarse.get(i - 1).timestampMs())
                    .isEqualTo(History.COARSE_MS);
        }
        assertThat(fine.getFirst().timestampMs())
                .as("no gap between the two")
                .isEqualTo(coarse.getLast().timestampMs() + History.FINE_MS);
        assertThat(coarse.getFirst().samples()).as("the host and its four vms").hasSize(5);
        assertThat(coarse.getFirst().samples().get(1))
                .containsOnlyKeys(
                        Metrics.CPU_USAGE,
                        Metrics.MEMORY_USAGE,
                        Metrics.DISK_THROUGHPUT,
                        Metrics.NETWORK_THROUGHPUT);
        var catalogue = MetricCatalogue.INSTANCE.all();
        assertThat(fine.getFirst().samples().get(1))
                .as("every metric that vms have")
                .hasSize((int) catalogue.stream().filter(metric -> metric.ofVms()).count());
        assertThat(daemon.received(each -> each.agent().equals(host) && each.sequence() > 0))
                .filteredOn(each -> each.kind() == ConnectionKind.DATA)
                .extracting(TestDaemon.Received::sequence)
                .startsWith(1L, 2L, 3L)
                .doesNotHaveDuplicates()
                .isSorted();
    }

    @Test
    void changesAVmsSizeAndItsUsage() {
        simulation.start();
        UUID host = simulation.fleet().hosts().getFirst().uuid();
        daemon.await("heartbeats", () -> daemon.messages(Heartbeat.class).size() >= 2);
        daemon.await("vms", () -> vmsOf(host).size() == 4);
        EntityDescription vm = vmsOf(host).getFirst();

        daemon.send(host, action(5, ActionType.SET_VCPUS, vm, vm.maxVcpus(), 0, NOBODY));
        awaitOutcome(5);

        assertThat(lastOutcome(5).state()).isEqualTo(LifecycleState.KEPT);
        assertThat(lastOutcome(5).observedVcpus()).isEqualTo(vm.maxVcpus());
        daemon.await(
                "the new size in an inventory",
                () -> vmsOf(host).getFirst().vcpus() == vm.maxVcpus());
    }

    @Test
    void movesAVmToAnotherHost() {
        simulation.start();
        UUID from = simulation.fleet().hosts().get(0).uuid();
        UUID to = simulation.fleet().hosts().get(1).uuid();
        daemon.await("heartbeats", () -> daemon.messages(Heartbeat.class).size() >= 2);
        daemon.await("vms", () -> vmsOf(from).size() == 4);
        EntityDescription vm =
                vmsOf(from).stream()
                        .min(Comparator.comparingLong(EntityDescription::memoryBytes))
                        .orElseThrow();

        daemon.send(from, action(6, ActionType.LIVE_MIGRATE, vm, 0, 0, to));
        awaitOutcome(6);

        assertThat(lastOutcome(6).state()).isEqualTo(LifecycleState.KEPT);
        assertThat(lastOutcome(6).observedHost()).isEqualTo(to);
        daemon.await(
                "the vm in the other inventory",
                () ->
                        vmsOf(to).stream().anyMatch(each -> each.uuid().equals(vm.uuid()))
                                && vmsOf(from).stream()
                                        .noneMatch(each -> each.uuid().equals(vm.uuid())));
    }
}
