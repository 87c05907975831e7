package io.novacron.perf.decisions;

import io.novacron.agent.ActionProgress;
import io.novacron.agent.ActionReport;
import io.novacron.agent.Capability;
import io.novacron.agent.Hypervisor;
import io.novacron.agent.SampleSink;
import io.novacron.agent.VmDescription;
import io.novacron.perf.decisions.PaperFleet.Place;
import io.novacron.perf.decisions.PaperFleet.Step;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// One host of a [PaperFleet]. How an action goes is a function of its id: see [Manner].
final class PaperHypervisor implements Hypervisor {
    private static final UUID ANY = new UUID(0, 0);

    private final PaperFleet fleet;
    private final UUID host;
    private final Manners manners;
    private final Consumer<Action> onArrival;

    /// How actions go.
    @FunctionalInterface
    interface Manners {
        /// All of them well and at once.
        Manners PROMPT = _ -> new Manner(Course.DONE, 0, 0);

        Manner of(long actionId);
    }

    /// What becomes of an action that is begun.
    enum Course {
        DONE,
        REFUSED,
        /// Done, found wanting and undone by the agent itself.
        UNDONE,
        /// The report says that nobody knows; then it is done all the same.
        DONE_LATE,
        /// The report says that nobody knows, and nothing is done.
        NEVER_DONE
    }

    /// @param beforeMs how long it takes until it is done
    /// @param afterMs how long until that is told
    record Manner(Course course, long beforeMs, long afterMs) {}

    /// @param onArrival told of each action when the agent hands it over
    PaperHypervisor(PaperFleet fleet, UUID host, Manners manners, Consumer<Action> onArrival) {
        this.fleet = fleet;
        this.host = host;
        this.manners = manners;
        this.onArrival = onArrival;
    }

    @Override
    public String description() {
        return "paper host " + PaperFleet.index(host);
    }

    @Override
    public long capabilities() {
        return Capability.SET_VCPUS | Capability.SET_MEMORY | Capability.LIVE_MIGRATE;
    }

    @Override
    public List<VmDescription> vms() {
        return fleet.placedOn(host).entrySet().stream()
                .map(vm ->
                        new VmDescription(
                                vm.getKey(),
                                "paper-" + PaperFleet.index(vm.getKey()),
                                EntityState.RUNNING,
                                vm.getValue().vcpus(),
                                PaperFleet.MAX_VCPUS,
                                vm.getValue().memoryBytes(),
                                64 * PaperFleet.GIB,
                                0,
                                Map.of()))
                .toList();
    }

    @Override
    public void sample(long nowNs, SampleSink sink) {}

    @Override
    public ActionReport execute(Action action, ActionProgress progress) {
        onArrival.accept(action);
        UUID vm = action.vm();
        Place before = fleet.find(vm);
        if (before == null || !before.host().equals(host)) {
            return ActionReport.failed(ErrorCode.NOT_FOUND, "the vm is not on this host");
        }
        if (!isExpected(action, before)) {
            return report(
                    LifecycleState.FAILED,
                    ErrorCode.PRECONDITION_FAILED,
                    before,
                    "not as expected");
        }
        Manner manner = manners.of(action.actionId());
        progress.running("begun");
        pause(manner.beforeMs());
        Place after = wanted(action, before);
        switch (manner.course()) {
            case DONE -> fleet.put(action.actionId(), Step.DO, vm, after);
            case REFUSED -> fleet.put(action.actionId(), Step.SKIP, vm, before);
            case UNDONE -> {
                fleet.put(action.actionId(), Step.DO, vm, after);
                pause(manner.afterMs());
                fleet.put(action.actionId(), Step.UNDO, vm, before);
            }
            case DONE_LATE -> {
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> {
                            pause(manner.afterMs());
                            fleet.put(action.actionId(), Step.DO, vm, after);
                        });
                return ActionReport.unknown(ErrorCode.ACTION_TIMED_OUT, "nobody knows");
            }
            case NEVER_DONE -> {
                fleet.put(action.actionId(), Step.SKIP, vm, before);
                return ActionReport.unknown(ErrorCode.ACTION_TIMED_OUT, "nobody knows");
            }
        }
        pause(manner.afterMs());
        return switch (manner.course()) {
            case REFUSED ->
                    report(LifecycleState.FAILED, ErrorCode.OUT_OF_RANGE, before, "refused");
            case UNDONE ->
                    report(LifecycleState.ROLLED_BACK, ErrorCode.ACTION_FAILED, before, "undone");
            default -> readBack(action);
        };
    }

    private boolean isExpected(Action action, Place place) {
        return (action.expectedVcpus() <= 0 || action.expectedVcpus() == place.vcpus())
                && (action.expectedMemoryBytes() <= 0
                        || action.expectedMemoryBytes() == place.memoryBytes())
                && (action.expectedHost().equals(ANY) || action.expectedHost().equals(host));
    }

    private static Place wanted(Action action, Place before) {
        return switch (action.actionType()) {
            case SET_VCPUS -> new Place(before.host(), action.targetVcpus(), before.memoryBytes());
            case SET_MEMORY -> new Place(before.host(), before.vcpus(), action.targetMemoryBytes());
            case LIVE_MIGRATE ->
                    new Place(action.targetHost(), before.vcpus(), before.memoryBytes());
            default -> before;
        };
    }

    private static void pause(long ms) {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        for (long leftNs = deadlineNs - System.nanoTime();
                leftNs > 0;
                leftNs = deadlineNs - System.nanoTime()) {
            LockSupport.parkNanos(leftNs);
        }
    }

    @Override
    public ActionReport readBack(Action action) {
        Place place = fleet.find(action.vm());
        if (place == null) {
            return ActionReport.failed(ErrorCode.NOT_FOUND, "the vm is gone");
        }
        return place.equals(wanted(action, place))
                ? report(LifecycleState.KEPT, ErrorCode.NONE, place, "read back as wanted")
                : report(
                        LifecycleState.FAILED,
                        ErrorCode.ACTION_FAILED,
                        place,
                        "read back as before");
    }

    private static ActionReport report(
            LifecycleState state, ErrorCode code, Place place, String text) {
        return new ActionReport(
                state, code, place.vcpus(), place.memoryBytes(), place.host(), text);
    }

    @Override
    public long causedCpuNs() {
        return 0;
    }

    @Override
    public void close() {}
}
