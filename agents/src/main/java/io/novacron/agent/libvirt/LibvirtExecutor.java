package io.novacron.agent.libvirt;

import io.novacron.agent.ActionProgress;
import io.novacron.agent.ActionReport;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Carries actions out: checks, acts, and reads back until the target is seen or time is up.
///
/// The report says what is known and no more. Begun and not seen to end is `UNKNOWN`, whatever the
/// reason: a guest may take a vCPU or a balloon minutes later. Only what libvirt refused, with the
/// old state read back, is `FAILED`. Used by any number of threads; one action at a time for a vm.
final class LibvirtExecutor {
    private static final long READ_BACK_INTERVAL_NS = Duration.ofMillis(100).toNanos();
    private static final Duration ABORT_PATIENCE = Duration.ofSeconds(10);
    private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);
    private static final long MEMORY_TOLERANCE_BYTES = 1 << 20; // balloons move whole pages
    private static final long MIN_MEMORY_BYTES = 64L << 20; // less, and no guest lives on
    private static final UUID NO_HOST = new UUID(0, 0);

    private final LibvirtUri uri;
    private final UUID hostId;
    private final CallPool pool;
    private final LongSupplier nanoClock;
    private final Set<UUID> acting;
    private final Set<UUID> migrating;

    LibvirtExecutor(
            LibvirtUri uri,
            UUID hostId,
            CallPool pool,
            LongSupplier nanoClock,
            Set<UUID> acting,
            Set<UUID> migrating) {
        this.uri = uri;
        this.hostId = hostId;
        this.pool = pool;
        this.nanoClock = nanoClock;
        this.acting = acting;
        this.migrating = migrating;
    }

    ActionReport execute(Action action, ActionProgress progress) {
        if (!acting.add(action.vm())) {
            return ActionReport.failed(
                    ErrorCode.PRECONDITION_FAILED,
                    "vm %s: another action of this agent is under way".formatted(action.vm()));
        }
        try {
            var timeout =
                    action.timeoutMs() > 0
                            ? Duration.ofMillis(action.timeoutMs())
                            : DEFAULT_TIMEOUT;
            long deadlineNs = nanoClock.getAsLong() + timeout.toNanos();
            var before = ask("read state", deadlineNs, c -> c.state(action.vm()));
            var refusal = refusal(action, before, deadlineNs);
            if (refusal != null) {
                return refusal;
            }
            return switch (action.actionType()) {
                case SET_VCPUS -> {
                    progress.running(
                            "setting vCPUs of %s from %d to %d"
                                    .formatted(
                                            before.name(), before.vcpus(), action.targetVcpus()));
                    yield change(
                            action,
                            deadlineNs,
                            "set vCPUs",
                            c ->
                                    c.setVcpus(
                                            action.vm(),
                                            action.targetVcpus(),
                                            before.persistent()));
                }
                case SET_MEMORY -> {
                    progress.running(
                            "setting memory of %s from %d to %d bytes"
                                    .formatted(
                                            before.name(),
                                            before.memoryBytes(),
                                            action.targetMemoryBytes()));
                    yield change(
                            action,
                            deadlineNs,
                            "set memory",
                            c ->
                                    c.setMemory(
                                            action.vm(),
                                            action.targetMemoryBytes(),
                                            before.persistent()));
                }
                case LIVE_MIGRATE -> {
                    progress.running(
                            "migrating %s to %s".formatted(before.name(), action.targetUri()));
                    yield migrate(action, deadlineNs, before);
                }
                case SBE_UNKNOWN, NULL_VAL ->
                        ActionReport.failed(
                                ErrorCode.BAD_MESSAGE, "actionType is not known to this agent");
            };
        } catch (LibvirtException e) {
            return notBegun(action, e);
        } finally {
            acting.remove(action.vm());
        }
    }

    ActionReport readBack(Action action) {
        long deadlineNs = nanoClock.getAsLong() + uri.callTimeout().toNanos() * 2;
        try {
            var now = ask("read state", deadlineNs, c -> c.state(action.vm()));
            if (!now.active() && action.actionType() != ActionType.LIVE_MIGRATE) {
                return report(
                        LifecycleState.FAILED,
                        ErrorCode.PRECONDITION_FAILED,
                        now,
                        hostId,
                        "%s does not run any more".formatted(now.name()));
            }
            if (now.active() && ask("read job", deadlineNs, c -> c.job(action.vm())).active()) {
                return report(
                        LifecycleState.UNKNOWN,
                        ErrorCode.NOT_READY,
                        now,
                        hostId,
                        "%s: a job of libvirt is under way".formatted(now.name()));
            }
            return switch (action.actionType()) {
                case SET_VCPUS, SET_MEMORY -> {
                    if (reached(action, now)) {
                        yield report(
                                LifecycleState.KEPT, ErrorCode.NONE, now, hostId, describe(now));
                    }
                    yield unchanged(action, now)
                            ? report(
                                    LifecycleState.FAILED,
                                    ErrorCode.ACTION_FAILED,
                                    now,
                                    hostId,
                                    "had no effect: " + describe(now))
                            : report(
                                    LifecycleState.UNKNOWN,
                                    ErrorCode.NOT_READY,
                                    now,
                                    hostId,
                                    "neither as before nor as wanted: " + describe(now));
                }
                case LIVE_MIGRATE ->
                        now.active()
                                ? report(
                                        LifecycleState.FAILED,
                                        ErrorCode.ACTION_FAILED,
                                        now,
                                        hostId,
                                        "still runs here: " + describe(now))
                                : atTarget(action, deadlineNs);
                case SBE_UNKNOWN, NULL_VAL ->
                        ActionReport.failed(
                                ErrorCode.BAD_MESSAGE, "actionType is not known to this agent");
            };
        } catch (LibvirtException e) {
            if (e.kind() == Kind.NOT_FOUND && action.actionType() == ActionType.LIVE_MIGRATE) {
                return atTarget(action, deadlineNs);
            }
            return e.kind() == Kind.NOT_FOUND
                    ? vanished(action)
                    : ActionReport.unknown(ErrorCode.NOT_READY, e.getMessage());
        }
    }

    /// Why the action may not begin, or null.
    private @Nullable ActionReport refusal(Action action, DomainState now, long deadlineNs)
            throws LibvirtException {
        var vm = now.name();
        if (!now.active()) {
            return refused(now, "%s does not run (state %d)".formatted(vm, now.state()));
        }
        if (!action.expectedHost().equals(NO_HOST) && !action.expectedHost().equals(hostId)) {
            return refused(
                    now,
                    "%s is on host %s, expected host %s"
                            .formatted(vm, hostId, action.expectedHost()));
        }
        boolean vcpusMatter = action.actionType() == ActionType.SET_VCPUS;
        if ((vcpusMatter || action.expectedVcpus() != 0) && now.vcpus() != action.expectedVcpus()) {
            return refused(
                    now,
                    "%s has %d vCPUs, expected %d"
                            .formatted(vm, now.vcpus(), action.expectedVcpus()));
        }
        boolean memoryMatters = action.actionType() == ActionType.SET_MEMORY;
        if ((memoryMatters || action.expectedMemoryBytes() != 0)
                && !near(now.memoryBytes(), action.expectedMemoryBytes())) {
            return refused(
                    now,
                    "%s has %d bytes of memory, expected %d"
                            .formatted(vm, now.memoryBytes(), action.expectedMemoryBytes()));
        }
        var range = outOfRange(action, now);
        if (range != null) {
            return report(LifecycleState.FAILED, ErrorCode.OUT_OF_RANGE, now, hostId, range);
        }
        var job = ask("read job", deadlineNs, c -> c.job(action.vm()));
        if (job.active()) {
            return refused(
                    now,
                    "%s: a job of libvirt has been under way for %d ms. Maybe a migration or a backup by somebody else?"
                            .formatted(vm, job.elapsedMs()));
        }
        return null;
    }

    private static @Nullable String outOfRange(Action action, DomainState now) {
        return switch (action.actionType()) {
            case SET_VCPUS ->
                    action.targetVcpus() >= 1 && action.targetVcpus() <= now.maxVcpus()
                            ? null
                            : "targetVcpus=%d of %s must be in [1, %d]. Maybe raise <vcpu> in its definition?"
                                    .formatted(action.targetVcpus(), now.name(), now.maxVcpus());
            case SET_MEMORY ->
                    action.targetMemoryBytes() >= MIN_MEMORY_BYTES
                                    && action.targetMemoryBytes() <= now.maxMemoryBytes()
                            ? null
                            : "targetMemoryBytes=%d of %s must be in [%d, %d]. Maybe raise <memory> in its definition?"
                                    .formatted(
                                            action.targetMemoryBytes(),
                                            now.name(),
                                            MIN_MEMORY_BYTES,
                                            now.maxMemoryBytes());
            case LIVE_MIGRATE ->
                    LibvirtUri.accepts(action.targetUri())
                            ? null
                            : "targetUri=%s of %s must be a libvirt URI. Maybe qemu+tls://HOST/system?"
                                    .formatted(action.targetUri(), now.name());
            case SBE_UNKNOWN, NULL_VAL -> "actionType is not known to this agent";
        };
    }

    /// A change of the vm's size.
    private ActionReport change(Action action, long deadlineNs, String what, Change change)
            throws LibvirtException {
        LibvirtException trouble = null;
        try {
            // Absolute sizes: asking again after a connection broke does no harm.
            repeated(
                    what,
                    remaining(deadlineNs),
                    c -> {
                        change.on(c);
                        return true;
                    });
        } catch (LibvirtException e) {
            if (e.kind() == Kind.NOT_FOUND || e.kind() == Kind.DEGRADED) {
                throw e; // not begun
            }
            trouble = e;
        }
        return settle(action, deadlineNs, trouble);
    }

    /// Reads back until the target is seen, or a refusal is confirmed, or time is up.
    private ActionReport settle(
            Action action, long deadlineNs, @Nullable LibvirtException trouble) {
        DomainState now = null;
        while (true) {
            boolean last = deadlineNs - nanoClock.getAsLong() <= READ_BACK_INTERVAL_NS;
            try {
                // One read even after the deadline: a report with the state is worth the wait.
                now =
                        ask(
                                "read back",
                                nanoClock.getAsLong() + uri.callTimeout().toNanos(),
                                c -> c.state(action.vm()));
            } catch (LibvirtException e) {
                if (e.kind() == Kind.NOT_FOUND) {
                    return vanished(action);
                }
                trouble = trouble == null ? e : trouble;
            }
            if (now != null && reached(action, now)) {
                return report(LifecycleState.KEPT, ErrorCode.NONE, now, hostId, describe(now));
            }
            if (trouble != null
                    && (trouble.kind() == Kind.REFUSED || trouble.kind() == Kind.UNSUPPORTED)
                    && now != null
                    && unchanged(action, now)) {
                return report(
                        LifecycleState.FAILED,
                        ErrorCode.ACTION_FAILED,
                        now,
                        hostId,
                        trouble.getMessage());
            }
            if (last
                    || Thread.currentThread().isInterrupted()
                    || trouble != null && trouble.kind() == Kind.OVERRAN) {
                var why =
                        trouble == null
                                ? "the guest has not followed in time"
                                : trouble.getMessage();
                return now == null
                        ? ActionReport.unknown(ErrorCode.ACTION_TIMED_OUT, why)
                        : report(
                                LifecycleState.UNKNOWN,
                                ErrorCode.ACTION_TIMED_OUT,
                                now,
                                hostId,
                                "%s; %s".formatted(why, describe(now)));
            }
            LockSupport.parkNanos(READ_BACK_INTERVAL_NS);
        }
    }

    private ActionReport migrate(Action action, long deadlineNs, DomainState before)
            throws LibvirtException {
        migrating.add(action.vm());
        try {
            var flight =
                    pool.start(
                            "migrate",
                            remaining(deadlineNs),
                            c -> {
                                c.migrate(
                                        action.vm(),
                                        action.targetUri(),
                                        before.persistent(),
                                        uri.unsafeMigration());
                                return true;
                            });
            LibvirtException trouble = null;
            boolean aborted = false;
            try {
                flight.await(remaining(deadlineNs));
            } catch (LibvirtException e) {
                trouble = e;
                if (e.kind() == Kind.OVERRAN || e.kind() == Kind.INTERRUPTED) {
                    aborted = true;
                    trouble = abort(action, flight, e);
                }
            } finally {
                flight.abandon(); // nothing to do when it has ended
            }
            if (trouble != null
                    && (trouble.kind() == Kind.NOT_FOUND || trouble.kind() == Kind.DEGRADED)) {
                throw trouble;
            }
            return whereIsIt(action, aborted, trouble);
        } finally {
            migrating.remove(action.vm());
        }
    }

    /// Aborts a migration that is out of time; returns what the migration's own call said then, or
    /// null when it had just succeeded.
    private @Nullable LibvirtException abort(
            Action action, CallPool.InFlight<Boolean> flight, LibvirtException timeout) {
        boolean interrupted = Thread.interrupted(); // an abort must still be waited for
        try {
            ask(
                    "abort job",
                    nanoClock.getAsLong() + uri.callTimeout().toNanos(),
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
        long deadlineNs = nanoClock.getAsLong() + uri.callTimeout().toNanos();
        var why = trouble == null ? "libvirt says it is done" : trouble.getMessage();
        try {
            var now = ask("read back", deadlineNs, c -> c.state(action.vm()));
            if (now.active()) {
                boolean settled =
                        trouble != null
                                && trouble.kind() != Kind.CONNECTION_LOST
                                && !ask("read job", deadlineNs, c -> c.job(action.vm())).active();
                if (!settled) {
                    return report(
                            LifecycleState.UNKNOWN,
                            ErrorCode.ACTION_TIMED_OUT,
                            now,
                            hostId,
                            "%s; %s still runs here".formatted(why, now.name()));
                }
                return aborted
                        ? report(
                                LifecycleState.ROLLED_BACK,
                                ErrorCode.ACTION_TIMED_OUT,
                                now,
                                hostId,
                                "aborted after %d ms; %s still runs here"
                                        .formatted(action.timeoutMs(), now.name()))
                        : report(LifecycleState.FAILED, ErrorCode.ACTION_FAILED, now, hostId, why);
            }
        } catch (LibvirtException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                return ActionReport.unknown(
                        ErrorCode.ACTION_TIMED_OUT, why + "; " + e.getMessage());
            }
        }
        return trouble == null
                ? new ActionReport(
                        LifecycleState.KEPT,
                        ErrorCode.NONE,
                        0,
                        0,
                        action.targetHost(),
                        "runs at " + action.targetUri())
                : atTarget(action, nanoClock.getAsLong() + uri.callTimeout().toNanos());
    }

    /// Asks the target's libvirt, which this host may or may not be able to reach.
    private ActionReport atTarget(Action action, long deadlineNs) {
        try {
            var there =
                    ask(
                            "ask the target",
                            deadlineNs,
                            _ -> {
                                try (var target = Connection.open(action.targetUri())) {
                                    return target.state(action.vm());
                                }
                            });
            return there.active()
                    ? report(
                            LifecycleState.KEPT,
                            ErrorCode.NONE,
                            there,
                            action.targetHost(),
                            "runs at " + action.targetUri())
                    : report(
                            LifecycleState.UNKNOWN,
                            ErrorCode.NOT_READY,
                            there,
                            action.targetHost(),
                            "is at %s but does not run".formatted(action.targetUri()));
        } catch (LibvirtException e) {
            return e.kind() == Kind.NOT_FOUND
                    ? vanished(action)
                    : ActionReport.unknown(
                            ErrorCode.NOT_FOUND,
                            "vm %s is not here, and the target cannot be asked: %s"
                                    .formatted(action.vm(), e.getMessage()));
        }
    }

    /// The report of an action whose first change was never asked for.
    private static ActionReport notBegun(Action action, LibvirtException e) {
        return switch (e.kind()) {
            case NOT_FOUND -> vanished(action);
            case OVERRAN, GUEST_TIMED_OUT, INTERRUPTED ->
                    ActionReport.unknown(
                            ErrorCode.ACTION_TIMED_OUT,
                            "vm %s, nothing was changed: %s. Maybe the guest hangs?"
                                    .formatted(action.vm(), e.getMessage()));
            case DEGRADED, CONNECTION_LOST, UNAVAILABLE ->
                    ActionReport.failed(
                            ErrorCode.NOT_READY,
                            "vm %s, nothing was changed: %s"
                                    .formatted(action.vm(), e.getMessage()));
            case REFUSED, UNSUPPORTED ->
                    ActionReport.failed(
                            ErrorCode.ACTION_FAILED,
                            "vm %s, nothing was changed: %s"
                                    .formatted(action.vm(), e.getMessage()));
        };
    }

    private static ActionReport vanished(Action action) {
        return ActionReport.failed(
                ErrorCode.NOT_FOUND,
                "vm %s is not on this host. Maybe it was destroyed or migrated after the decision?"
                        .formatted(action.vm()));
    }

    private ActionReport refused(DomainState now, String text) {
        return report(LifecycleState.FAILED, ErrorCode.PRECONDITION_FAILED, now, hostId, text);
    }

    private static ActionReport report(
            LifecycleState state, ErrorCode code, DomainState now, UUID host, String text) {
        return new ActionReport(state, code, now.vcpus(), now.memoryBytes(), host, text);
    }

    private static String describe(DomainState now) {
        return "%s has %d vCPUs and %d bytes of memory"
                .formatted(now.name(), now.vcpus(), now.memoryBytes());
    }

    private static boolean reached(Action action, DomainState now) {
        return switch (action.actionType()) {
            case SET_VCPUS -> now.vcpus() == action.targetVcpus();
            case SET_MEMORY -> near(now.memoryBytes(), action.targetMemoryBytes());
            case LIVE_MIGRATE, SBE_UNKNOWN, NULL_VAL -> false;
        };
    }

    private static boolean unchanged(Action action, DomainState now) {
        return switch (action.actionType()) {
            case SET_VCPUS -> now.vcpus() == action.expectedVcpus();
            case SET_MEMORY -> near(now.memoryBytes(), action.expectedMemoryBytes());
            case LIVE_MIGRATE, SBE_UNKNOWN, NULL_VAL -> true;
        };
    }

    private static boolean near(long bytes, long otherBytes) {
        return Math.abs(bytes - otherBytes) <= MEMORY_TOLERANCE_BYTES;
    }

    /// A short read, repeated once when the connection turns out to be broken.
    private <T> T ask(String what, long deadlineNs, CallPool.Call<T> call) throws LibvirtException {
        var left = remaining(deadlineNs);
        return repeated(
                what, left.compareTo(uri.callTimeout()) < 0 ? left : uri.callTimeout(), call);
    }

    private <T> T repeated(String what, Duration timeout, CallPool.Call<T> call)
            throws LibvirtException {
        try {
            return pool.call(what, timeout, call);
        } catch (LibvirtException e) {
            if (e.kind() != Kind.CONNECTION_LOST) {
                throw e;
            }
            return pool.call(what, timeout, call);
        }
    }

    private Duration remaining(long deadlineNs) {
        return Duration.ofNanos(Math.max(0, deadlineNs - nanoClock.getAsLong()));
    }

    private interface Change {
        void on(Connection connection) throws LibvirtException;
    }
}
