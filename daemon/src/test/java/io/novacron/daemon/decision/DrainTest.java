package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.OperatorCommand.Verb;
import io.novacron.daemon.view.DrainRow;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Moves away from a host that is being emptied are approved in the name of who asked for that.
class DrainTest {
    private static final String NO_MEASURE = "policy: {measure: 0s}\n";

    @TempDir private Path folder;

    @Test
    void movesOfADrainAreApprovedInTheNameOfWhoAsked() {
        var desk = desk("");
        desk.tick(move(1));
        assertThat(desk.state(1)).as("nobody asked yet").isEqualTo(LifecycleState.PROPOSED);

        DrainRow drain = desk.drain(Verb.DRAIN, 1, "ann").join();
        assertThat(drain.hostName()).isEqualTo("host-1");
        assertThat(drain.who()).isEqualTo("ann");
        desk.tick(move(1));
        desk.tick();

        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
        assertThat(desk.row(1).transitions())
                .extracting(step -> step.state() + " " + step.who() + ": " + step.text())
                .contains("APPROVED ann: drain of host-1: new memory");
        assertThat(desk.vmFacts(VirtualDesk.vm(1)).host()).isEqualTo(VirtualDesk.host(2));
    }

    @Test
    void aDrainSurvivesARestartAndEndsByAWord() {
        var desk = desk("");
        desk.drain(Verb.DRAIN, 1, "ann").join();
        desk.restart();
        assertThat(desk.desk.drains())
                .containsExactlyEntriesOf(
                        Map.of(
                                VirtualDesk.host(1),
                                new Drain("ann", "new memory", desk.nowMs, desk.nowMs)));
        assertThatThrownBy(() -> desk.drain(Verb.DRAIN, 1, "bob").join())
                .hasMessageContaining("being emptied already");

        desk.drain(Verb.UNDRAIN, 1, "bob").join();
        assertThat(desk.desk.drains()).isEmpty();
        desk.tick(move(1));
        assertThat(desk.state(1)).isEqualTo(LifecycleState.PROPOSED);
        assertThatThrownBy(() -> desk.drain(Verb.UNDRAIN, 1, "bob").join())
                .hasMessageContaining("not being emptied");
    }

    @Test
    void aDrainOfLaterWaitsForItsTime() {
        var desk = desk("");
        long from = desk.nowMs + 3 * VirtualDesk.MINUTE_MS;
        assertThat(desk.drain(Verb.DRAIN, 1, from, "ann").join().fromMs()).isEqualTo(from);
        desk.ticks(2, move(1));
        assertThat(desk.state(1)).isEqualTo(LifecycleState.PROPOSED);
        desk.tick(move(1));
        assertThat(desk.sent).hasSize(1);
    }

    @Test
    void aCheckpointKnowsTheDrains() throws Exception {
        var desk = desk("");
        desk.drain(Verb.DRAIN, 1, "ann").join();
        DecisionState state = EventCodec.state(EventCodec.encode(desk.desk.state()));
        assertThat(state.drains()).isEqualTo(desk.desk.drains()).hasSize(1);
    }

    @Test
    void freezesTheKillSwitchAndTwoPersonsHoldADrainBack() {
        var frozen = desk("automation: {freeze: [\"moves: live-migrate\"]}\n");
        frozen.drain(Verb.DRAIN, 1, "ann").join();
        frozen.ticks(2, move(1)); // proposed, and confirmed
        assertThat(frozen.row(1).outcome()).contains("freeze");
        assertThat(frozen.sent).isEmpty();

        var stopped = desk("");
        stopped.drain(Verb.DRAIN, 1, "ann").join();
        stopped.use(Verb.STOP).join();
        stopped.ticks(2, move(1));
        assertThat(stopped.row(1).outcome()).contains("all automation is stopped");
        stopped.use(Verb.RESUME).join();
        stopped.tick(move(1));
        assertThat(stopped.sent).hasSize(1);

        var two = desk("automation: {two-persons: [\"moves: live-migrate\"]}\n");
        two.drain(Verb.DRAIN, 1, "ann").join();
        two.ticks(3, move(1));
        assertThat(two.state(1)).isEqualTo(LifecycleState.PROPOSED);
        assertThat(two.approve(1, "ann").isCompletedExceptionally()).isTrue();
        assertThat(two.approve(1, "bob").join().state()).isEqualTo(LifecycleState.APPROVED);
    }

    @Test
    void aCoolDownDoesNotHoldADrain() {
        var desk = desk("");
        desk.tick(desk.vcpus(1, 6));
        desk.approve(1, "ann").join();
        desk.tick();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
        desk.drain(Verb.DRAIN, 1, "ann").join();
        desk.ticks(2, move(1, 6));
        desk.tick();
        assertThat(desk.state(2)).isEqualTo(LifecycleState.KEPT);
    }

    private VirtualDesk desk(String yaml) {
        var desk = new VirtualDesk(folder, NO_MEASURE + yaml);
        desk.vms.put(VirtualDesk.vm(1), new VmFacts(VirtualDesk.host(1), 4, 1L << 30));
        desk.tick();
        return desk;
    }

    private static Proposal move(int vm) {
        return move(vm, 4);
    }

    /// From host 1 to host 2.
    private static Proposal move(int vm, int vcpus) {
        return new Proposal(
                        ActionType.LIVE_MIGRATE,
                        VirtualDesk.vm(vm),
                        "vm-" + vm,
                        VirtualDesk.host(1),
                        "host-1",
                        vcpus,
                        vcpus,
                        1L << 30,
                        1L << 30,
                        VirtualDesk.host(2),
                        "host-2",
                        "qemu+tls://two/system",
                        0.2f,
                        1,
                        "vm-%d: move from host-1 to host-2".formatted(vm),
                        "",
                        "",
                        List.of(),
                        Map.of(),
                        1,
                        "00",
                        "gbt",
                        Map.of(),
                        Map.of(),
                        0)
                .asPartOfADrain();
    }
}
