package io.novacron.agent;

import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ErrorCode;
import java.util.List;

/// A host of which only the host itself is reported, and why.
public final class NoHypervisor implements Hypervisor {
    private final String reason;

    public NoHypervisor(String reason) {
        this.reason = reason;
    }

    @Override
    public String description() {
        return "none: " + reason;
    }

    @Override
    public long capabilities() {
        return 0;
    }

    @Override
    public List<VmDescription> vms() {
        return List.of();
    }

    @Override
    public void sample(long nowNs, SampleSink sink) {}

    @Override
    public ActionReport execute(Action action, ActionProgress progress) {
        return refuse();
    }

    @Override
    public ActionReport readBack(Action action) {
        return refuse();
    }

    private ActionReport refuse() {
        return ActionReport.failed(ErrorCode.NOT_ALLOWED, "this host has no hypervisor: " + reason);
    }

    @Override
    public long causedCpuNs() {
        return 0;
    }

    @Override
    public void close() {}
}
