package io.novacron.agent;

import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/// A hypervisor whose vms and answers a test decides. An action waits for a permit.
final class FakeHypervisor implements Hypervisor {
    final Semaphore permits = new Semaphore(0);
    final List<Long> executed = new ArrayList<>();
    private final List<VmDescription> vms = new ArrayList<>();
    private ActionReport report =
            new ActionReport(LifecycleState.KEPT, ErrorCode.NONE, 4, 0, null, "done");
    private ActionReport readBack = report;
    private volatile long capabilities =
            Capability.LIBVIRT | Capability.SET_VCPUS | Capability.SET_MEMORY;

    static UUID vm(int number) {
        return new UUID(77, number);
    }

    synchronized FakeHypervisor with(int number, EntityState state, int vcpus) {
        vms.removeIf(vm -> vm.uuid().equals(vm(number)));
        vms.add(
                new VmDescription(
                        vm(number),
                        "vm-" + number,
                        state,
                        vcpus,
                        8,
                        4L << 30,
                        8L << 30,
                        10L << 30,
                        Map.of("app", "shop")));
        return this;
    }

    synchronized void without(int number) {
        vms.removeIf(vm -> vm.uuid().equals(vm(number)));
    }

    synchronized void answers(ActionReport executes, ActionReport readsBack) {
        report = executes;
        readBack = readsBack;
    }

    void capabilities(long bits) {
        capabilities = bits;
    }

    @Override
    public String description() {
        return "fake";
    }

    @Override
    public long capabilities() {
        return capabilities;
    }

    @Override
    public synchronized List<VmDescription> vms() {
        return List.copyOf(vms);
    }

    @Override
    public void sample(long nowNs, SampleSink sink) {
        for (VmDescription vm : vms()) {
            sink.put(vm.uuid(), Metrics.CPU_USAGE, 50);
        }
    }

    @Override
    public ActionReport execute(Action action, ActionProgress progress) {
        synchronized (this) {
            executed.add(action.actionId());
        }
        progress.running("begun");
        permits.acquireUninterruptibly();
        synchronized (this) {
            return report;
        }
    }

    @Override
    public synchronized ActionReport readBack(Action action) {
        return readBack;
    }

    synchronized List<Long> executed() {
        return List.copyOf(executed);
    }

    @Override
    public long causedCpuNs() {
        return 0;
    }

    @Override
    public void close() {}
}
