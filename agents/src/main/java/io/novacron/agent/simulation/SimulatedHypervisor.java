package io.novacron.agent.simulation;

import io.novacron.agent.ActionProgress;
import io.novacron.agent.ActionReport;
import io.novacron.agent.Capability;
import io.novacron.agent.Hypervisor;
import io.novacron.agent.SampleSink;
import io.novacron.agent.VmDescription;
import io.novacron.agent.simulation.SimulatedFleet.Located;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;

/// The vms of one simulated host. Actions take the time they would take, and change the fleet.
final class SimulatedHypervisor implements Hypervisor {
    private static final UUID ANY = new UUID(0, 0);
    private static final long RESIZE_MS = 400;

    private final SimulatedFleet fleet;
    private final int host;
    private final SimulatedMachine machine;

    SimulatedHypervisor(SimulatedFleet fleet, int host, SimulatedMachine machine) {
        this.fleet = fleet;
        this.host = host;
        this.machine = machine;
    }

    @Override
    public String description() {
        return "simulated host " + fleet.hosts().get(host).name();
    }

    @Override
    public long capabilities() {
        return Capability.SET_VCPUS
                | Capability.SET_MEMORY
                | Capability.LIVE_MIGRATE
                | Capability.SET_CPU_QUOTA
                | Capability.SET_CPU_SHARES
                | Capability.PIN_VCPUS
                | Capability.HISTORY;
    }

    @Override
    public List<VmDescription> vms() {
        return fleet.placedOn(host).stream().map(SimulatedHypervisor::describe).toList();
    }

    private static VmDescription describe(SimulatedFleet.Placed placed) {
        SimulatedVm vm = placed.vm();
        var labels = new HashMap<>(vm.labels);
        placed.settings().forEach((setting, value) -> labels.put(setting.label(), value));
        return new VmDescription(
                vm.uuid,
                vm.name,
                placed.migrating() ? EntityState.MIGRATING : EntityState.RUNNING,
                placed.vcpus(),
                vm.maxVcpus,
                placed.memoryBytes(),
                vm.maxMemoryBytes,
                vm.diskBytes,
                labels);
    }

    @Override
    public void sample(long nowNs, SampleSink sink) {
        machine.load().putVms(sink, true);
    }

    @Override
    public ActionReport execute(Action action, ActionProgress progress) {
        Located vm = fleet.find(action.vm());
        if (vm == null || vm.host() != host) {
            return ActionReport.failed(
                    ErrorCode.NOT_FOUND,
                    "vm=%s is not on this host. Maybe it was migrated?".formatted(action.vm()));
        }
        String surprise = surprise(action, vm);
        if (!surprise.isEmpty()) {
            return report(LifecycleState.FAILED, ErrorCode.PRECONDITION_FAILED, vm, surprise);
        }
        String refusal = refusal(action, vm);
        if (!refusal.isEmpty()) {
            return report(LifecycleState.FAILED, ErrorCode.OUT_OF_RANGE, vm, refusal);
        }
        progress.running("begun");
        try {
            return switch (action.actionType()) {
                case SET_VCPUS -> resize(action, action.targetVcpus(), vm.memoryBytes());
                case SET_MEMORY -> resize(action, vm.vcpus(), action.targetMemoryBytes());
                case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS -> set(action);
                default -> migrate(action);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ActionReport.unknown(ErrorCode.NONE, "the simulation stops");
        }
    }

    /// What is not as the action expects; empty when all is. Zero expects nothing.
    private String surprise(Action action, Located vm) {
        if (vm.isMigrating()) {
            return "the vm is migrating";
        }
        if (action.expectedVcpus() > 0 && action.expectedVcpus() != vm.vcpus()) {
            return "vcpus=%d must be %d as expected".formatted(vm.vcpus(), action.expectedVcpus());
        }
        if (action.expectedMemoryBytes() > 0 && action.expectedMemoryBytes() != vm.memoryBytes()) {
            return "memoryBytes=%d must be %d as expected"
                    .formatted(vm.memoryBytes(), action.expectedMemoryBytes());
        }
        String value = setting(action, vm);
        if (!action.expectedSetting().isEmpty() && !action.expectedSetting().equals(value)) {
            return "setting=%s must be %s as expected".formatted(value, action.expectedSetting());
        }
        if (!action.expectedHost().equals(ANY) && fleet.hostIndex(action.expectedHost()) != host) {
            return "the vm is on %s, not on %s as expected"
                    .formatted(fleet.hosts().get(host).uuid(), action.expectedHost());
        }
        return "";
    }

    /// Why it cannot be done; empty when it can.
    private String refusal(Action action, Located vm) {
        return switch (action.actionType()) {
            case SET_VCPUS ->
                    action.targetVcpus() >= 1 && action.targetVcpus() <= vm.maxVcpus()
                            ? ""
                            : "targetVcpus=%d must be in [1, %d]"
                                    .formatted(action.targetVcpus(), vm.maxVcpus());
            case SET_MEMORY -> {
                long target = action.targetMemoryBytes();
                if (target <= 0 || target > vm.maxMemoryBytes()) {
                    yield "targetMemoryBytes=%d must be in [1, %d]"
                            .formatted(target, vm.maxMemoryBytes());
                }
                long growth = target - vm.memoryBytes();
                yield growth <= fleet.freeMemoryBytes(host)
                        ? ""
                        : "the host has %d bytes free, not the %d more that are asked for"
                                .formatted(fleet.freeMemoryBytes(host), growth);
            }
            case LIVE_MIGRATE -> {
                int target = fleet.hostIndex(action.targetHost());
                if (target < 0 || target == host) {
                    yield "targetHost=%s must be another simulated host"
                            .formatted(action.targetHost());
                }
                yield vm.memoryBytes() <= fleet.freeMemoryBytes(target)
                        ? ""
                        : "the target has %d bytes free, not the %d of the vm"
                                .formatted(fleet.freeMemoryBytes(target), vm.memoryBytes());
            }
            case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS -> "";
            default -> "actionType=%s is not known here".formatted(action.actionType());
        };
    }

    private ActionReport resize(Action action, int vcpus, long memoryBytes)
            throws InterruptedException {
        fleet.awaitMs(fleet.nowMs() + RESIZE_MS);
        fleet.resize(action.vm(), vcpus, memoryBytes);
        return readBack(action);
    }

    private ActionReport set(Action action) throws InterruptedException {
        fleet.awaitMs(fleet.nowMs() + RESIZE_MS);
        VmSetting setting = VmSetting.of(action.actionType());
        if (setting != null) {
            fleet.set(action.vm(), setting, action.targetSetting());
        }
        return readBack(action);
    }

    private ActionReport migrate(Action action) throws InterruptedException {
        long arrivesAtMs = fleet.migrate(action.vm(), fleet.hostIndex(action.targetHost()));
        long timeoutMs = action.timeoutMs() > 0 ? action.timeoutMs() : Long.MAX_VALUE / 2;
        long givesUpAtMs = fleet.nowMs() + timeoutMs;
        fleet.awaitMs(Math.min(arrivesAtMs, givesUpAtMs));
        return arrivesAtMs <= givesUpAtMs
                ? readBack(action)
                : ActionReport.unknown(
                        ErrorCode.ACTION_TIMED_OUT,
                        "still migrating after %d ms".formatted(timeoutMs));
    }

    @Override
    public ActionReport readBack(Action action) {
        Located vm = fleet.find(action.vm());
        if (vm == null) {
            return ActionReport.failed(ErrorCode.NOT_FOUND, "the vm is gone");
        }
        if (vm.isMigrating()) {
            return report(LifecycleState.UNKNOWN, ErrorCode.NONE, vm, "still migrating");
        }
        boolean holds =
                switch (action.actionType()) {
                    case SET_VCPUS -> vm.vcpus() == action.targetVcpus();
                    case SET_MEMORY -> vm.memoryBytes() == action.targetMemoryBytes();
                    case LIVE_MIGRATE -> vm.host() == fleet.hostIndex(action.targetHost());
                    case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS ->
                            action.targetSetting().equals(setting(action, vm));
                    default -> false;
                };
        return holds
                ? report(LifecycleState.KEPT, ErrorCode.NONE, vm, "read back as wanted")
                : report(LifecycleState.FAILED, ErrorCode.ACTION_FAILED, vm, "read back as before");
    }

    private static String setting(Action action, Located vm) {
        VmSetting setting = VmSetting.of(action.actionType());
        return setting == null ? "" : vm.settings().getOrDefault(setting, "");
    }

    private ActionReport report(LifecycleState state, ErrorCode code, Located vm, String text) {
        return new ActionReport(
                state,
                code,
                vm.vcpus(),
                vm.memoryBytes(),
                fleet.hosts().get(vm.host()).uuid(),
                text);
    }

    @Override
    public long causedCpuNs() {
        return 0;
    }

    @Override
    public void close() {}
}
