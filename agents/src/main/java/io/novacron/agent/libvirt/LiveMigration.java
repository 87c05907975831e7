package io.novacron.agent.libvirt;

import io.novacron.agent.ActionReport;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Moves a running vm to another host, peer to peer: this host's libvirtd talks to the target's.
///
/// A migration that is out of time is aborted (libvirt rolls it back within 40 ms), and the vm is
/// looked for: still here and at rest is `ROLLED_BACK`. Gone from here without libvirt's word that
/// it arrived is asked of the target, if this host can reach it, and else `UNKNOWN`.
final class LiveMigration {
    private static final Duration ABORT_PATIENCE = Duration.ofSeconds(10);

    private final LibvirtUri uri;
    private final CommandCalls calls;
    private final Reports reports;
    private final Set<UUID> migrating;

    /// @param migrating shows others the vms that move now
    LiveMigration(LibvirtUri uri, CommandCalls calls, Reports reports, Set<UUID> migrating) {
        this.uri = uri;
        this.calls = calls;
        this.reports = reports;
        this.migrating = migrating;
    }

    ActionReport run(Action action, long deadlineNs, boolean persistent) throws LibvirtException {
        migrating.add(action.vm());
        try {
            var flight =
                    calls.begin(
                            "migrate",
                            deadlineNs,
                            c ->
                                    c.migrate(
                                            action.vm(),
                                            action.targetUri(),
                                            persistent,
                                            uri.unsafeMigration()));
            LibvirtException trouble = null;
            boolean aborted = false;
            try {
                flight.await(calls.remaining(deadlineNs));
            } catch (LibvirtException e) {
                aborted = e.kind() == Kind.OVERRAN || e.kind() == Kind.INTERRUPTED;
                trouble = aborted ? abort(action, flight, e) : e;
            } finally {
                calls.settle(action.vm(), flight);
            }
            if (trouble != null && trouble.kind() == Kind.NOT_FOUND) {
                return Reports.vanished(action);
            }
            return whereIsIt(action, aborted, trouble);
        } finally {
            migrating.remove(action.vm());
        }
    }

    /// What became of a migration that nobody waits for any more.
    ///
    /// @param now the vm as it is here, or null when it is not
    ActionReport readBack(Action action, @Nullable DomainState now) {
        return now != null && now.active()
                ? reports.failed(
                        ErrorCode.ACTION_FAILED, now, "still runs here: " + Reports.sizes(now))
                : atTarget(action);
    }

    /// Returns what the migration's own call said after the abort, or null when it had just
    /// succeeded.
    private @Nullable LibvirtException abort(
            Action action, CallPool.InFlight<?> flight, LibvirtException timeout) {
        boolean interrupted = Thread.interrupted(); // the abort must still be waited for
        try {
            calls.ask(
                    "abort job",
                    calls.readDeadlineNs(),
                    c -> {
                        c.abortJob(action.vm());
                        return true;
                    });
        } catch (LibvirtException e) {
            // it may have ended by itself; the wait below tells
        }
        try {
            flight.await(ABORT_PATIENCE);
            return null;
        } catch (LibvirtException e) {
            return e.kind() == Kind.REFUSED ? timeout : e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private ActionReport whereIsIt(
            Action action, boolean aborted, @Nullable LibvirtException trouble) {
        var why = trouble == null ? "libvirt says it is done" : trouble.getMessage();
        try {
            var now = calls.state(action.vm(), calls.readDeadlineNs());
            if (now.active()) {
                boolean atRest =
                        trouble != null
                                && trouble.kind() != Kind.CONNECTION_LOST
                                && !calls.hangs(action.vm())
                                && !calls.job(action.vm(), calls.readDeadlineNs()).active();
                if (!atRest) {
                    return reports.unknown(
                            ErrorCode.ACTION_TIMED_OUT, now, why + "; it still runs here");
                }
                return aborted
                        ? reports.rolledBack(
                                ErrorCode.ACTION_TIMED_OUT,
                                now,
                                "aborted after %d ms; %s still runs here"
                                        .formatted(action.timeoutMs(), now.name()))
                        : reports.failed(ErrorCode.ACTION_FAILED, now, why);
            }
        } catch (LibvirtException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                return ActionReport.unknown(
                        ErrorCode.ACTION_TIMED_OUT, why + "; " + e.getMessage());
            }
        }
        return trouble == null ? arrived(action, null) : atTarget(action);
    }

    /// Asks the target's libvirt, which this host may or may not be able to reach.
    private ActionReport atTarget(Action action) {
        try {
            var there =
                    calls.ask(
                            "ask the target",
                            calls.readDeadlineNs(),
                            _ -> {
                                try (var target = Connection.open(action.targetUri())) {
                                    return target.state(action.vm());
                                }
                            });
            return there.active()
                    ? arrived(action, there)
                    : ActionReport.unknown(
                            ErrorCode.NOT_READY,
                            "%s is at %s but does not run"
                                    .formatted(there.name(), action.targetUri()));
        } catch (LibvirtException e) {
            return e.kind() == Kind.NOT_FOUND
                    ? Reports.vanished(action)
                    : ActionReport.unknown(
                            ErrorCode.NOT_FOUND,
                            "vm %s is not here, and the target cannot be asked: %s"
                                    .formatted(action.vm(), e.getMessage()));
        }
    }

    private static ActionReport arrived(Action action, @Nullable DomainState there) {
        return new ActionReport(
                LifecycleState.KEPT,
                ErrorCode.NONE,
                there == null ? 0 : there.vcpus(),
                there == null ? 0 : there.memoryBytes(),
                action.targetHost(),
                "runs at " + action.targetUri());
    }
}
