package io.novacron.agent.libvirt;

import io.novacron.agent.ActionReport;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ErrorCode;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Starts a vm that is defined and off, and stops one by asking its guest to shut down.
///
/// A guest may take its time over that, or never follow: when the time of the action is over it is
/// told so and left running. Nothing here destroys a vm. Only what has a definition is stopped, for
/// nothing could start the rest again.
final class PowerChange {
    private static final long READ_BACK_INTERVAL_NS = Duration.ofMillis(100).toNanos();

    private final CommandCalls calls;
    private final Reports reports;

    PowerChange(CommandCalls calls, Reports reports) {
        this.calls = calls;
        this.reports = reports;
    }

    /// Why the action may not begin, or null.
    @Nullable ActionReport refusal(Action action, DomainState now) {
        boolean start = action.actionType() == ActionType.START;
        String why = null;
        if (start == now.active()) {
            why =
                    "%s %s (state %d)"
                            .formatted(
                                    now.name(),
                                    start ? "runs already" : "does not run",
                                    now.state());
        } else if (!start && !now.persistent()) {
            why =
                    "%s has no definition: once stopped it is gone, and nothing could start it again. Maybe virsh define it?"
                            .formatted(now.name());
        }
        return why == null ? null : reports.failed(ErrorCode.PRECONDITION_FAILED, now, why);
    }

    ActionReport run(Action action, long deadlineNs) throws LibvirtException {
        boolean start = action.actionType() == ActionType.START;
        var flight =
                calls.begin(
                        start ? "start" : "shut down",
                        deadlineNs,
                        start ? c -> c.start(action.vm()) : c -> c.shutdown(action.vm()));
        LibvirtException trouble = null;
        try {
            flight.await(calls.remaining(deadlineNs));
        } catch (LibvirtException e) {
            trouble = e;
        } finally {
            calls.settle(action.vm(), flight);
        }
        if (trouble != null && trouble.kind() == Kind.NOT_FOUND) {
            return Reports.vanished(action);
        }
        return follow(action, deadlineNs, trouble);
    }

    private ActionReport follow(
            Action action, long deadlineNs, @Nullable LibvirtException trouble) {
        while (true) {
            boolean last =
                    deadlineNs - calls.nowNs() <= READ_BACK_INTERVAL_NS
                            || Thread.currentThread().isInterrupted();
            DomainState now = null;
            var why = trouble;
            try {
                now = calls.state(action.vm(), calls.readDeadlineNs());
            } catch (LibvirtException e) {
                if (e.kind() == Kind.NOT_FOUND) {
                    return Reports.vanished(action);
                }
                why = why == null ? e : why;
            }
            if (now != null && reached(action, now)) {
                return reports.kept(now, words(now));
            }
            boolean refused =
                    why != null && (why.kind() == Kind.REFUSED || why.kind() == Kind.UNSUPPORTED);
            if (now != null && why != null && refused) {
                return reports.failed(ErrorCode.ACTION_FAILED, now, why.getMessage());
            }
            if (last) {
                return overdue(action, now, why);
            }
            LockSupport.parkNanos(READ_BACK_INTERVAL_NS);
        }
    }

    private ActionReport overdue(
            Action action, @Nullable DomainState now, @Nullable LibvirtException trouble) {
        if (now == null || trouble != null) {
            var why = trouble == null ? "nobody can say" : trouble.getMessage();
            return now == null
                    ? ActionReport.unknown(ErrorCode.ACTION_TIMED_OUT, why)
                    : reports.unknown(ErrorCode.ACTION_TIMED_OUT, now, why + "; " + words(now));
        }
        return action.actionType() == ActionType.STOP
                ? reports.failed(
                        ErrorCode.ACTION_TIMED_OUT,
                        now,
                        "the guest of %s has not shut down within %d ms; it still runs and was not destroyed. Maybe it ignores the power button (ACPI)?"
                                .formatted(now.name(), action.timeoutMs()))
                : reports.unknown(ErrorCode.ACTION_TIMED_OUT, now, words(now));
    }

    /// What became of an action that nobody waits for any more.
    ActionReport readBack(Action action, DomainState now) {
        return reached(action, now)
                ? reports.kept(now, words(now))
                : reports.failed(ErrorCode.ACTION_FAILED, now, words(now));
    }

    private static boolean reached(Action action, DomainState now) {
        return now.active() == (action.actionType() == ActionType.START);
    }

    private static String words(DomainState now) {
        return now.name() + (now.active() ? " runs" : " is off");
    }
}
