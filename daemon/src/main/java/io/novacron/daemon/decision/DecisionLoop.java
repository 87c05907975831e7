package io.novacron.daemon.decision;

import io.novacron.daemon.audit.AuditAnchor;
import io.novacron.daemon.audit.AuditLog;
import io.novacron.daemon.audit.AuditPlace;
import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.decision.OperatorCommand.Verb;
import io.novacron.daemon.view.ActionRequest;
import io.novacron.daemon.view.AutomationRow;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.CommandException.Kind;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DrainRow;
import io.novacron.daemon.view.FleetCommands;
import io.novacron.daemon.view.TrackRow;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The decision thread. What the journal hands back comes in through one bounded inbox, in its
/// order, and takes effect in that order. What only starts something (a command on its way into the
/// journal) or ends it (an action whose decision is on the device) does not stand in that line: it
/// is done between any two tasks, and between the proposals of a tick. What only tells (the audit
/// log, who is told of changes) is done when nothing else waits, or after [#TASKS_UNTOLD] tasks.
///
/// What the journal hands back may wait for room in the inbox (it must not be lost); commands and
/// advice may not, and are refused and counted.
public final class DecisionLoop implements FleetCommands, AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(DecisionLoop.class);
    private static final int INBOX_LIMIT = 16_384;
    private static final int COMMAND_LIMIT = 2_048;
    private static final int TASKS_UNTOLD = 1_024;
    private static final int STATE_TIMEOUT_S = 10;
    private static final Runnable LOOK = () -> {};

    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>(INBOX_LIMIT);

    /// Commands, in the order they were given: each only appends a record.
    private final Queue<Runnable> commands = new ArrayBlockingQueue<>(COMMAND_LIMIT);

    private final DecisionCounters counters = new DecisionCounters();
    private final DecisionDesk desk;
    private final AuditLog audit;
    private final AuditAnchor anchor;
    private final Path auditFile;
    private final Path anchorFile;
    private final Runnable onChange;
    private final Thread thread;
    private volatile AutomationRow automation;
    private volatile List<TrackRow> tracks = List.of();
    private volatile List<DrainRow> drains = List.of();
    private long nowMs; // of the last tick
    private volatile AuditStatus auditStatus = new AuditStatus(0, AuditPlace.BEGINNING.head());
    private volatile boolean closed;
    private boolean live;

    /// Written by the thread that syncs the journal, read by the decision thread.
    private volatile long syncedIndex;

    private long syncedTold;
    private int untold; // tasks since others were told

    /// @param tick between two ticks
    /// @param onChange called on the decision thread after the rows changed
    public DecisionLoop(
            PolicyConfig policy,
            AutomationConfig automationConfig,
            AuditConfig auditConfig,
            ScalingConfig scalingConfig,
            Duration tick,
            DecisionJournal journal,
            ActionPort actions,
            Path auditFile,
            Runnable onChange) {
        this.auditFile = auditFile;
        this.anchorFile = auditConfig.anchorOf(auditFile);
        this.anchor = new AuditAnchor(auditFile, anchorFile);
        try {
            this.audit = new AuditLog(auditFile);
        } catch (IOException e) {
            throw new UncheckedIOException("audit log %s".formatted(auditFile), e);
        }
        this.desk =
                new DecisionDesk(
                        policy,
                        automationConfig,
                        auditConfig,
                        scalingConfig,
                        tick,
                        journal,
                        actions,
                        audit,
                        counters);
        this.automation = desk.automation();
        this.onChange = onChange;
        this.thread = Thread.ofPlatform().name("novacron-decisions").unstarted(this::run);
    }

    public void start() {
        anchor.start();
        thread.start();
    }

    /// Newest first, as of now.
    public List<DecisionRow> rows() {
        return desk.rows();
    }

    /// Orders recommendations, larger first.
    public double benefitOf(DecisionRow row) {
        return desk.benefitOf(row.id());
    }

    /// How actions have done, by type, as of the last tick.
    public List<TrackRow> tracks() {
        return tracks;
    }

    public DecisionCounters counters() {
        return counters;
    }

    /// The audit log as of the last step.
    public AuditStatus audit() {
        return auditStatus;
    }

    /// The head of the audit log and how well it is kept.
    ///
    /// @param lines up to the head
    /// @param head hash of the last line, to be kept elsewhere
    public record AuditStatus(long lines, String head) {}

    public AuditAnchor anchor() {
        return anchor;
    }

    // --- from the fleet thread, in journal order --------------------------------------------

    public void onEvent(byte[] bytes, long journalIndex, long atMs, boolean replaying) {
        put(() -> desk.onEvent(bytes, journalIndex, atMs, replaying));
    }

    /// The configuration, as it is journaled.
    public void onConfiguration(byte[] bytes) {
        put(() -> desk.onConfiguration(bytes));
    }

    /// The models in service, as they are journaled.
    public void onModels(byte[] bytes) {
        put(() -> desk.onModels(bytes));
    }

    public void onCommand(byte[] bytes, long atMs, boolean replaying) {
        put(() -> desk.onCommand(bytes, atMs, replaying));
    }

    public void onOutcome(
            UUID agent, Outcome outcome, long journalIndex, long atMs, boolean replaying) {
        put(() -> desk.onOutcome(agent, outcome, journalIndex, atMs, replaying));
    }

    /// What all that was handed over so far makes, as the bytes for [#restore]. The fleet thread
    /// calls this; the bytes are made by who asks for them, who waits for the decision thread.
    public Callable<byte[]> checkpoint() {
        var state = new CompletableFuture<DecisionState>();
        put(() -> {
            try {
                perform(this::tell); // what is in the checkpoint can be read too
                state.complete(desk.state());
            } catch (IOException e) {
                state.completeExceptionally(e);
            }
        });
        return () -> {
            DecisionState taken = state.get(STATE_TIMEOUT_S, TimeUnit.SECONDS);
            AuditLog.force(auditFile); // the checkpoint relies on its lines
            return EventCodec.encode(taken);
        };
    }

    /// Goes on from there, before any event. Nothing has changed when it throws.
    ///
    /// @param bytes what [#checkpoint] gave
    /// @throws IOException when they cannot be read, or the audit log is not the one of then
    public void restore(byte[] bytes) throws IOException {
        DecisionState state = EventCodec.state(bytes);
        var done = new CompletableFuture<Void>();
        put(() -> {
            try {
                desk.restore(state);
                done.complete(null);
            } catch (IOException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException why ? why : new IOException(e.getCause());
        }
    }

    /// Once, when the replay is over and before anything live.
    public void onReplayed() {
        put(() -> {
            try {
                desk.onReplayed(anchorFile);
                live = true;
            } catch (IOException e) {
                throw new UncheckedIOException("audit log", e);
            }
        });
    }

    /// The journal is on the device up to this record. Never waits.
    public void onSynced(long journalIndex) {
        syncedIndex = journalIndex;
        inbox.offer(LOOK); // a full inbox has a look coming
    }

    /// A command that goes into the journal, past what the journal hands back. Any thread; never
    /// waits.
    ///
    /// @return false when too many are waiting
    private boolean offer(Runnable command) {
        boolean accepted = !closed && commands.offer(command);
        if (accepted) {
            inbox.offer(LOOK);
        } else {
            counters.commandsRefused.increment();
        }
        return accepted;
    }

    /// What waits for nothing that is in the inbox.
    private void goFirst() {
        tellSynced();
        for (int left = commands.size(); left > 0; left--) { // those that come meanwhile are next
            perform(commands.remove());
            untold++;
        }
    }

    private void tellSynced() {
        long synced = syncedIndex;
        if (synced > syncedTold) {
            syncedTold = synced;
            desk.onSynced(synced);
        }
    }

    /// The plan of a tick has come back from the journal: its advice takes effect, in the order of
    /// the records.
    ///
    /// @param facts as of that record; released by the loop
    public void onAdvice(List<Proposal> advice, FleetFacts facts, long tickMs) {
        if (!inbox.offer(
                () -> {
                    nowMs = tickMs;
                    desk.onAdvice(advice, facts, tickMs, this::goFirst);
                })) {
            counters.adviceDropped.increment();
            facts.release();
        }
    }

    /// What a webhook said of an order. Any thread; never waits: what does not fit is given again,
    /// and answered again.
    ///
    /// @param state that its decision comes into
    public void onReport(long decisionId, LifecycleState state, String group, String text) {
        offer(() -> desk.submitReport(decisionId, state, group, text));
    }

    // --- from the query ports ---------------------------------------------------------------

    @Override
    public CompletionStage<DecisionRow> approve(long decisionId, String who, String reason) {
        return submit(decisionId, Verb.APPROVE, who, reason);
    }

    @Override
    public CompletionStage<DecisionRow> reject(long decisionId, String who, String reason) {
        return submit(decisionId, Verb.REJECT, who, reason);
    }

    @Override
    public CompletionStage<DecisionRow> act(ActionRequest request, String who, String reason) {
        var caller = new CompletableFuture<DecisionRow>();
        if (!offer(() -> desk.submit(request, who, reason, caller))) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.OVERLOADED, "the decision queue is full, retry after one tick"));
        }
        return caller;
    }

    @Override
    public CompletionStage<DrainRow> drain(UUID host, long fromMs, String who, String reason) {
        return submitDrain(Verb.DRAIN, host, fromMs, who, reason);
    }

    @Override
    public CompletionStage<DrainRow> undrain(UUID host, String who, String reason) {
        return submitDrain(Verb.UNDRAIN, host, 0, who, reason);
    }

    private CompletionStage<DrainRow> submitDrain(
            Verb verb, UUID host, long fromMs, String who, String reason) {
        var caller = new CompletableFuture<DrainRow>();
        if (!offer(() -> desk.submitDrain(verb, host, fromMs, who, reason, caller))) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.OVERLOADED, "the decision queue is full, retry after one tick"));
        }
        return caller;
    }

    /// Hosts that are being emptied, in order of their ids; without what only a view knows.
    public List<DrainRow> drains() {
        return drains;
    }

    /// Those whose time has come, as of a time; for the analysis.
    public List<UUID> draining(long nowMs) {
        return drains.stream()
                .filter(drain -> drain.fromMs() <= nowMs)
                .map(DrainRow::hostId)
                .toList();
    }

    @Override
    public CompletionStage<AutomationRow> stopAutomation(String who, String reason) {
        return submitSwitch(Verb.STOP, who, reason);
    }

    @Override
    public CompletionStage<AutomationRow> resumeAutomation(String who, String reason) {
        return submitSwitch(Verb.RESUME, who, reason);
    }

    /// What is done without a person, and what would be.
    public AutomationRow automation() {
        return automation;
    }

    private CompletionStage<AutomationRow> submitSwitch(Verb verb, String who, String reason) {
        var caller = new CompletableFuture<AutomationRow>();
        if (!offer(() -> desk.submitSwitch(verb, who, reason, caller))) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.OVERLOADED, "the decision queue is full, retry after one tick"));
        }
        return caller;
    }

    private CompletionStage<DecisionRow> submit(
            long decisionId, Verb verb, String who, String reason) {
        var caller = new CompletableFuture<DecisionRow>();
        if (!offer(() -> desk.submit(decisionId, verb, who, reason, caller))) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.OVERLOADED, "the decision queue is full, retry after one tick"));
        }
        return caller;
    }

    private void put(Runnable task) {
        try {
            inbox.put(task);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed || !inbox.isEmpty()) {
            Runnable task = inbox.poll();
            if (task == null && untold > 0 && writeAuditLine()) {
                continue;
            }
            if (untold >= TASKS_UNTOLD || (task == null && untold > 0)) {
                perform(this::tell);
            }
            try {
                task = task == null ? inbox.take() : task;
            } catch (InterruptedException _) {
                closed = true;
                continue;
            }
            goFirst();
            perform(task);
            untold += task == LOOK ? 0 : 1;
        }
        goFirst();
        perform(this::tell);
        perform(desk::release);
    }

    private boolean writeAuditLine() {
        try {
            return desk.writeAuditLine();
        } catch (RuntimeException e) {
            LOGGER.error("the audit log cannot be written", e);
            return true;
        }
    }

    private static void perform(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOGGER.error("a step of the decision lifecycle failed", e);
        }
    }

    /// Brings what others see up to now.
    private void tell() {
        untold = 0;
        desk.writeAudit();
        publish();
        keepAudit();
        onChange.run();
    }

    private void publish() {
        automation = desk.automation();
        tracks = desk.tracks(nowMs);
        drains =
                desk.drains().entrySet().stream()
                        .map(one ->
                                new DrainRow(
                                        one.getKey(),
                                        "",
                                        one.getValue().who(),
                                        one.getValue().reason(),
                                        one.getValue().sinceMs(),
                                        0,
                                        List.of(),
                                        List.of(),
                                        one.getValue().fromMs()))
                        .toList();
    }

    /// What a batch added to the audit log is in the file, and soon anchored.
    private void keepAudit() {
        if (!live || (audit.lines() == auditStatus.lines() && audit.lines() > 0)) {
            return;
        }
        try {
            AuditPlace place = audit.place();
            auditStatus = new AuditStatus(place.lines(), place.head());
            anchor.offer(place);
        } catch (IOException e) {
            LOGGER.error("the audit log cannot be written", e);
        }
    }

    /// Finishes what is in the inbox, then stops. Idempotent.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        put(() -> closed = true);
        try {
            thread.join();
            audit.close();
            anchor.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("audit log", e);
        }
    }
}
