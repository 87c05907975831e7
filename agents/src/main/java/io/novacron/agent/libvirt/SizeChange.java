package io.novacron.agent.libvirt;

import io.novacron.agent.ActionReport;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ErrorCode;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Changes the vCPUs or the memory of a running vm, and of its definition when it has one.
///
/// A guest follows in its own time: hot-added vCPUs at once, a balloon within seconds, taking a
/// vCPU away perhaps never (under TCG libvirt gives up after 5 s, and the guest may still let go
/// later). So success is what is read back, and time running out is `UNKNOWN`.
final class SizeChange {
    private static final long READ_BACK_INTERVAL_NS = Duration.ofMillis(100).toNanos();
    private static final long MEMORY_TOLERANCE_BYTES = 1 << 20; // balloons move whole pages

    private final CommandCalls calls;
    private final Reports reports;

    SizeChange(CommandCalls calls, Reports reports) {
        this.calls = calls;
        this.reports = reports;
    }

    ActionReport setVcpus(Action action, long deadlineNs, boolean persistent)
            throws LibvirtException {
        return change(
                action,
                deadlineNs,
                "set vCPUs",
                c -> c.setVcpus(action.vm(), action.targetVcpus(), persistent));
    }

    ActionReport setMemory(Action action, long deadlineNs, boolean persistent)
            throws LibvirtException {
        return change(
                action,
                deadlineNs,
                "set memory",
                c -> c.setMemory(action.vm(), action.targetMemoryBytes(), persistent));
    }

    /// What became of an action that nobody waits for any more.
    ActionReport readBack(Action action, DomainState now) {
        if (!now.active()) {
            return reports.failed(
                    ErrorCode.PRECONDITION_FAILED, now, now.name() + " does not run any more");
        }
        if (reached(action, now)) {
            return reports.kept(now, Reports.sizes(now));
        }
        return unchanged(action, now)
                ? reports.failed(
                        ErrorCode.ACTION_FAILED, now, "had no effect: " + Reports.sizes(now))
                : reports.unknown(
                        ErrorCode.NOT_READY,
                        now,
                        "neither as before nor as wanted: " + Reports.sizes(now));
    }

    static boolean near(long bytes, long otherBytes) {
        return Math.abs(bytes - otherBytes) <= MEMORY_TOLERANCE_BYTES;
    }

    private ActionReport change(
            Action action, long deadlineNs, String what, CommandCalls.Change change)
            throws LibvirtException {
        LibvirtException trouble = null;
        // Sizes are absolute: asking once more after a connection broke does no harm.
        for (int attempt = 0; attempt < 2; attempt++) {
            var flight = calls.begin(what, deadlineNs, change);
            try {
                flight.await(calls.remaining(deadlineNs));
                trouble = null;
            } catch (LibvirtException e) {
                trouble = e;
            } finally {
                calls.settle(action.vm(), flight);
            }
            if (trouble == null || trouble.kind() != Kind.CONNECTION_LOST) {
                break;
            }
        }
        if (trouble != null && trouble.kind() == Kind.NOT_FOUND) {
            return Reports.vanished(action);
        }
        return follow(action, deadlineNs, trouble);
    }

    /// Reads back until the target is seen, or a refusal is confirmed, or time is up.
    private ActionReport follow(
            Action action, long deadlineNs, @Nullable LibvirtException refusal) {
        var trouble = refusal;
        while (true) {
            boolean last =
                    deadlineNs - calls.nowNs() <= READ_BACK_INTERVAL_NS
                            || Thread.currentThread().isInterrupted();
            DomainState now = null;
            try {
                // At least one read, even after the deadline: the state is worth the wait.
                now = calls.state(action.vm(), calls.readDeadlineNs());
            } catch (LibvirtException e) {
                if (e.kind() == Kind.NOT_FOUND) {
                    return Reports.vanished(action);
                }
                trouble = trouble == null ? e : trouble;
            }
            if (now != null && reached(action, now)) {
                return reports.kept(
                        now,
                        Reports.sizes(now)
                                + (trouble == null ? "" : "; but " + trouble.getMessage()));
            }
            if (now != null && trouble != null && refused(trouble) && unchanged(action, now)) {
                return reports.failed(ErrorCode.ACTION_FAILED, now, trouble.getMessage());
            }
            if (last) {
                var why =
                        trouble == null
                                ? "the guest has not followed in time"
                                : trouble.getMessage();
                return now == null
                        ? ActionReport.unknown(ErrorCode.ACTION_TIMED_OUT, why)
                        : reports.unknown(
                                ErrorCode.ACTION_TIMED_OUT, now, why + "; " + Reports.sizes(now));
            }
            LockSupport.parkNanos(READ_BACK_INTERVAL_NS);
        }
    }

    private static boolean refused(LibvirtException trouble) {
        return trouble.kind() == Kind.REFUSED || trouble.kind() == Kind.UNSUPPORTED;
    }

    private static boolean reached(Action action, DomainState now) {
        return switch (action.actionType()) {
            case SET_VCPUS -> now.vcpus() == action.targetVcpus();
            case SET_MEMORY -> near(now.memoryBytes(), action.targetMemoryBytes());
            default -> false; // no size
        };
    }

    private static boolean unchanged(Action action, DomainState now) {
        return switch (action.actionType()) {
            case SET_VCPUS -> now.vcpus() == action.expectedVcpus();
            case SET_MEMORY -> near(now.memoryBytes(), action.expectedMemoryBytes());
            default -> true; // no size
        };
    }
}
