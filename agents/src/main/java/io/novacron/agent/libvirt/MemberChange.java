package io.novacron.agent.libvirt;

import io.novacron.agent.ActionProgress;
import io.novacron.agent.ActionReport;
import io.novacron.agent.libvirt.CloneDescription.NotCloneable;
import io.novacron.agent.libvirt.CloneDescription.Overlay;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Adds a member to a group by cloning a template, and takes one out again.
///
/// ```text
///  SCALE_OUT  vm: the template · expectedSetting: the group · targetSetting: NAME UUID of the clone
///  SCALE_IN   vm: the member   · expectedSetting: the group · targetSetting: remove, or stop
/// ```
///
/// Only a domain with our [CloneMark] of the same group is ever destroyed and removed, and only
/// disks that the mark names. A member that is none of ours is asked to shut down, as by any stop.
/// An action that is given twice finds its clone there, or gone.
final class MemberChange {
    private static final long READ_BACK_INTERVAL_NS = Duration.ofMillis(100).toNanos();
    private static final Duration ASK_LIMIT = Duration.ofSeconds(60);
    private static final UUID ANY_HOST = new UUID(0, 0);

    private final UUID hostId;
    private final CommandCalls calls;
    private final Reports reports;
    private final PowerChange powerChange;

    MemberChange(UUID hostId, CommandCalls calls, Reports reports, PowerChange powerChange) {
        this.hostId = hostId;
        this.calls = calls;
        this.reports = reports;
        this.powerChange = powerChange;
    }

    /// What an action says of the clone.
    private record Clone(String name, UUID id) {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

        static @Nullable Clone of(Action action) {
            String[] words = action.targetSetting().split(" ", -1);
            try {
                return words.length == 2 && NAME.matcher(words[0]).matches()
                        ? new Clone(words[0], UUID.fromString(words[1]))
                        : null;
            } catch (IllegalArgumentException _) {
                return null;
            }
        }
    }

    ActionReport run(Action action, long deadlineNs, ActionProgress progress)
            throws LibvirtException {
        if (!action.expectedHost().equals(ANY_HOST) && !action.expectedHost().equals(hostId)) {
            return ActionReport.failed(
                    ErrorCode.PRECONDITION_FAILED,
                    "this is host %s, expected host %s".formatted(hostId, action.expectedHost()));
        }
        if (action.actionType() == ActionType.SCALE_OUT) {
            Clone clone = Clone.of(action);
            return clone == null
                    ? ActionReport.failed(
                            ErrorCode.BAD_MESSAGE,
                            "targetSetting=%s must be NAME UUID".formatted(action.targetSetting()))
                    : add(action, clone, deadlineNs, progress);
        }
        return switch (action.targetSetting()) {
            case "remove" -> remove(action, deadlineNs, progress);
            case "stop" -> stop(action, deadlineNs, progress);
            default ->
                    ActionReport.failed(
                            ErrorCode.BAD_MESSAGE,
                            "targetSetting=%s must be remove or stop"
                                    .formatted(action.targetSetting()));
        };
    }

    // --- more ----------------------------------------------------------------------------------

    private ActionReport add(Action action, Clone clone, long deadlineNs, ActionProgress progress)
            throws LibvirtException {
        DomainState there = stateOrNull(clone.id());
        if (there != null) {
            CloneMark mark = mark(clone.id(), deadlineNs);
            boolean ours = mark != null && mark.action() == action.actionId();
            if (!ours) {
                return reports.failed(
                        ErrorCode.PRECONDITION_FAILED,
                        there,
                        "%s has the identity of the clone already".formatted(there.name()));
            }
            return there.active()
                    ? reports.kept(there, there.name() + " runs already")
                    : start(clone, there, deadlineNs);
        }
        DomainState template = calls.state(action.vm(), deadlineNs);
        String mismatch = mismatch(action, template);
        if (mismatch != null) {
            return reports.failed(ErrorCode.PRECONDITION_FAILED, template, mismatch);
        }
        CloneDescription description;
        try {
            String xml = calls.ask("read definition", deadlineNs, c -> c.definition(action.vm()));
            description =
                    CloneDescription.of(
                            xml,
                            clone.name(),
                            clone.id(),
                            action.expectedSetting(),
                            action.actionId());
        } catch (NotCloneable e) {
            return reports.failed(
                    ErrorCode.PRECONDITION_FAILED,
                    template,
                    "%s: %s".formatted(template.name(), e.getMessage()));
        }
        progress.running("%s is cloned as %s".formatted(template.name(), clone.name()));
        List<Path> made = new ArrayList<>();
        try {
            for (Overlay disk : description.disks()) {
                Path file = Path.of(disk.file());
                OverlayDisk.create(file, Path.of(disk.backing()), disk.format());
                made.add(file);
            }
        } catch (IOException e) {
            delete(made);
            return reports.failed(
                    ErrorCode.ACTION_FAILED,
                    template,
                    "a disk of %s cannot be made: %s".formatted(clone.name(), e));
        }
        try {
            change(clone.id(), "define", deadlineNs, c -> c.define(description.xml()));
        } catch (LibvirtException e) {
            if (wasRefused(e)) {
                delete(made);
            }
            return failed(clone, e, template);
        }
        return start(clone, template, deadlineNs);
    }

    private static @Nullable String mismatch(Action action, DomainState template) {
        String name = template.name();
        if (template.active()) {
            return "the template %s runs: a clone of its disks would not be whole. Maybe shut it down?"
                    .formatted(name);
        }
        if (!template.persistent()) {
            return "the template %s has no definition".formatted(name);
        }
        if (action.expectedVcpus() != 0 && template.vcpus() != action.expectedVcpus()) {
            return "%s has %d vCPUs, expected %d"
                    .formatted(name, template.vcpus(), action.expectedVcpus());
        }
        boolean memoryDiffers =
                action.expectedMemoryBytes() != 0
                        && !SizeChange.near(template.memoryBytes(), action.expectedMemoryBytes());
        return memoryDiffers
                ? "%s has %d bytes of memory, expected %d"
                        .formatted(name, template.memoryBytes(), action.expectedMemoryBytes())
                : null;
    }

    private ActionReport start(Clone clone, DomainState before, long deadlineNs) {
        try {
            change(clone.id(), "start", deadlineNs, c -> c.start(clone.id()));
        } catch (LibvirtException e) {
            if (wasRefused(e)) {
                forget(clone.id(), deadlineNs); // it never ran
            }
            return failed(clone, e, before);
        }
        DomainState now = stateOrNull(clone.id());
        if (now == null) {
            return ActionReport.unknown(ErrorCode.NOT_READY, clone.name() + " cannot be read back");
        }
        return now.active()
                ? reports.kept(now, now.name() + " runs")
                : reports.failed(ErrorCode.ACTION_FAILED, now, now.name() + " is off again");
    }

    private ActionReport failed(Clone clone, LibvirtException e, DomainState before) {
        String text = "%s: %s".formatted(clone.name(), e.getMessage());
        return wasRefused(e)
                ? reports.failed(ErrorCode.ACTION_FAILED, before, text)
                : reports.unknown(ErrorCode.ACTION_TIMED_OUT, before, text);
    }

    // --- fewer ---------------------------------------------------------------------------------

    private ActionReport stop(Action action, long deadlineNs, ActionProgress progress)
            throws LibvirtException {
        Action stop = asStop(action);
        DomainState now = calls.state(action.vm(), deadlineNs);
        var refusal = powerChange.refusal(stop, now);
        if (refusal != null) {
            return refusal;
        }
        progress.running(now.name() + " is asked to shut down");
        return powerChange.run(stop, deadlineNs);
    }

    private static Action asStop(Action action) {
        return new Action(
                action.actionId(),
                ActionType.STOP,
                action.vm(),
                action.issuedAtMs(),
                action.expiresAtMs(),
                action.timeoutMs(),
                action.expectedVcpus(),
                action.expectedMemoryBytes(),
                action.expectedHost(),
                action.targetVcpus(),
                action.targetMemoryBytes(),
                action.targetHost(),
                action.targetUri(),
                action.signature());
    }

    private ActionReport remove(Action action, long deadlineNs, ActionProgress progress)
            throws LibvirtException {
        DomainState now = calls.state(action.vm(), deadlineNs);
        CloneMark mark = mark(action.vm(), deadlineNs);
        if (mark == null || !mark.group().equals(action.expectedSetting())) {
            return reports.failed(
                    ErrorCode.PRECONDITION_FAILED,
                    now,
                    "%s was not cloned for group %s: nothing else is ever removed. Maybe stop-others, to shut it down?"
                            .formatted(now.name(), action.expectedSetting()));
        }
        progress.running(now.name() + " is removed");
        try {
            if (now.active()) {
                end(action.vm(), deadlineNs);
            }
            forget(action.vm(), mark, deadlineNs);
        } catch (LibvirtException e) {
            return e.kind() == Kind.NOT_FOUND
                    ? gone(now)
                    : reports.unknown(
                            ErrorCode.ACTION_TIMED_OUT,
                            now,
                            "%s: %s".formatted(now.name(), e.getMessage()));
        }
        return gone(now);
    }

    private ActionReport gone(DomainState before) {
        return reports.kept(before, before.name() + " is gone");
    }

    /// Asks the guest, and ends it when it has not followed in time: it is a clone of ours.
    private void end(UUID vm, long deadlineNs) throws LibvirtException {
        try {
            change(vm, "shut down", deadlineNs, c -> c.shutdown(vm));
        } catch (LibvirtException e) {
            if (!wasRefused(e)) {
                throw e;
            } // a guest that cannot be asked is ended
        }
        long left = Math.max(0, deadlineNs - calls.nowNs());
        long patienceNs = calls.nowNs() + Math.min(ASK_LIMIT.toNanos(), left / 2);
        while (patienceNs - calls.nowNs() > 0 && !Thread.currentThread().isInterrupted()) {
            if (!calls.state(vm, calls.readDeadlineNs()).active()) {
                return;
            }
            LockSupport.parkNanos(READ_BACK_INTERVAL_NS);
        }
        change(vm, "destroy", deadlineNs, c -> c.destroy(vm));
    }

    /// Removes what was defined and did not start; what cannot be removed stays, off.
    private void forget(UUID clone, long deadlineNs) {
        try {
            CloneMark mark = mark(clone, deadlineNs);
            if (mark != null) {
                forget(clone, mark, deadlineNs);
            }
        } catch (LibvirtException _) {
            // the outcome says that it did not start
        }
    }

    private void forget(UUID clone, CloneMark mark, long deadlineNs) throws LibvirtException {
        String name = calls.state(clone, deadlineNs).name();
        change(clone, "undefine", deadlineNs, c -> c.undefine(clone));
        delete(mark.disks().stream().map(Path::of).filter(disk -> isOf(disk, name)).toList());
    }

    /// Whether it is called as we call the disks of a clone.
    private static boolean isOf(Path disk, String clone) {
        return String.valueOf(disk.getFileName()).startsWith(clone + "-");
    }

    private static void delete(List<Path> disks) {
        for (Path disk : disks) {
            try {
                Files.deleteIfExists(disk);
            } catch (IOException _) {
                // a file more on the host; the vm is gone
            }
        }
    }

    // --- what became of it -----------------------------------------------------------------------

    ActionReport readBack(Action action) {
        boolean more = action.actionType() == ActionType.SCALE_OUT;
        Clone clone = more ? Clone.of(action) : null;
        UUID id = clone == null ? action.vm() : clone.id();
        try {
            if (calls.hangs(id)) {
                return ActionReport.unknown(
                        ErrorCode.NOT_READY, "a call that changes %s hangs".formatted(id));
            }
            DomainState now = calls.state(id, calls.readDeadlineNs());
            boolean stopped = action.targetSetting().equals("stop") && !now.active();
            boolean reached = more ? now.active() : stopped;
            String words = now.name() + (now.active() ? " runs" : " is off");
            return reached
                    ? reports.kept(now, words)
                    : reports.failed(ErrorCode.ACTION_FAILED, now, words);
        } catch (LibvirtException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                return ActionReport.unknown(ErrorCode.NOT_READY, e.getMessage());
            }
        }
        return more
                ? ActionReport.failed(ErrorCode.ACTION_FAILED, "there is no clone")
                : new ActionReport(
                        LifecycleState.KEPT, ErrorCode.NONE, 0, 0, hostId, "the member is gone");
    }

    private @Nullable CloneMark mark(UUID vm, long deadlineNs) throws LibvirtException {
        return CloneMark.parse(calls.ask("read metadata", deadlineNs, c -> c.cloneElement(vm)));
    }

    private @Nullable DomainState stateOrNull(UUID vm) {
        try {
            return calls.state(vm, calls.readDeadlineNs());
        } catch (LibvirtException _) {
            return null;
        }
    }

    private void change(UUID vm, String what, long deadlineNs, CommandCalls.Change change)
            throws LibvirtException {
        var flight = calls.begin(what, deadlineNs, change);
        try {
            flight.await(calls.remaining(deadlineNs));
        } finally {
            calls.settle(vm, flight);
        }
    }

    private static boolean wasRefused(LibvirtException e) {
        return e.kind() == Kind.REFUSED || e.kind() == Kind.UNSUPPORTED;
    }
}
