package io.novacron.agent;

import io.novacron.agent.spool.Spool;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Takes actions in, has the hypervisor do them, and spools their outcomes.
///
/// An action is refused when the host does not allow its type, when it has expired, or when
/// [#MAX_PENDING] wait already; a repeated one only has its outcome told again. It is on disk in
/// the [ActionsLog] before it begins. At most one is under way for a vm and [#MAX_RUNNING] for the
/// host, each on a thread of its own, which is kept a while for the next.
///
/// An outcome that is *unknown*, after a timeout or because the agent was restarted meanwhile, is
/// told at once and then resolved by reading back, for at most [#RESOLVE_LIMIT_MS].
final class ActionDesk implements AutoCloseable {
    static final int MAX_PENDING = 64;
    static final int MAX_RUNNING = 4;
    static final long RESOLVE_LIMIT_MS = 10 * 60_000;
    private static final long FIRST_RESOLVE_WAIT_MS = 1_000;
    private static final long MAX_RESOLVE_WAIT_MS = 60_000;

    /// A worker stays this long for the next action: a thread that must be made first costs it
    /// time.
    private static final long WORKER_REST_MS = 10_000;

    /// An executor has its own watchdog; this is the time after it at which the desk stops waiting.
    static final long OVERRUN_GRACE_MS = 10_000;

    private static final UUID NOBODY = new UUID(0, 0);

    private final Hypervisor hypervisor;
    private final Set<ActionType> allowed;
    private final ActionsLog actionsLog;
    private final Spool outcomes;
    private final AgentClock clock;
    private final LongSupplier daemonClockMs;
    private final AgentLog log;
    private final ThreadPoolExecutor workers;
    private final Messages messages =
            new Messages(); // guarded by the spool: used in its makers only

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private final ArrayDeque<Job> pending = new ArrayDeque<>();
    private final Map<UUID, Job> running = new HashMap<>();
    private boolean closed;

    private final AtomicLong actionsTaken = new AtomicLong();
    private final AtomicLong actionsRefused = new AtomicLong();
    private final AtomicLong actionsRepeated = new AtomicLong();

    private static final class Job {
        final Action action;
        final boolean resolveOnly;
        long startedAtMs;
        long deadlineNs;
        boolean overrunTold;

        Job(Action action, boolean resolveOnly) {
            this.action = action;
            this.resolveOnly = resolveOnly;
        }
    }

    ActionDesk(
            Hypervisor hypervisor,
            Set<ActionType> allowed,
            ActionsLog actionsLog,
            Spool outcomes,
            AgentClock clock,
            LongSupplier daemonClockMs,
            AgentLog log,
            ThreadFactory threads) {
        this.hypervisor = hypervisor;
        this.allowed = Set.copyOf(allowed);
        this.actionsLog = actionsLog;
        this.outcomes = outcomes;
        this.clock = clock;
        this.daemonClockMs = daemonClockMs;
        this.log = log;
        this.workers =
                new ThreadPoolExecutor(
                        MAX_RUNNING,
                        MAX_RUNNING,
                        WORKER_REST_MS,
                        TimeUnit.MILLISECONDS,
                        new LinkedBlockingQueue<>(), // of those that run: MAX_RUNNING at most
                        threads);
        workers.allowCoreThreadTimeOut(true);
    }

    /// Picks up what an earlier run of the agent left: outcomes not yet spooled are spooled, what
    /// was begun is unknown until it is read back, what was not begun waits for its turn.
    void recover() {
        for (ActionsLog.Entry entry : actionsLog.entries()) {
            Outcome outcome = entry.outcome();
            if (outcome != null) {
                if (!entry.told()) {
                    tell(entry.action(), outcome);
                }
            } else if (entry.started()) {
                tell(
                        entry.action(),
                        outcome(
                                entry.action().actionId(),
                                clock.nowMs(),
                                ActionReport.unknown(
                                        ErrorCode.NONE, "the agent was restarted meanwhile")));
                enqueue(new Job(entry.action(), true));
            } else {
                enqueue(new Job(entry.action(), false));
            }
        }
        startNext();
    }

    /// Takes an action in. Does not wait for it.
    void submit(Action action) {
        ActionsLog.Entry known = actionsLog.entry(action.actionId());
        if (known != null) {
            actionsRepeated.incrementAndGet();
            Outcome outcome = known.outcome();
            if (outcome != null) {
                tell(action, outcome);
            }
            return;
        }
        ActionReport refusal = refusal(action);
        try {
            if (refusal == null) {
                actionsLog.received(action);
                if (enqueue(new Job(action, false))) {
                    actionsTaken.incrementAndGet();
                    startNext();
                    return;
                }
                refusal =
                        ActionReport.failed(
                                ErrorCode.NOT_READY,
                                "%d actions wait already. Maybe try again later?"
                                        .formatted(MAX_PENDING));
                finish(new Job(action, false), refusal);
            }
        } catch (IOException e) {
            refusal = cannotLog(e);
        }
        actionsRefused.incrementAndGet();
        if (actionsLog.entry(action.actionId()) == null) {
            tell(action, outcome(action.actionId(), clock.nowMs(), refusal));
        }
    }

    private @Nullable ActionReport refusal(Action action) {
        if (!allowed.contains(action.actionType())) {
            return ActionReport.failed(
                    ErrorCode.NOT_ALLOWED,
                    "action=%s is not among the allowed %s of this host. Maybe add it to --allow?"
                            .formatted(action.actionType(), allowed));
        }
        long nowMs = daemonClockMs.getAsLong();
        if (nowMs > action.expiresAtMs()) {
            return ActionReport.failed(
                    ErrorCode.ACTION_EXPIRED,
                    "the action expired %d ms ago".formatted(nowMs - action.expiresAtMs()));
        }
        return null;
    }

    private static ActionReport cannotLog(IOException e) {
        return ActionReport.failed(
                ErrorCode.JOURNAL_UNAVAILABLE,
                "the action cannot be logged, so it is not begun: " + e.getMessage());
    }

    private boolean enqueue(Job job) {
        lock.lock();
        try {
            if (pending.size() >= MAX_PENDING) {
                return false;
            }
            pending.add(job);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Starts every pending job for which there is room, in the order they came.
    private void startNext() {
        lock.lock();
        try {
            for (Iterator<Job> each = pending.iterator();
                    each.hasNext() && running.size() < MAX_RUNNING && !closed; ) {
                Job job = each.next();
                if (!running.containsKey(job.action.vm())) {
                    each.remove();
                    job.startedAtMs = clock.nowMs();
                    job.deadlineNs =
                            clock.nowNs()
                                    + TimeUnit.MILLISECONDS.toNanos(
                                            Math.max(0, job.action.timeoutMs()) + OVERRUN_GRACE_MS);
                    running.put(job.action.vm(), job);
                    workers.execute(() -> work(job));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void work(Job job) {
        try {
            ActionReport report = job.resolveOnly ? hypervisor.readBack(job.action) : execute(job);
            if (report.state() == LifecycleState.UNKNOWN) {
                if (!job.resolveOnly) {
                    tell(job.action, outcome(job.action.actionId(), job.startedAtMs, report));
                }
                report = resolve(job, report);
            }
            if (report != null) {
                finish(job, report);
            }
        } catch (RuntimeException e) {
            // a hypervisor promises not to throw; what it did before it broke, nobody knows
            log.warn("action broke", "action", job.action.actionId(), "error", e);
            finish(job, ActionReport.unknown(ErrorCode.ACTION_FAILED, String.valueOf(e)));
        } finally {
            lock.lock();
            try {
                running.remove(job.action.vm());
            } finally {
                lock.unlock();
            }
            startNext();
        }
    }

    private ActionReport execute(Job job) {
        ActionReport refusal = refusal(job.action); // it may have waited for its turn
        if (refusal != null) {
            return refusal;
        }
        try {
            actionsLog.started(job.action);
        } catch (IOException e) {
            return cannotLog(e);
        }
        log.info("action", "id", job.action.actionId(), "what", ActionsLog.describe(job.action));
        return hypervisor.execute(
                job.action,
                text ->
                        tell(
                                job.action,
                                outcome(
                                        job.action.actionId(),
                                        job.startedAtMs,
                                        new ActionReport(
                                                LifecycleState.RUNNING,
                                                ErrorCode.NONE,
                                                0,
                                                0,
                                                null,
                                                text))));
    }

    /// Reads back until the outcome is known or the time is over.
    ///
    /// @return null when the agent stops first: its next run goes on
    private @Nullable ActionReport resolve(Job job, ActionReport unknown) {
        ActionReport last = unknown;
        long waitMs = FIRST_RESOLVE_WAIT_MS;
        for (long waitedMs = 0; waitedMs < RESOLVE_LIMIT_MS; waitedMs += waitMs) {
            waitMs = Math.min(MAX_RESOLVE_WAIT_MS, waitMs * 2);
            if (!awaitMs(waitMs)) {
                return null;
            }
            last = hypervisor.readBack(job.action);
            if (last.state() != LifecycleState.UNKNOWN) {
                return last;
            }
        }
        return last;
    }

    private boolean awaitMs(long waitMs) {
        long deadlineNs = clock.nowNs() + TimeUnit.MILLISECONDS.toNanos(waitMs);
        lock.lock();
        try {
            for (long leftNs = deadlineNs - clock.nowNs();
                    !closed && leftNs > 0;
                    leftNs = deadlineNs - clock.nowNs()) {
                changed.awaitNanos(leftNs);
            }
            return !closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void finish(Job job, ActionReport report) {
        Outcome outcome = outcome(job.action.actionId(), job.startedAtMs, report);
        try {
            actionsLog.done(job.action, outcome);
        } catch (IOException e) {
            log.warn("outcome not logged", "action", job.action.actionId(), "error", e);
        }
        log.info(
                "outcome",
                "id",
                job.action.actionId(),
                "state",
                report.state(),
                "code",
                report.code(),
                "text",
                report.text());
        tell(job.action, outcome);
    }

    private Outcome outcome(long actionId, long startedAtMs, ActionReport report) {
        UUID host = report.observedHost();
        boolean running = report.state() == LifecycleState.RUNNING;
        return new Outcome(
                0,
                actionId,
                report.state(),
                report.code(),
                startedAtMs,
                running ? 0 : clock.nowMs(),
                report.observedVcpus(),
                report.observedMemoryBytes(),
                host == null ? NOBODY : host,
                report.text());
    }

    private void tell(Action action, Outcome outcome) {
        long spooled =
                outcomes.append(
                        clock.nowMs(),
                        (sequence, buffer) ->
                                messages.encode(withSequence(outcome, sequence), buffer, 0));
        try {
            if (spooled != 0 && isFinal(action, outcome)) {
                actionsLog.told(action);
            }
        } catch (IOException e) {
            // it is told once more after a restart, which does no harm
            log.warn("telling not logged", "action", action.actionId(), "error", e);
        }
    }

    private boolean isFinal(Action action, Outcome outcome) {
        ActionsLog.Entry entry = actionsLog.entry(action.actionId());
        return entry != null && outcome.equals(entry.outcome());
    }

    private static Outcome withSequence(Outcome outcome, long sequence) {
        return new Outcome(
                sequence,
                outcome.actionId(),
                outcome.state(),
                outcome.code(),
                outcome.startedAtMs(),
                outcome.finishedAtMs(),
                outcome.observedVcpus(),
                outcome.observedMemoryBytes(),
                outcome.observedHost(),
                outcome.text());
    }

    /// Tells of actions that their executor has not ended in time. They stay in hand: what they
    /// come to is told when they do.
    void checkOverruns() {
        long nowNs = clock.nowNs();
        var late = new ArrayDeque<Job>();
        lock.lock();
        try {
            for (Job job : running.values()) {
                if (!job.resolveOnly && !job.overrunTold && nowNs - job.deadlineNs > 0) {
                    job.overrunTold = true;
                    late.add(job);
                }
            }
        } finally {
            lock.unlock();
        }
        for (Job job : late) {
            tell(
                    job.action,
                    outcome(
                            job.action.actionId(),
                            job.startedAtMs,
                            ActionReport.unknown(
                                    ErrorCode.ACTION_TIMED_OUT,
                                    "not ended %d ms after its timeout"
                                            .formatted(OVERRUN_GRACE_MS))));
        }
    }

    int inHand() {
        lock.lock();
        try {
            return pending.size() + running.size();
        } finally {
            lock.unlock();
        }
    }

    long actionsTaken() {
        return actionsTaken.get();
    }

    long actionsRefused() {
        return actionsRefused.get();
    }

    long actionsRepeated() {
        return actionsRepeated.get();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        workers.shutdown(); // who is at work finishes
    }
}
