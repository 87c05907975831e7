package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.wire.message.Outcome;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SizeByQuotaTest {
    private static final String NO_QUOTA = VmSetting.CPU_QUOTA.label() + "=none";

    @TempDir private Path folder;

    @Test
    void aQuotaIsASizeToTheSolver() {
        assertThat(SizeByQuota.effectiveVcpus(4, Map.of())).isEqualTo(4);
        assertThat(effective(4, "none")).isEqualTo(4);
        assertThat(effective(4, "2000m")).isEqualTo(2);
        assertThat(effective(4, "1500m")).as("rounded up").isEqualTo(2);
        assertThat(effective(4, "8000m")).isEqualTo(4);
        assertThat(effective(4, "100m")).isEqualTo(1);
    }

    @Test
    void aShrinkAfterARefusedOneIsByQuota() {
        var desk =
                new VirtualDesk(folder, "policy: {measure: 0s, cool-down: 0s, confidence: 0.1}\n");
        desk.agentsAct = false;
        desk.tick(desk.vcpus(1, 2, NO_QUOTA));
        assertThat(proposal(desk, 1).type()).isEqualTo(ActionType.SET_VCPUS);
        desk.approve(1, "ann").join();
        refuse(desk, 1);
        assertThat(desk.state(1)).isEqualTo(LifecycleState.FAILED);

        desk.tick(desk.vcpus(1, 2, NO_QUOTA));

        Proposal second = proposal(desk, 2);
        assertThat(second.type()).isEqualTo(ActionType.SET_CPU_QUOTA);
        assertThat(second.change().fromSetting()).isEqualTo("none");
        assertThat(second.change().toSetting()).isEqualTo("2000m");
        assertThat(second.toVcpus()).isEqualTo(4);
        assertThat(second.summary()).isEqualTo("vm-1: cpu-quota none → 2000m");
        assertThat(second.reasons().getLast().code()).isEqualTo("SIZE_BY_QUOTA");
        desk.tick(desk.vcpus(1, 2, NO_QUOTA));
        assertThat(desk.desk.book().lastId()).as("confirmed, not proposed again").isEqualTo(2);
    }

    @Test
    void anAgentThatTellsNoQuotaIsAskedForVcpusAgain() {
        var desk =
                new VirtualDesk(folder, "policy: {measure: 0s, cool-down: 0s, confidence: 0.1}\n");
        desk.agentsAct = false;
        desk.tick(desk.vcpus(1, 2));
        desk.approve(1, "ann").join();
        refuse(desk, 1);
        desk.tick(desk.vcpus(1, 2));
        assertThat(proposal(desk, 2).type()).isEqualTo(ActionType.SET_VCPUS);
    }

    @Test
    void aVmUnderAQuotaGrowsOutOfItFirst() {
        var now = new FleetFacts.VmFacts(VirtualDesk.host(1), 4, 1L << 30);
        String quota = VmSetting.CPU_QUOTA.label() + "=2000m";
        Proposal toThree =
                Objects.requireNonNull(
                        SizeByQuota.instead(VirtualDesk.proposal(1, now, 3, 0.9f, quota), "why"));
        assertThat(toThree.change().toSetting()).isEqualTo("3000m");
        Proposal toSix =
                Objects.requireNonNull(
                        SizeByQuota.instead(VirtualDesk.proposal(1, now, 6, 0.9f, quota), "why"));
        assertThat(toSix.change().toSetting()).isEqualTo("none");
        assertThat(SizeByQuota.instead(VirtualDesk.proposal(1, now, 2, 0.9f, quota), "why"))
                .as("it is so already")
                .isNull();
    }

    private static int effective(int vcpus, String quota) {
        return SizeByQuota.effectiveVcpus(vcpus, Map.of(VmSetting.CPU_QUOTA.label(), quota));
    }

    private static Proposal proposal(VirtualDesk desk, long id) {
        return Objects.requireNonNull(desk.desk.book().get(id)).proposal();
    }

    private static void refuse(VirtualDesk desk, long id) {
        desk.desk.onOutcome(
                VirtualDesk.host(1),
                new Outcome(
                        1,
                        id,
                        LifecycleState.FAILED,
                        ErrorCode.ACTION_FAILED,
                        desk.nowMs,
                        desk.nowMs,
                        4,
                        1L << 30,
                        VirtualDesk.host(1),
                        "had no effect"),
                1_000,
                desk.nowMs,
                false);
    }
}
