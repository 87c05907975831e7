package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.OperatorCommand.Verb;
import io.novacron.daemon.decision.VirtualDesk.World;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of an action once the host reports its new state.
class VerificationTest {
    private static final String AUTOMATIC =
            "policy: {mode: automatic}\nautomation: {allow: [\"all: any\"]}";

    @TempDir private Path folder;

    @Test
    void anActionThatHarmsNobodyIsKeptOnceItIsMeasured() {
        var desk = desk(AUTOMATIC);
        desk.world = calm();
        desk.ticks(2, desk.vcpus(1, 3));
        assertThat(desk.state(1)).isEqualTo(LifecycleState.VERIFYING);
        assertThat(desk.notes(Note.BASELINE)).hasSize(1);
        desk.ticks(10);
        assertThat(desk.state(1)).as("still measuring").isEqualTo(LifecycleState.VERIFYING);
        desk.ticks(4);
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
        assertThat(desk.row(1).outcome()).contains("use is 40.", "at most 61.3 %");
        assertThat(desk.sent).hasSize(1);
    }

    @Test
    void anActionThatHarmsItsVmIsUndoneByItself() {
        var desk = desk(AUTOMATIC);
        long harmedMs = desk.nowMs + 3 * VirtualDesk.MINUTE_MS;
        desk.world = stealFrom(harmedMs, VirtualDesk.vm(1));
        desk.ticks(20, desk.vcpus(1, 3));
        assertThat(desk.state(1)).isEqualTo(LifecycleState.ROLLED_BACK);
        assertThat(desk.row(1).outcome()).contains("undone by decision 2", "steal of the vm rose");
        assertThat(desk.state(2)).isEqualTo(LifecycleState.KEPT);
        assertThat(desk.row(2).transitions().get(1).text()).contains("undoes decision 1");
        assertThat(desk.vmFacts(VirtualDesk.vm(1)).vcpus()).as("as it was").isEqualTo(4);
        assertThat(desk.sent).hasSize(2);
        desk.ticks(60, desk.vcpus(1, 3));
        assertThat(desk.sent).as("it is not tried again soon").hasSize(2);
    }

    @Test
    void anActionThatHarmsItsNeighboursIsUndone() {
        var desk = desk(AUTOMATIC);
        desk.vms.put(VirtualDesk.vm(7), new VmFacts(VirtualDesk.host(1), 4, 1L << 30));
        desk.world = stealFrom(desk.nowMs + 3 * VirtualDesk.MINUTE_MS, VirtualDesk.vm(7));
        desk.ticks(20, desk.vcpus(1, 8));
        assertThat(desk.state(1)).isEqualTo(LifecycleState.ROLLED_BACK);
        assertThat(desk.row(1).outcome()).contains("steal of its neighbours rose");
    }

    @Test
    void useFarOverThePromiseIsUndone() {
        var desk = desk(AUTOMATIC);
        long fromMs = desk.nowMs + 3 * VirtualDesk.MINUTE_MS;
        World calm = calm();
        desk.world =
                (entity, metric, atMs) ->
                        metric == Metrics.CPU_USAGE && atMs >= fromMs
                                ? 97
                                : calm.value(entity, metric, atMs);
        desk.ticks(20, desk.vcpus(1, 3));
        assertThat(desk.state(1)).isEqualTo(LifecycleState.ROLLED_BACK);
        assertThat(desk.row(1).outcome()).contains("use is 97.0 %", "promised");
    }

    @Test
    void withoutAutomationAPersonIsAskedToUndoIt() {
        var desk = desk("policy: {mode: recommend}");
        desk.world = stealFrom(desk.nowMs + 3 * VirtualDesk.MINUTE_MS, VirtualDesk.vm(1));
        desk.ticks(2, desk.vcpus(1, 3));
        desk.approve(1, "ann").join();
        desk.ticks(60);
        assertThat(desk.state(1)).as("not over yet").isEqualTo(LifecycleState.VERIFYING);
        assertThat(desk.state(2)).as("does not expire").isEqualTo(LifecycleState.PROPOSED);
        desk.approve(2, "ann").join();
        desk.ticks(3);
        assertThat(desk.state(1)).isEqualTo(LifecycleState.ROLLED_BACK);
    }

    @Test
    void aPersonMayKeepWhatIsWorse() {
        var desk = desk("policy: {mode: recommend}");
        desk.world = stealFrom(desk.nowMs + 3 * VirtualDesk.MINUTE_MS, VirtualDesk.vm(1));
        desk.ticks(2, desk.vcpus(1, 3));
        desk.approve(1, "ann").join();
        desk.ticks(20);
        desk.desk.submit(2, Verb.REJECT, "bob", "load test", new CompletableFuture<>());
        desk.pump();
        desk.ticks(2);
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
        assertThat(desk.row(1).outcome()).contains("kept although", "decision 2 was rejected");
    }

    @Test
    void theKillSwitchHoldsForUndoingToo() {
        var desk = desk(AUTOMATIC);
        desk.world = stealFrom(desk.nowMs + 3 * VirtualDesk.MINUTE_MS, VirtualDesk.vm(1));
        desk.ticks(3, desk.vcpus(1, 3));
        desk.use(Verb.STOP);
        desk.ticks(20);
        assertThat(desk.state(2)).isEqualTo(LifecycleState.PROPOSED);
        desk.use(Verb.RESUME);
        desk.ticks(4);
        assertThat(desk.state(1)).isEqualTo(LifecycleState.ROLLED_BACK);
    }

    @Test
    void aRestartAtAnyTickEndsTheSame() {
        for (int tick = 1; tick < 16; tick++) {
            var desk = desk(AUTOMATIC);
            desk.world = stealFrom(desk.nowMs + 3 * VirtualDesk.MINUTE_MS, VirtualDesk.vm(1));
            desk.ticks(tick, desk.vcpus(1, 3));
            desk.restart();
            desk.ticks(25, desk.vcpus(1, 3));
            assertThat(desk.state(1)).as("restart %d", tick).isEqualTo(LifecycleState.ROLLED_BACK);
            assertThat(desk.vmFacts(VirtualDesk.vm(1)).vcpus()).isEqualTo(4);
            assertThat(desk.sent.stream().map(action -> action.actionId()).distinct())
                    .as("restart %d", tick)
                    .hasSize(2);
        }
    }

    @Test
    void theInverseOfAMoveMovesBack() {
        var there = VirtualDesk.proposal(1, new VmFacts(VirtualDesk.host(1), 4, 1L << 30), 4, 0.9f);
        var move =
                new Proposal(
                        ActionType.LIVE_MIGRATE,
                        there.vmId(),
                        "vm-1",
                        VirtualDesk.host(1),
                        "one",
                        4,
                        4,
                        1L << 30,
                        1L << 30,
                        VirtualDesk.host(2),
                        "two",
                        "qemu+tls://two/system",
                        0.9f,
                        1,
                        "",
                        "",
                        "",
                        java.util.List.of(),
                        java.util.Map.of(),
                        1,
                        "00",
                        "gbt",
                        java.util.Map.of("novacron.migration-uri", "qemu+tls://one/system"),
                        java.util.Map.of(),
                        0);
        Proposal back = move.inverse(5, "why", 1);
        assertThat(back.hostId()).isEqualTo(VirtualDesk.host(2));
        assertThat(back.targetHostId()).isEqualTo(VirtualDesk.host(1));
        assertThat(back.targetUri()).isEqualTo("qemu+tls://one/system");
        assertThat(back.inverse(6, "why", 1).asksTheSameAs(move)).isTrue();
    }

    private int desks;

    private VirtualDesk desk(String yaml) {
        Path own = folder.resolve("desk-" + desks++);
        assertThat(own.toFile().mkdir()).isTrue();
        return new VirtualDesk(own, yaml);
    }

    /// A little noise, the same for the same minute.
    private static World calm() {
        return (entity, metric, atMs) -> {
            var random = new Random(atMs * 31 + metric + entity.getLeastSignificantBits());
            float noise = random.nextFloat();
            return metric == Metrics.CPU_USAGE ? 40 + noise : 1 + noise;
        };
    }

    private static World stealFrom(long fromMs, UUID vm) {
        World calm = calm();
        return (entity, metric, atMs) -> {
            boolean harmed = entity.equals(vm) && metric == Metrics.CPU_STEAL && atMs >= fromMs;
            return calm.value(entity, metric, atMs) + (harmed ? 30 : 0);
        };
    }
}
