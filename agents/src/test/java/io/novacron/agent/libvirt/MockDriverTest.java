package io.novacron.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.novacron.agent.AgentLog;
import io.novacron.agent.HypervisorSettings;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Against libvirt's own mock driver, which runs inside this process and needs no daemon.
@Timeout(300)
class MockDriverTest {
    private static final String URI = "test:///default";
    private static final UUID VM =
            UUID.fromString("6695eb01-f6a4-8304-79aa-97f2502e193f"); // its one domain
    private static final UUID HOST = new UUID(3, 4);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final LongSupplier CLOCK = System::nanoTime;

    @BeforeAll
    static void needsTheLibrary() {
        String missing = "";
        try {
            LibvirtLibrary.load();
        } catch (LibvirtException e) {
            missing = e.getMessage();
        }
        assumeTrue(missing.isEmpty(), missing);
    }

    @Test
    void listsWhatTheDriverHas() {
        try (var hypervisor = open(URI)) {
            assertThat(hypervisor.description()).startsWith("libvirt ").endsWith(URI);
            assertThat(hypervisor.vms())
                    .singleElement()
                    .satisfies(vm -> {
                        assertThat(vm.uuid()).isEqualTo(VM);
                        assertThat(vm.name()).isEqualTo("test");
                        assertThat(vm.state())
                                .as("no balloon is no hang")
                                .isEqualTo(EntityState.RUNNING);
                        assertThat(vm.vcpus()).isEqualTo(2);
                        assertThat(vm.memoryBytes()).isEqualTo(2L << 30);
                        assertThat(vm.maxMemoryBytes()).isEqualTo(8L << 30);
                    });
        }
    }

    @Test
    void clonesATemplateThatIsOffAndRemovesTheCloneAlone() throws Exception {
        var template = new UUID(9, 9);
        var clone = new UUID(5, 6);
        try (var hypervisor = open(URI);
                var driver = Connection.open(URI)) {
            driver.define(
                    "<domain type='test'><name>web-template</name><uuid>%s</uuid><memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>"
                            .formatted(template));
            try {
                var running = scaling(ActionType.SCALE_OUT, VM, "web-1 " + clone);
                assertThat(hypervisor.execute(running, _ -> {}).text())
                        .contains("the template test runs");
                var out = scaling(ActionType.SCALE_OUT, template, "web-1 " + clone);
                var made = hypervisor.execute(out, _ -> {});
                assertThat(made.state()).as(made.text()).isEqualTo(LifecycleState.KEPT);
                assertThat(hypervisor.execute(out, _ -> {}).text()).contains("runs already");
                assertThat(hypervisor.readBack(out).state()).isEqualTo(LifecycleState.KEPT);

                var other = scaling(ActionType.SCALE_IN, VM, "remove");
                assertThat(hypervisor.execute(other, _ -> {}).code())
                        .as("it is no clone")
                        .isEqualTo(ErrorCode.PRECONDITION_FAILED);
                var in = scaling(ActionType.SCALE_IN, clone, "remove");
                var gone = hypervisor.execute(in, _ -> {});
                assertThat(gone.state()).as(gone.text()).isEqualTo(LifecycleState.KEPT);
                assertThat(hypervisor.readBack(in).state()).isEqualTo(LifecycleState.KEPT);
                assertThat(hypervisor.readBack(out).state()).isEqualTo(LifecycleState.FAILED);
                assertThat(driver.state(template).active()).as("the template").isFalse();
            } finally {
                driver.undefine(template);
            }
        }
    }

    @Test
    void changesMemoryAndReadsItBack() {
        try (var hypervisor = open(URI)) {
            var grow = setMemory(2L << 30, 3L << 30);
            assertThat(hypervisor.readBack(grow).state())
                    .as("not done yet")
                    .isEqualTo(LifecycleState.FAILED);

            var report = hypervisor.execute(grow, _ -> {});
            assertThat(report.state()).as(report.text()).isEqualTo(LifecycleState.KEPT);
            assertThat(report.observedMemoryBytes()).isEqualTo(3L << 30);
            assertThat(hypervisor.readBack(grow).state()).isEqualTo(LifecycleState.KEPT);

            assertThat(hypervisor.execute(grow, _ -> {}).code())
                    .as("a repeated action finds its precondition gone")
                    .isEqualTo(ErrorCode.PRECONDITION_FAILED);
            assertThat(hypervisor.readBack(setMemory(8L << 30, 7L << 30)).state())
                    .as("neither as before nor as wanted")
                    .isEqualTo(LifecycleState.UNKNOWN);
            assertThat(hypervisor.execute(setMemory(3L << 30, 2L << 30), _ -> {}).state())
                    .isEqualTo(LifecycleState.KEPT);
        }
    }

    @Test
    void aVmThatIsNotThereIsNotFound() {
        try (var hypervisor = open(URI)) {
            var action = action(ActionType.SET_VCPUS, new UUID(9, 9), 0, 0, "");
            assertThat(hypervisor.execute(action, _ -> {}).code()).isEqualTo(ErrorCode.NOT_FOUND);
            assertThat(hypervisor.readBack(action).code()).isEqualTo(ErrorCode.NOT_FOUND);
        }
    }

    @Test
    void aDaemonThatIsNotThereIsNoHypervisor() {
        try (var hypervisor = open("qemu:///system?socket=/nowhere/libvirt-sock")) {
            LibvirtLab.await(
                    "told",
                    LIMIT,
                    () -> hypervisor.description().contains("/nowhere/libvirt-sock"));
            assertThat(hypervisor.description()).startsWith("none: ");
            assertThat(hypervisor.capabilities()).isZero();
            assertThat(hypervisor.vms()).isEmpty();
            hypervisor.sample(
                    CLOCK.getAsLong(),
                    (_, _, _) -> {
                        throw new AssertionError("there is nothing to sample");
                    });
            assertThat(hypervisor.execute(setMemory(1, 2), _ -> {}).code())
                    .isEqualTo(ErrorCode.NOT_READY);
        }
    }

    @Test
    void anOverrunIsAbandonedAndTheNextCallGetsAFreshThread() throws Exception {
        var release = new CountDownLatch(1);
        try (var pool = new CallPool("test", URI, 1, 2, CLOCK)) {
            assertKind(
                    Kind.OVERRAN,
                    () -> pool.call("hang", Duration.ofMillis(20), _ -> hang(release)));
            assertThat(pool.abandoned()).isEqualTo(1);
            assertThat(pool.overruns()).isEqualTo(1);
            assertThat(pool.call("version", LIMIT, Connection::version))
                    .matches("\\d+\\.\\d+\\.\\d+");

            release.countDown();
            LibvirtLab.await("its thread ended", LIMIT, () -> pool.abandoned() == 0);
            assertThat(pool.overruns()).isEqualTo(1);
        }
    }

    @Test
    void tooManyHangingCallsRefuseFurtherOnesUntilOneReturns() throws Exception {
        var release = new CountDownLatch(1);
        try (var pool = new CallPool("test", URI, 1, 2, CLOCK)) {
            for (int i = 0; i < 2; i++) {
                assertKind(
                        Kind.OVERRAN,
                        () -> pool.call("hang", Duration.ofMillis(20), _ -> hang(release)));
            }
            assertThatThrownBy(() -> pool.call("version", LIMIT, Connection::version))
                    .hasMessageContaining(
                            "2 test calls to test:///default hang, which is the limit");
            assertThat(pool.refused()).isEqualTo(1);

            release.countDown();
            LibvirtLab.await("they returned", LIMIT, () -> pool.abandoned() == 0);
            assertThat(pool.call("version", LIMIT, Connection::version)).isNotEmpty();
        }
    }

    @Test
    void aBusyPoolRefusesWhoWaitsTooLong() throws Exception {
        var release = new CountDownLatch(1);
        try (var pool = new CallPool("test", URI, 1, 2, CLOCK);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var begun = new CountDownLatch(1);
            var first =
                    threads.submit(() ->
                            pool.call(
                                    "long",
                                    LIMIT,
                                    _ -> {
                                        begun.countDown();
                                        return hang(release);
                                    }));
            begun.await();
            assertKind(
                    Kind.DEGRADED,
                    () -> pool.call("version", Duration.ofMillis(20), Connection::version));
            release.countDown();
            assertThat(first.get()).isTrue();
        }
    }

    @Test
    void anErrorOfTheDriverCarriesItsText() {
        try (var pool = new CallPool("test", URI, 1, 1, CLOCK)) {
            assertThatThrownBy(() ->
                            pool.call(
                                    "set",
                                    LIMIT,
                                    c -> {
                                        c.setVcpus(VM, 1000, false);
                                        return true;
                                    }))
                    .hasMessageStartingWith("virDomainSetVcpusFlags: ")
                    .hasMessageContaining("libvirt error")
                    .isInstanceOfSatisfying(
                            LibvirtException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
        }
    }

    private static boolean hang(CountDownLatch release) {
        try {
            release.await();
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertKind(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LibvirtException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static LibvirtHypervisor open(String uri) {
        return LibvirtHypervisor.open(
                new HypervisorSettings(
                        uri,
                        HOST,
                        Path.of("/proc"),
                        Path.of("/sys"),
                        CLOCK,
                        new AgentLog(new PrintStream(OutputStream.nullOutputStream()), () -> 0)));
    }

    private static Action scaling(ActionType type, UUID vm, String target) {
        return new Action(
                7,
                type,
                vm,
                0,
                Long.MAX_VALUE,
                2_000,
                0,
                0,
                HOST,
                0,
                0,
                HOST,
                "",
                new byte[0],
                "web",
                target);
    }

    private static Action setMemory(long expected, long target) {
        return action(ActionType.SET_MEMORY, VM, expected, target, "");
    }

    private static Action action(
            ActionType type, UUID vm, long expectedMemory, long targetMemory, String uri) {
        return new Action(
                1,
                type,
                vm,
                0,
                Long.MAX_VALUE,
                2_000,
                0,
                expectedMemory,
                HOST,
                2,
                targetMemory,
                HOST,
                uri,
                new byte[0]);
    }
}
