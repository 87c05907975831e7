package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.view.ActionRequest;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.LifecycleState;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an operator asks for goes the way of every other decision.
class RequestsTest {
    private static final long GIB = 1L << 30;
    private static final String NO_MEASURE = "policy: {measure: 0s}\n";

    @TempDir private Path folder;
    private VirtualDesk desk;

    @BeforeEach
    void open() {
        desk = desk(NO_MEASURE);
    }

    private VirtualDesk desk(String yaml) {
        var opened = new VirtualDesk(folder, yaml);
        opened.vms.put(VirtualDesk.vm(1), vm(EntityState.RUNNING));
        opened.tick();
        return opened;
    }

    private static VmFacts vm(EntityState state) {
        return new VmFacts(
                VirtualDesk.host(1),
                4,
                GIB,
                "web",
                state,
                8,
                4 * GIB,
                Map.of(VmSetting.CPU_QUOTA.label(), "none", VmSetting.VCPU_PINS.label(), "any"));
    }

    @Test
    void aQuotaIsProposedApprovedSentAndKept() {
        DecisionRow approved = desk.ask(setting(ActionType.SET_CPU_QUOTA, "2000m"), "ann").join();

        assertThat(approved.state()).isEqualTo(LifecycleState.APPROVED);
        assertThat(approved.summary()).isEqualTo("web: cpu-quota none → 2000m");
        assertThat(approved.requestedBy()).isEqualTo("ann");
        Action action = desk.sent.getFirst();
        assertThat(action.expectedSetting()).isEqualTo("none");
        assertThat(action.targetSetting()).isEqualTo("2000m");
        desk.tick();
        DecisionRow kept = desk.row(approved.id());
        assertThat(kept.state()).isEqualTo(LifecycleState.KEPT);
        assertThat(kept.transitions())
                .extracting(step -> step.state() + " " + step.who())
                .startsWith("PROPOSED novacron", "APPROVED ann", "DISPATCHED novacron");
        assertThat(desk.desk.tracks(desk.nowMs).getFirst().vcpusFreed())
                .as("a quota frees what it takes away")
                .isEqualTo(2);
    }

    @Test
    void aStopIsUndoneByAStart() {
        long id = desk.ask(request(ActionType.STOP), "ann").join().id();
        desk.tick();
        assertThat(desk.state(id)).isEqualTo(LifecycleState.KEPT);
        Proposal inverse = proposal(id).inverse(id, "needed after all", 9);
        assertThat(inverse.type()).isEqualTo(ActionType.START);
        assertRefused(desk.ask(request(ActionType.STOP), "ann"), "is off. Maybe start it first?");
        assertThat(desk.ask(request(ActionType.START), "ann").join().state())
                .isEqualTo(LifecycleState.APPROVED);
    }

    @Test
    void theInverseOfASettingIsWhatItWas() {
        long id = desk.ask(setting(ActionType.PIN_VCPUS, "0-1"), "ann").join().id();
        Proposal inverse = proposal(id).inverse(id, "worse", 9);
        assertThat(inverse.change().fromSetting()).isEqualTo("0-1");
        assertThat(inverse.change().toSetting()).isEqualTo("any");
        assertThat(inverse.isRequested()).isFalse();
    }

    @Test
    void aMigrationSaysWhatItTakesAndHasTimeForIt() {
        desk.vms.put(
                VirtualDesk.vm(1),
                new VmFacts(
                        VirtualDesk.host(1),
                        4,
                        64 * GIB,
                        "db",
                        EntityState.RUNNING,
                        8,
                        0,
                        Map.of()));
        DecisionRow row = desk.ask(migrate(VirtualDesk.host(2)), "ann").join();
        assertThat(row.cost())
                .matches("about \\d+\\.\\d s, of which \\d\\.\\d\\d s without the vm");
        Action action = desk.sent.getFirst();
        assertThat(action.targetUri()).isEqualTo("qemu+tls://there/system");
        double expectedMs = 1_000 * proposal(row.id()).figures().getOrDefault("duration", 0.0);
        assertThat(expectedMs).as("64 GiB over a gigabit link").isGreaterThan(500_000);
        assertThat((double) action.timeoutMs()).isBetween(2.9 * expectedMs, 3.1 * expectedMs);
        assertThat(action.expiresAtMs() - action.issuedAtMs()).isEqualTo(action.timeoutMs());
    }

    @Test
    void theSecondOfTwoContradictingRequestsIsRefused() {
        desk.agentsAct = false;
        long first = desk.ask(vcpus(6), "ann").join().id();
        assertRefused(
                desk.ask(vcpus(2), "bob"),
                "decision id=%d on vm web is DISPATCHED".formatted(first));
        assertRefused(desk.ask(migrate(VirtualDesk.host(2)), "bob"), "Maybe wait for its end");
        desk.agentsAct = true;
        desk.act();
        desk.tick();
        assertThat(desk.state(first)).isEqualTo(LifecycleState.KEPT);
        assertThat(desk.sent).hasSize(1);
    }

    @Test
    void aPersonNeedNotWaitUntilTheLastEffectIsMeasured() {
        desk = new VirtualDesk(folder, "policy: {measure: 10m}\n");
        desk.vms.put(VirtualDesk.vm(1), vm(EntityState.RUNNING));
        desk.world = (_, _, _) -> 30;
        desk.tick();
        long first = desk.ask(vcpus(6), "ann").join().id();
        desk.ticks(2);
        assertThat(desk.state(first)).as("measured").isEqualTo(LifecycleState.VERIFYING);

        long second = desk.ask(setting(ActionType.SET_CPU_QUOTA, "1000m"), "bob").join().id();

        assertThat(desk.state(first)).isEqualTo(LifecycleState.KEPT);
        assertThat(desk.row(first).outcome()).contains("not measured, for bob asks for");
        assertThat(desk.desk.tracks(desk.nowMs).getFirst().measured()).isZero();
        desk.tick();
        assertThat(desk.state(second))
                .as("who limits a vm wants it to have less")
                .isEqualTo(LifecycleState.KEPT);
    }

    @Test
    void whatCannotBeIsRefusedBeforeItIsProposed() {
        int events = desk.events.size();
        assertRefused(desk.ask(vcpus(9), "ann"), "vcpus=9 must be in [1, 8]");
        assertRefused(desk.ask(vcpus(4), "ann"), "vcpus=4 is what the vm has already");
        assertRefused(
                desk.ask(setting(ActionType.SET_CPU_QUOTA, "none"), "ann"), "is none already");
        assertRefused(
                desk.ask(setting(ActionType.SET_CPU_SHARES, "512"), "ann"),
                "does not tell its novacron.cpu-shares");
        assertRefused(desk.ask(request(ActionType.START), "ann"), "vm web is not off");
        assertRefused(desk.ask(migrate(VirtualDesk.host(1)), "ann"), "on that host already");
        assertRefused(desk.ask(migrate(new UUID(9, 9)), "ann"), "is not known");
        assertRefused(desk.ask(vcpus(6), "policy night"), "a name of the daemon's own");
        assertThat(desk.events).hasSize(events);
    }

    @Test
    void freezesHoldAndTwoPersonsAreTwo() {
        desk = desk(NO_MEASURE + "automation: {freeze: [\"sizes: set-vcpus\"]}\n");
        assertRefused(desk.ask(vcpus(6), "ann"), "held back by automation.freeze");

        desk = desk(NO_MEASURE + "automation: {two-persons: [\"off: stop\"]}\n");
        DecisionRow waits = desk.ask(request(ActionType.STOP), "ann").join();
        assertThat(waits.state()).isEqualTo(LifecycleState.PROPOSED);
        assertThat(desk.sent).isEmpty();
        assertThat(desk.approve(waits.id(), "ann").isCompletedExceptionally()).isTrue();
        assertThat(desk.approve(waits.id(), "bob").join().state())
                .isEqualTo(LifecycleState.APPROVED);
        assertThat(desk.sent).hasSize(1);
    }

    @Test
    void aPersonsWordSupersedesAdviceAndIsNotSuperseded() {
        desk.tick(desk.vcpus(1, 2));
        long advised = desk.desk.book().lastId();
        assertThat(desk.state(advised)).isEqualTo(LifecycleState.PROPOSED);
        DecisionRow asked = desk.ask(vcpus(6), "ann").join();
        assertThat(desk.state(advised)).isEqualTo(LifecycleState.SUPERSEDED);
        desk.tick(desk.vcpus(1, 3));
        assertThat(desk.state(asked.id())).isEqualTo(LifecycleState.KEPT);
    }

    @Test
    void aRestartBetweenRequestAndApprovalLosesNothingAndDoesNothingTwice() {
        desk.agentsAct = false;
        DecisionRow row = desk.ask(vcpus(6), "ann").join();
        desk.restart();
        assertThat(desk.state(row.id())).isEqualTo(LifecycleState.DISPATCHED);
        desk.tick();
        assertThat(desk.sent).as("sent again, under the same id").hasSize(2);
        assertThat(desk.sent.getLast().actionId()).isEqualTo(row.id());
        desk.act();
        desk.tick();
        assertThat(desk.state(row.id())).isEqualTo(LifecycleState.KEPT);
    }

    private Proposal proposal(long id) {
        Decision decision = desk.desk.book().get(id);
        if (decision == null) {
            throw new AssertionError(id);
        }
        return decision.proposal();
    }

    private static void assertRefused(CompletableFuture<DecisionRow> answer, String why) {
        assertThatThrownBy(answer::join).hasMessageContaining(why);
    }

    private static ActionRequest vcpus(int vcpus) {
        return request(ActionType.SET_VCPUS, vcpus, "", null);
    }

    private static ActionRequest setting(ActionType type, String setting) {
        return request(type, 0, setting, null);
    }

    private static ActionRequest migrate(UUID target) {
        return request(ActionType.LIVE_MIGRATE, 0, "", target);
    }

    private static ActionRequest request(ActionType type) {
        return request(type, 0, "", null);
    }

    private static ActionRequest request(
            ActionType type, int vcpus, String setting, @Nullable UUID target) {
        return new ActionRequest(type, VirtualDesk.vm(1), vcpus, 0, setting, target);
    }
}
