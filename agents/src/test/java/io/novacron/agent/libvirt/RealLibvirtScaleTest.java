package io.novacron.agent.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.novacron.agent.ActionReport;
import io.novacron.agent.AgentLog;
import io.novacron.agent.VmDescription;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Members of a group on a real libvirtd: cloned, seen, removed, and nothing else touched.
@Tag("libvirt")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class RealLibvirtScaleTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final int ACTION_TIMEOUT_MS = 20_000;
    private static final long MIB = 1 << 20;
    private static final LabGuest.Size TEMPLATE = new LabGuest.Size("webtpl", 1, 2, 96);
    private static final LabGuest.Size OTHER = new LabGuest.Size("other", 1, 1, 96);

    private LibvirtLab lab;
    private LabHost host;
    private LabGuest template;
    private LabGuest other;
    private LibvirtHypervisor hypervisor;

    @BeforeAll
    void startLab() {
        assumeTrue(LibvirtLab.missing().isEmpty(), LibvirtLab::missing);
        lab = LibvirtLab.start(1);
        host = lab.host(0);
        template = host.defineTemplate(TEMPLATE);
        other = host.define(OTHER);
        hypervisor =
                host.open(
                        "",
                        new AgentLog(new PrintStream(OutputStream.nullOutputStream()), () -> 0));
    }

    @AfterAll
    void stopLab() {
        if (lab != null) {
            hypervisor.close();
            lab.close();
        }
    }

    @Test
    void aMemberIsClonedSeenAndRemovedAndItsTemplateStaysAsItIs() throws Exception {
        awaitVm(template.uuid(), EntityState.STOPPED);
        Path base = diskOf("webtpl");
        byte[] before = Files.readAllBytes(base);

        ActionReport first = execute(out(21, "web-1"));
        assertThat(first.state()).as(first.text()).isEqualTo(LifecycleState.KEPT);
        ActionReport second = execute(out(22, "web-2"));
        assertThat(second.state()).as(second.text()).isEqualTo(LifecycleState.KEPT);
        guest("web-1").awaitBooted();
        assertThat(guest("web-1").nproc()).isEqualTo(1);
        assertThat(mac("web-1")).isNotEqualTo(mac("web-2")).isNotEqualTo(mac("webtpl"));
        Path overlay = diskOf("web-1");
        assertThat(overlay).exists().isNotEqualTo(base);

        VmDescription seen = awaitVm(id("web-1"), EntityState.RUNNING);
        assertThat(seen.labels())
                .containsEntry("novacron.scaled", "web")
                .containsEntry("tier", "a < b");
        assertThat(host.virsh("domstate", "webtpl").strip()).isEqualTo("shut off");

        ActionReport again = execute(out(21, "web-1"));
        assertThat(again.state()).as("given twice").isEqualTo(LifecycleState.KEPT);
        assertThat(again.text()).contains("runs already");
        assertThat(hypervisor.readBack(out(21, "web-1")).state()).isEqualTo(LifecycleState.KEPT);

        Action in = in(23, id("web-1"), "web", "remove");
        assertThat(execute(in(24, id("web-1"), "db", "remove")).text())
                .contains("was not cloned for group db");
        ActionReport removed = execute(in);
        assertThat(removed.state()).as(removed.text()).isEqualTo(LifecycleState.KEPT);
        assertThat(host.virsh("list", "--all", "--name")).doesNotContain("web-1").contains("web-2");
        assertThat(overlay).doesNotExist();
        assertThat(hypervisor.readBack(in).state()).isEqualTo(LifecycleState.KEPT);
        assertThat(hypervisor.readBack(out(21, "web-1")).state()).isEqualTo(LifecycleState.FAILED);
        assertThat(Files.readAllBytes(base)).as("the template's disk").isEqualTo(before);
        assertThat(host.virsh("domstate", "web-2").strip()).isEqualTo("running");
    }

    @Test
    void whatScalingDidNotCloneIsNeverRemoved() {
        other.awaitBooted();
        ActionReport report = execute(in(31, other.uuid(), "web", "remove"));
        assertThat(report.state()).isEqualTo(LifecycleState.FAILED);
        assertThat(report.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED);
        assertThat(report.text()).contains("nothing else is ever removed");

        ActionReport asked = execute(in(32, other.uuid(), "web", "stop", 1_500));
        assertThat(asked.state()).as("its guest does not follow").isEqualTo(LifecycleState.FAILED);
        assertThat(asked.text()).contains("still runs and was not destroyed");
        assertThat(host.virsh("domstate", "other").strip()).isEqualTo("running");
    }

    @Test
    void whatCannotBeClonedIsRefusedAndLeavesNothing() {
        Action running =
                action(
                        41,
                        ActionType.SCALE_OUT,
                        other.uuid(),
                        "web",
                        "web-9 " + id("web-9"),
                        ACTION_TIMEOUT_MS,
                        0);
        assertThat(execute(running).text()).contains("the template other runs");

        Action taken =
                action(
                        42,
                        ActionType.SCALE_OUT,
                        template.uuid(),
                        "web",
                        "web-9 " + other.uuid(),
                        ACTION_TIMEOUT_MS,
                        1);
        ActionReport refused = execute(taken);
        assertThat(refused.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED);
        assertThat(refused.text()).contains("has the identity of the clone already");

        Action larger =
                action(
                        43,
                        ActionType.SCALE_OUT,
                        template.uuid(),
                        "web",
                        "web-9 " + id("web-9"),
                        ACTION_TIMEOUT_MS,
                        3);
        assertThat(execute(larger).text()).contains("webtpl has 1 vCPUs, expected 3");

        Action sameName =
                action(
                        44,
                        ActionType.SCALE_OUT,
                        template.uuid(),
                        "web",
                        "other " + id("web-9"),
                        ACTION_TIMEOUT_MS,
                        1);
        ActionReport failed = execute(sameName);
        assertThat(failed.state()).as(failed.text()).isEqualTo(LifecycleState.FAILED);
        assertThat(host.virsh("list", "--all", "--name")).doesNotContain("web-9");
        assertThat(diskOf("webtpl").resolveSibling("other-vda.qcow2")).doesNotExist();

        assertThat(
                        execute(
                                        action(
                                                45,
                                                ActionType.SCALE_OUT,
                                                template.uuid(),
                                                "web",
                                                "nonsense",
                                                1_000,
                                                1))
                                .code())
                .isEqualTo(ErrorCode.BAD_MESSAGE);
    }

    private ActionReport execute(Action action) {
        return hypervisor.execute(action, _ -> {});
    }

    private Action out(long id, String name) {
        return action(
                id,
                ActionType.SCALE_OUT,
                template.uuid(),
                "web",
                name + " " + id(name),
                ACTION_TIMEOUT_MS,
                1);
    }

    private Action in(long id, UUID vm, String group, String how) {
        return in(id, vm, group, how, ACTION_TIMEOUT_MS);
    }

    private Action in(long id, UUID vm, String group, String how, int timeoutMs) {
        return action(id, ActionType.SCALE_IN, vm, group, how, timeoutMs, 1);
    }

    private Action action(
            long id,
            ActionType type,
            UUID vm,
            String group,
            String target,
            int timeoutMs,
            int vcpus) {
        return new Action(
                id,
                type,
                vm,
                0,
                Long.MAX_VALUE,
                timeoutMs,
                vcpus,
                vcpus == 1 ? 96 * MIB : 0,
                host.uuid(),
                vcpus,
                0,
                new UUID(0, 0),
                "",
                new byte[0],
                group,
                target);
    }

    /// As the guests of a lab are called.
    private static UUID id(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(UTF_8));
    }

    private LabGuest guest(String name) {
        return new LabGuest(new LabGuest.Size(name, 1, 2, 96), host);
    }

    private String mac(String name) {
        return host.virsh("domiflist", name)
                .replaceAll("(?s).*?((?:[0-9a-f]{2}:){5}[0-9a-f]{2}).*", "$1");
    }

    private Path diskOf(String name) {
        String[] words = host.virsh("domblklist", name).strip().split("\\s+");
        return Path.of(words[words.length - 1]);
    }

    private VmDescription awaitVm(UUID vm, EntityState state) {
        VmDescription[] found = new VmDescription[1];
        LibvirtLab.await(
                vm + " is " + state,
                SOON,
                () -> {
                    hypervisor.sample(System.nanoTime(), (_, _, _) -> {});
                    List<VmDescription> vms = hypervisor.vms();
                    for (VmDescription one : vms) {
                        if (one.uuid().equals(vm) && one.state() == state) {
                            found[0] = one;
                        }
                    }
                    return found[0] != null;
                });
        return found[0];
    }
}
