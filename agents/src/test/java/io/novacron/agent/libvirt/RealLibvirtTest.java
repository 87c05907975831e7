package io.novacron.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.novacron.agent.ActionReport;
import io.novacron.agent.AgentLog;
import io.novacron.agent.VmDescription;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// The agent's libvirt side against two real libvirtd and real guests. Each test has its own guest,
/// so that their order does not matter.
@Tag("libvirt")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class RealLibvirtTest {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final int ACTION_TIMEOUT_MS = 20_000;
    private static final long MIB = 1 << 20;

    private static final LabGuest.Size BUSY = new LabGuest.Size("busy", 1, 4, 192);
    private static final LabGuest.Size GROWING = new LabGuest.Size("growing", 1, 4, 192);
    private static final LabGuest.Size MOVING = new LabGuest.Size("moving", 1, 2, 160);
    private static final LabGuest.Size STOPPING = new LabGuest.Size("stopping", 1, 1, 96);
    private static final LabGuest.Size HANGING = new LabGuest.Size("hanging", 1, 2, 160);

    private LibvirtLab lab;
    private LabHost here;
    private LabHost there;
    private LabGuest busy;
    private LabGuest growing;
    private LabGuest moving;
    private LabGuest hanging;
    private LabGuest stopping;

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private LibvirtHypervisor hypervisor;
    private Samples samples;

    @BeforeAll
    void startLab() {
        assumeTrue(LibvirtLab.missing().isEmpty(), LibvirtLab::missing);
        lab = LibvirtLab.start(2);
        here = lab.host(0);
        there = lab.host(1);
        busy = here.create(BUSY);
        growing = here.define(GROWING);
        moving = here.define(MOVING);
        hanging = here.create(HANGING);
        stopping = here.define(STOPPING);
        Stream.of(busy, growing, moving, hanging, stopping).forEach(LabGuest::awaitBooted);
    }

    @AfterAll
    void stopLab() {
        if (lab != null) {
            lab.close();
        }
    }

    @BeforeEach
    void open() {
        hypervisor = open(here, "");
        samples = new Samples(hypervisor);
    }

    @AfterEach
    void close() {
        hypervisor.close();
    }

    private LibvirtHypervisor open(LabHost host, String options) {
        return host.open(options, new AgentLog(new PrintStream(log, true), () -> 0));
    }

    @Test
    void listsTheGuestsAsTheyAreDefined() {
        assertThat(hypervisor.description()).startsWith("libvirt ").contains(here.uri());
        // A guest whose monitor is busy is listed without what only the monitor tells.
        samples.until("libvirt tells the size of its disk", () -> vm(busy).diskBytes() > 0);
        var labels = new HashMap<>(Map.of("title", "busy of the lab", "tier", "a < b"));
        vm(busy).labels()
                .forEach((label, value) -> {
                    if (label.startsWith("novacron.")) {
                        labels.put(label, value); // its settings
                    }
                });
        assertThat(labels).containsEntry(VmSetting.VCPU_PINS.label(), "any");
        assertThat(vm(busy))
                .isEqualTo(
                        new VmDescription(
                                busy.uuid(),
                                "busy",
                                EntityState.RUNNING,
                                1,
                                4,
                                192 * MIB,
                                192 * MIB,
                                LabGuest.DISK_BYTES,
                                labels));
    }

    @Test
    void statisticsAgreeWithTheGuestsLoad() {
        samples.until("idle", () -> samples.get(busy, Metrics.CPU_USAGE) < 30);

        busy.tell("load 1");
        samples.until(
                "loaded",
                () ->
                        samples.get(busy, Metrics.CPU_USAGE) + samples.get(busy, Metrics.CPU_STEAL)
                                > 80);
        assertThat(samples.get(busy, Metrics.CPU_USAGE)).isBetween(5f, 100f); // the rest is waiting
        busy.tell("idle");

        busy.tell("write 4");
        samples.until("writing", () -> samples.get(busy, Metrics.DISK_WRITE) > 1e6);
        assertThat(samples.get(busy, Metrics.DISK_WRITE_REQUESTS)).isPositive();
        assertThat(samples.get(busy, Metrics.DISK_LATENCY)).isPositive();
        assertThat(samples.get(busy, Metrics.DISK_THROUGHPUT))
                .isGreaterThanOrEqualTo(samples.get(busy, Metrics.DISK_WRITE));
        busy.tell("idle");

        var memory = busy.memoryKb();
        float used = 100f * (memory[0] - memory[1]) / memory[0];
        samples.until(
                "memory", () -> Math.abs(samples.get(busy, Metrics.MEMORY_USAGE) - used) < 10);
        assertThat(samples.get(busy, Metrics.MEMORY_USED)).isBetween(64f * MIB, 1024f * MIB);
        assertThat(samples.get(busy, Metrics.NETWORK_THROUGHPUT)).isNotNegative();
        assertThat(hypervisor.causedCpuNs()).isPositive();
    }

    @Test
    void hotAddsAVcpuThatTheGuestUses() {
        var report = execute(setVcpus(growing, 1, 2));

        assertThat(report)
                .isEqualTo(
                        report(LifecycleState.KEPT, ErrorCode.NONE, 2, 192 * MIB, report.text()));
        LibvirtLab.await("the guest uses it", SOON, () -> growing.nproc() == 2);
        assertThat(here.virsh("dumpxml", "--inactive", "growing")).contains("current='2'>4</vcpu>");
        assertThat(hypervisor.readBack(setVcpus(growing, 1, 2)).state())
                .isEqualTo(LifecycleState.KEPT);
        samples.until("the list follows", () -> vm(growing).vcpus() == 2);

        growing.tell("load 2");
        samples.until(
                "both vCPUs count",
                () ->
                        samples.get(growing, Metrics.CPU_USAGE)
                                        + samples.get(growing, Metrics.CPU_STEAL)
                                > 80);
        growing.tell("idle");

        // Taking one away again is the guest's to grant: what is reported must be what is.
        var shrink =
                hypervisor.execute(
                        action(ActionType.SET_VCPUS, growing, 8_000, 2, 0, 1, 0, ""), _ -> {});
        if (shrink.state() == LifecycleState.KEPT) {
            assertThat(shrink.observedVcpus()).isEqualTo(1);
            LibvirtLab.await("the guest let go", SOON, () -> growing.nproc() == 1);
        } else {
            assertThat(shrink.state()).isEqualTo(LifecycleState.UNKNOWN);
            assertThat(shrink.code()).isEqualTo(ErrorCode.ACTION_TIMED_OUT);
            assertThat(here.virsh("dumpxml", "--inactive", "growing"))
                    .as("what the guest refused is not in the definition")
                    .contains("current='2'>4</vcpu>");
        }
    }

    @Test
    void resizesTheBalloon() {
        long before = busy.memoryKb()[0];
        var report = execute(setMemory(busy, 192 * MIB, 144 * MIB));
        assertThat(report.state()).as(report.text()).isEqualTo(LifecycleState.KEPT);
        assertThat(report.observedMemoryBytes()).isEqualTo(144 * MIB);
        assertThat(before - busy.memoryKb()[0])
                .as("the guest's own word, in kB")
                .isBetween(40_000L, 56_000L);

        assertThat(execute(setMemory(busy, 144 * MIB, 192 * MIB)).state())
                .isEqualTo(LifecycleState.KEPT);
    }

    @Test
    void limitsCpuTimeByAQuotaAndPutsItBack() {
        samples.until("settings are told", () -> !vm(growing).labels().isEmpty());
        String before = vm(growing).labels().get(VmSetting.CPU_QUOTA.label());
        assumeTrue(before != null, "the lab's hosts have no cgroup for CPU time");
        assertThat(before).isEqualTo("none");
        growing.tell("load 1");
        try {
            samples.until("busy", () -> samples.get(growing, Metrics.CPU_USAGE) > 35);

            var report = execute(set(VmSetting.CPU_QUOTA, growing, "none", "100m"));

            assertThat(report.state()).as(report.text()).isEqualTo(LifecycleState.KEPT);
            assertThat(here.virsh("schedinfo", "growing")).contains("global_quota   : 10000");
            assertThat(here.virsh("schedinfo", "growing", "--config"))
                    .contains("global_quota   : 10000");
            samples.until(
                    "the guest gets a tenth of a CPU",
                    () -> samples.get(growing, Metrics.CPU_USAGE) < 15);
            samples.until(
                    "told",
                    () -> "100m".equals(vm(growing).labels().get(VmSetting.CPU_QUOTA.label())));
            assertThat(execute(set(VmSetting.CPU_QUOTA, growing, "none", "200m")).text())
                    .isEqualTo("novacron.cpu-quota of growing is 100m, expected none");
        } finally {
            var undone = execute(set(VmSetting.CPU_QUOTA, growing, "100m", "none"));
            assertThat(undone.state()).as(undone.text()).isEqualTo(LifecycleState.KEPT);
            growing.tell("idle");
        }
        var shares = execute(set(VmSetting.CPU_SHARES, growing, "", "512"));
        assertThat(shares.state()).as(shares.text()).isEqualTo(LifecycleState.KEPT);
        assertThat(here.virsh("schedinfo", "growing")).contains("cpu_shares     : 512");
    }

    @Test
    void pinsVcpusAndLetsThemGo() {
        assertThat(execute(set(VmSetting.VCPU_PINS, busy, "any", "0")).state())
                .isEqualTo(LifecycleState.KEPT);
        assertThat(here.virsh("vcpupin", "busy", "--vcpu", "0").strip()).endsWith(" 0");
        assertThat(hypervisor.readBack(set(VmSetting.VCPU_PINS, busy, "any", "0")).state())
                .isEqualTo(LifecycleState.KEPT);
        assertThat(execute(set(VmSetting.VCPU_PINS, busy, "0", "4000")).code())
                .as("no such CPU")
                .isEqualTo(ErrorCode.OUT_OF_RANGE);
        assertThat(execute(set(VmSetting.VCPU_PINS, busy, "0", "0,any")).code())
                .isEqualTo(ErrorCode.OUT_OF_RANGE);
        assertThat(execute(set(VmSetting.VCPU_PINS, busy, "0", "any")).state())
                .isEqualTo(LifecycleState.KEPT);
    }

    @Test
    void stopsAVmByAskingItsGuestAndStartsItAgain() throws Exception {
        var refused = execute(power(ActionType.STOP, busy, 5_000));
        assertThat(refused.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED);
        assertThat(refused.text()).contains("nothing could start it again");

        var stubborn = execute(power(ActionType.STOP, stopping, 1_500));
        assertThat(stubborn.state()).as(stubborn.text()).isEqualTo(LifecycleState.FAILED);
        assertThat(stubborn.code()).isEqualTo(ErrorCode.ACTION_TIMED_OUT);
        assertThat(stubborn.text()).contains("still runs and was not destroyed");
        assertThat(here.virsh("domstate", "stopping").strip()).isEqualTo("running");

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = new CountDownLatch(1);
            var stop = power(ActionType.STOP, stopping, ACTION_TIMEOUT_MS);
            var reported = threads.submit(() -> hypervisor.execute(stop, _ -> asked.countDown()));
            asked.await();
            stopping.powerOff();
            assertThat(reported.get().state())
                    .as(reported.get().text())
                    .isEqualTo(LifecycleState.KEPT);
            assertThat(hypervisor.readBack(stop).state()).isEqualTo(LifecycleState.KEPT);
        }
        samples.until("off", () -> vm(stopping).state() == EntityState.STOPPED);
        assertThat(execute(power(ActionType.STOP, stopping, 1_000)).code())
                .isEqualTo(ErrorCode.PRECONDITION_FAILED);

        var started = execute(power(ActionType.START, stopping, ACTION_TIMEOUT_MS));
        assertThat(started.state()).as(started.text()).isEqualTo(LifecycleState.KEPT);
        assertThat(here.virsh("domstate", "stopping").strip()).isEqualTo("running");
        assertThat(execute(power(ActionType.START, stopping, 1_000)).text())
                .contains("runs already");
    }

    @Test
    void refusesAnActionWhosePreconditionNoLongerHolds() {
        assertThat(execute(setVcpus(busy, 3, 4)))
                .isEqualTo(
                        report(
                                LifecycleState.FAILED,
                                ErrorCode.PRECONDITION_FAILED,
                                1,
                                192 * MIB,
                                "busy has 1 vCPUs, expected 3"));
        assertThat(execute(setMemory(busy, 100 * MIB, 128 * MIB)).text())
                .isEqualTo("busy has 201326592 bytes of memory, expected 104857600");
        assertThat(execute(setVcpus(busy, 1, 5)).code()).isEqualTo(ErrorCode.OUT_OF_RANGE);
        assertThat(execute(setMemory(busy, 192 * MIB, 193 * MIB)).code())
                .isEqualTo(ErrorCode.OUT_OF_RANGE);
        assertThat(execute(migrate(busy, "http://elsewhere/")).code())
                .isEqualTo(ErrorCode.OUT_OF_RANGE);
        assertThat(execute(migrate(busy, "qemu+tcp://10.77.0.9/system")).state())
                .as("no such host: refused by libvirt, and the vm is still here")
                .isEqualTo(LifecycleState.FAILED);
    }

    @Test
    void tellsThatAVmVanishedBetweenDecisionAndAction() {
        var brief = here.create(new LabGuest.Size("brief", 1, 2, 96));
        samples.until("listed", () -> find(brief) != null);
        var decided = setVcpus(brief, 1, 2);
        here.virsh("destroy", "brief");

        var report = execute(decided);

        assertThat(report.state()).isEqualTo(LifecycleState.FAILED);
        assertThat(report.code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(report.text())
                .contains(brief.uuid().toString(), "Maybe it was destroyed or migrated");
        samples.until("no longer listed", () -> find(brief) == null);
    }

    @Test
    void migratesLiveAndRollsAnOverrunBack() throws Exception {
        moving.tell("dirty 64");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var late =
                    action(ActionType.LIVE_MIGRATE, moving, 600, 1, 0, 0, 0, there.migrationUri());
            var reported = threads.submit(() -> execute(late));
            LibvirtLab.await(
                    "shown as moving", SOON, () -> vm(moving).state() == EntityState.MIGRATING);
            assertThat(execute(setVcpus(moving, 1, 2)).text())
                    .as("one action at a time")
                    .contains("another action of this agent is under way");
            var report = reported.get();
            assertThat(report.state()).as(report.text()).isEqualTo(LifecycleState.ROLLED_BACK);
            assertThat(report.code()).isEqualTo(ErrorCode.ACTION_TIMED_OUT);
            assertThat(report.observedHost()).isEqualTo(here.uuid());

            var elsewhere =
                    threads.submit(() ->
                            here.virsh(
                                    "migrate",
                                    "--live",
                                    "--p2p",
                                    "--unsafe",
                                    "--bandwidth",
                                    "1",
                                    "moving",
                                    there.migrationUri()));
            LibvirtLab.await(
                    "somebody else moves it",
                    SOON,
                    () -> here.virsh("domjobinfo", "moving").contains("Unbounded"));
            assertThat(execute(setVcpus(moving, 1, 2)).text())
                    .contains("moving: a job has been under way for");
            assertThat(hypervisor.readBack(late).state())
                    .as("nobody knows yet")
                    .isEqualTo(LifecycleState.UNKNOWN);
            here.virsh("domjobabort", "moving");
            assertThatThrownBy(elsewhere::get).hasMessageContaining("aborted");
        }
        moving.tell("idle");

        var seen = new ArrayList<EntityState>();
        var moved =
                hypervisor.execute(
                        migrate(moving, there.migrationUri()), _ -> seen.add(EntityState.RUNNING));
        assertThat(moved.state()).as(moved.text()).isEqualTo(LifecycleState.KEPT);
        assertThat(moved.observedHost()).isEqualTo(there.uuid());
        assertThat(seen).hasSize(1);
        assertThat(moving.on(there).nproc()).as("it goes on over there").isEqualTo(1);
        assertThat(there.virsh("list", "--persistent", "--name")).contains("moving");
        samples.until("no longer listed here", () -> find(moving) == null);
        try (var other = open(there, "")) {
            assertThat(other.vms()).extracting(VmDescription::uuid).containsExactly(moving.uuid());
        }
        // This process is not on the lab's network, so the target cannot be asked.
        assertThat(hypervisor.readBack(migrate(moving, there.migrationUri())).state())
                .isEqualTo(LifecycleState.UNKNOWN);
    }

    @Test
    void aHangingGuestHarmsNobodyElse() {
        hypervisor.close();
        hypervisor = open(here, "&novacron.call-timeout=1s");
        samples = new Samples(hypervisor);
        samples.until("all sampled", () -> samples.get(hanging, Metrics.CPU_USAGE) >= 0);

        hanging.signal("STOP");
        try {
            samples.until("told", () -> polled(hanging).state() == EntityState.UNRESPONSIVE);
            assertThat(samples.longestNs)
                    .as("no caller waits as long as the guest hangs")
                    .isLessThan(SOON.toNanos());
            assertThat(vm(busy).state()).isEqualTo(EntityState.RUNNING);
            samples.clear();
            samples.until(
                    "the neighbour is sampled by both paths",
                    () ->
                            samples.get(busy, Metrics.CPU_USAGE) >= 0
                                    && samples.get(busy, Metrics.MEMORY_USAGE) > 0);
            assertThat(samples.get(hanging, Metrics.MEMORY_USAGE)).as("missing, not zero").isNaN();

            assertThat(execute(setMemory(busy, 192 * MIB, 176 * MIB)).state())
                    .isEqualTo(LifecycleState.KEPT);
            assertThat(execute(setMemory(busy, 176 * MIB, 192 * MIB)).state())
                    .isEqualTo(LifecycleState.KEPT);
            var report =
                    hypervisor.execute(
                            action(ActionType.SET_VCPUS, hanging, 1_500, 1, 0, 2, 0, ""), _ -> {});
            assertThat(report.state()).as(report.text()).isEqualTo(LifecycleState.UNKNOWN);
            assertThat(report.code()).isEqualTo(ErrorCode.ACTION_TIMED_OUT);
            assertThat(report.text()).contains("nothing was changed", "Maybe the guest hangs?");
            assertThat(hypervisor.readBack(setVcpus(hanging, 1, 2)).state())
                    .isEqualTo(LifecycleState.UNKNOWN);
            assertThat(hypervisor.hangingCalls()).isPositive();
        } finally {
            hanging.signal("CONT");
        }
        samples.until("answers again", () -> vm(hanging).state() == EntityState.RUNNING);
        LibvirtLab.await("hanging calls came back", SOON, () -> hypervisor.hangingCalls() == 0);
        assertThat(hypervisor.readBack(setVcpus(hanging, 1, 2)).state())
                .as("it was never begun, and that is certain now")
                .isEqualTo(LifecycleState.FAILED);
    }

    @Test
    void comesBackAfterLibvirtdRestarted() {
        samples.until("sampled", () -> samples.get(busy, Metrics.MEMORY_USAGE) > 0);
        here.stopLibvirtd("KILL");
        samples.until("told", () -> hypervisor.description().startsWith("none: "));
        assertThat(hypervisor.capabilities()).isZero();
        samples.clear();
        samples.until("the fast path goes on", () -> samples.get(busy, Metrics.CPU_USAGE) >= 0);
        assertThat(samples.get(busy, Metrics.MEMORY_USAGE)).isNaN();
        assertThat(execute(setMemory(busy, 192 * MIB, 160 * MIB)).code())
                .isEqualTo(ErrorCode.NOT_READY);

        here.startLibvirtd();
        samples.until("connected", () -> hypervisor.description().startsWith("libvirt "));
        samples.until("sampled again", () -> samples.get(busy, Metrics.MEMORY_USAGE) > 0);
        assertThat(vm(busy).state()).isEqualTo(EntityState.RUNNING);
        assertThat(log.toString()).contains("libvirt-trouble", "libvirt-back");
    }

    private ActionReport execute(Action action) {
        return hypervisor.execute(action, _ -> {});
    }

    private ActionReport report(
            LifecycleState state, ErrorCode code, int vcpus, long memory, String text) {
        return new ActionReport(state, code, vcpus, memory, here.uuid(), text);
    }

    private Action setVcpus(LabGuest guest, int expected, int target) {
        return action(ActionType.SET_VCPUS, guest, ACTION_TIMEOUT_MS, expected, 0, target, 0, "");
    }

    private Action setMemory(LabGuest guest, long expected, long target) {
        return action(ActionType.SET_MEMORY, guest, ACTION_TIMEOUT_MS, 0, expected, 0, target, "");
    }

    private Action power(ActionType type, LabGuest guest, int timeoutMs) {
        return action(type, guest, timeoutMs, 0, 0, 0, 0, "");
    }

    private Action set(VmSetting setting, LabGuest guest, String expected, String target) {
        var type =
                switch (setting) {
                    case CPU_QUOTA -> ActionType.SET_CPU_QUOTA;
                    case CPU_SHARES -> ActionType.SET_CPU_SHARES;
                    case VCPU_PINS -> ActionType.PIN_VCPUS;
                };
        return new Action(
                1,
                type,
                guest.uuid(),
                0,
                Long.MAX_VALUE,
                ACTION_TIMEOUT_MS,
                0,
                0,
                here.uuid(),
                0,
                0,
                new UUID(0, 0),
                "",
                new byte[0],
                expected,
                target);
    }

    private Action migrate(LabGuest guest, String targetUri) {
        return action(ActionType.LIVE_MIGRATE, guest, ACTION_TIMEOUT_MS, 1, 0, 0, 0, targetUri);
    }

    private Action action(
            ActionType type,
            LabGuest guest,
            int timeoutMs,
            int expectedVcpus,
            long expectedMemory,
            int targetVcpus,
            long targetMemory,
            String targetUri) {
        return new Action(
                1,
                type,
                guest.uuid(),
                0,
                Long.MAX_VALUE,
                timeoutMs,
                expectedVcpus,
                expectedMemory,
                here.uuid(),
                targetVcpus,
                targetMemory,
                there.uuid(),
                targetUri,
                new byte[0]);
    }

    private VmDescription vm(LabGuest guest) {
        return Objects.requireNonNull(find(guest), guest.name());
    }

    private @Nullable VmDescription find(LabGuest guest) {
        return find(hypervisor.vms(), guest);
    }

    /// As libvirt's statistics alone tell it, without the look at the process.
    private VmDescription polled(LabGuest guest) {
        return Objects.requireNonNull(find(hypervisor.polledVms(), guest), guest.name());
    }

    private static @Nullable VmDescription find(List<VmDescription> vms, LabGuest guest) {
        return vms.stream().filter(vm -> vm.uuid().equals(guest.uuid())).findFirst().orElse(null);
    }

    /// The last value of each metric, and how long the longest sampling took.
    private static final class Samples {
        private final LibvirtHypervisor hypervisor;
        private final Map<UUID, Map<Integer, Float>> last = new HashMap<>();
        private long nextNs = System.nanoTime();
        long longestNs;

        Samples(LibvirtHypervisor hypervisor) {
            this.hypervisor = hypervisor;
        }

        /// Samples every half second until something holds.
        void until(String what, BooleanSupplier condition) {
            LibvirtLab.await(
                    what,
                    SOON,
                    () -> {
                        long startNs = System.nanoTime();
                        if (startNs - nextNs >= 0) {
                            nextNs = startNs + 500_000_000;
                            hypervisor.sample(
                                    startNs,
                                    (vm, metric, value) ->
                                            last.computeIfAbsent(vm, _ -> new HashMap<>())
                                                    .put(metric, value));
                            longestNs = Math.max(longestNs, System.nanoTime() - startNs);
                        }
                        return condition.getAsBoolean();
                    });
        }

        float get(LabGuest guest, int metric) {
            return last.getOrDefault(guest.uuid(), Map.of()).getOrDefault(metric, Float.NaN);
        }

        void clear() {
            last.clear();
        }
    }
}
