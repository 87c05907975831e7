package io.novacron.daemon.decision;

import io.novacron.daemon.audit.AuditAnchor;
import io.novacron.daemon.audit.AuditLog;
import io.novacron.daemon.audit.AuditPlace;
import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.decision.AuditProjection.Inputs;
import io.novacron.daemon.decision.AutomationPolicy.Verdict;
import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.OperatorCommand.Verb;
import io.novacron.daemon.view.AutomationRow;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.CommandException.Kind;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.daemon.view.TrackRow;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes decisions through their lifecycle. One thread owns it; time comes with each call and is
/// the time of the journal record or tick that caused it.
///
/// A step is first appended to the journal and takes effect when the journal hands it back. Only
/// then are its effects carried out (an action sent, a caller answered), and only live: a replay
/// rebuilds the book and touches nothing.
final class DecisionDesk {
    private static final Logger LOGGER = LoggerFactory.getLogger(DecisionDesk.class);
    private static final UUID NO_UUID = new UUID(0, 0);
    private static final String SELF = "novacron";
    private static final String POLICY = "policy ";
    private static final int BASELINE_MINUTES = 120;
    private static final Duration OBSERVED_EVERY = Duration.ofHours(1);
    private static final int WAITING_LIMIT = 1_024;

    /// An agent that is silent may still be at work for this long after its time is up.
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final PolicyConfig policy;
    private final DecisionJournal journal;
    private final ActionPort actions;
    private final AutomationConfig automationConfig;
    private final AutomationPolicy automation;
    private ObservedSavings observed = new ObservedSavings();
    private final AuditConfig auditConfig;
    private final AuditLog audit;
    private final AuditProjection projection;
    private final DecisionBook book = new DecisionBook(10_000);
    private final DecisionCounters counters;

    /// Appended, and not yet handed back by the journal.
    private final Set<String> proposalsOnTheWay = new HashSet<>();

    private final Map<Long, LifecycleState> movesOnTheWay = new HashMap<>();
    private final Map<Long, CompletableFuture<DecisionRow>> callersByRequest = new HashMap<>();
    private final Map<Long, CompletableFuture<DecisionRow>> callersByDecision = new HashMap<>();
    private final Map<Long, CompletableFuture<AutomationRow>> switchesByRequest = new HashMap<>();
    private final List<CompletableFuture<AutomationRow>> switchCallers = new ArrayList<>();
    private final Set<Long> notesOnTheWay = new HashSet<>();
    private final Set<Long> maybeUnsent = new HashSet<>(); // dispatched before this start

    /// Dispatched in one go with the approval, which the journal has not handed back yet.
    private final Set<Long> dispatchesOnTheWay = new HashSet<>();

    /// Dispatched, by journal index, and sent once that is on the device.
    private final NavigableMap<Long, Long> unsynced = new TreeMap<>();

    private long syncedIndex;

    /// Dispatched, and the agent could not be given it so far; why.
    private final Map<Long, String> unsent = new HashMap<>();

    private long lastTickMs;
    private final Set<Long> halfMeasured = new HashSet<>();
    private final Map<Long, Long> lastConfirmedMs = new HashMap<>();
    private boolean stoppedNow; // before the journal hands it back
    private long lastObservedMs;
    private FleetFacts facts = new NoFacts();
    private long lastAssignedId;
    private long lastRequestId;
    private boolean retirementOnTheWay;
    private DecisionEvent.@Nullable Noted unwritten; // the journal did not take it yet

    DecisionDesk(
            PolicyConfig policy,
            AutomationConfig automationConfig,
            AuditConfig auditConfig,
            DecisionJournal journal,
            ActionPort actions,
            AuditLog audit,
            DecisionCounters counters) {
        this.policy = policy;
        this.journal = journal;
        this.actions = actions;
        this.automationConfig = automationConfig;
        this.automation = new AutomationPolicy(policy, automationConfig);
        this.auditConfig = auditConfig;
        this.audit = audit;
        this.projection = new AuditProjection(audit);
        this.counters = counters;
    }

    DecisionBook book() {
        return book;
    }

    /// Lets go of the facts of the last tick.
    void release() {
        facts.release();
        facts = new NoFacts();
    }

    // --- what the journal hands back -------------------------------------------------------

    void onEvent(byte[] bytes, long journalIndex, long atMs, boolean replaying) {
        DecisionEvent event;
        try {
            event = EventCodec.event(bytes);
        } catch (IOException e) {
            counters.eventsUnreadable.increment();
            LOGGER.warn(
                    "a decision record of {} bytes cannot be read: {}", bytes.length, e.toString());
            return;
        }
        if (event instanceof DecisionEvent.Proposed proposed) {
            proposalsOnTheWay.remove(key(proposed.proposal()));
        } else if (event instanceof DecisionEvent.Moved) {
            movesOnTheWay.remove(event.id());
        } else {
            notesOnTheWay.remove(event.id());
        }
        apply(event, journalIndex, atMs, replaying);
    }

    /// The configuration that holds from here on.
    void onConfiguration(byte[] bytes) {
        String hash = HexFormat.of().formatHex(sha256().digest(bytes));
        projection.inputs(new Inputs(hash, projection.inputs().models()));
    }

    /// The models that are in service from here on.
    void onModels(byte[] bytes) {
        projection.inputs(
                new Inputs(
                        projection.inputs().configuration(),
                        new String(bytes, StandardCharsets.UTF_8)));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    void onCommand(byte[] bytes, long atMs, boolean replaying) {
        if (replaying) {
            return; // what came of it is in the events
        }
        try {
            carryOut(EventCodec.command(bytes), atMs);
        } catch (IOException e) {
            counters.eventsUnreadable.increment();
            LOGGER.warn(
                    "a command record of {} bytes cannot be read: {}", bytes.length, e.toString());
        }
    }

    /// An outcome is in the journal already: it takes effect at once, live and on replay alike.
    void onOutcome(UUID agent, Outcome outcome, long journalIndex, long atMs, boolean replaying) {
        Decision decision = book.get(outcome.actionId());
        if (decision == null || !mayReport(agent, decision.proposal())) {
            counters.outcomesRefused.increment();
            LOGGER.warn(
                    "outcome of action={} from agent={} refused: not an action of that agent",
                    outcome.actionId(),
                    agent);
            return;
        }
        LifecycleState to =
                outcome.state() == LifecycleState.KEPT ? LifecycleState.VERIFYING : outcome.state();
        if (to == decision.state()) {
            return; // said twice
        }
        String text =
                "%s%s (vCPUs %d, memory %d bytes)"
                        .formatted(
                                outcome.text(),
                                outcome.code() == io.novacron.wire.sbe.ErrorCode.NONE
                                        ? ""
                                        : " [" + outcome.code() + "]",
                                outcome.observedVcpus(),
                                outcome.observedMemoryBytes());
        apply(
                new DecisionEvent.Moved(decision.id(), to, "agent " + agent, text),
                journalIndex,
                atMs,
                replaying);
    }

    /// After the replay. What was approved and not yet dispatched goes on at the first tick, when
    /// it is known what is there.
    ///
    /// @param anchor where the head of the audit log was kept
    void onReplayed(Path anchor) throws IOException {
        checkAudit(audit.commit(), anchor);
        lastAssignedId = book.lastId();
        for (Decision decision : List.copyOf(book.all())) {
            if (decision.state() == LifecycleState.DISPATCHED) {
                maybeUnsent.add(decision.id());
            }
        }
    }

    /// As a start leaves it: everything that was only live is forgotten. For replays.
    void restart() {
        release();
        proposalsOnTheWay.clear();
        movesOnTheWay.clear();
        notesOnTheWay.clear();
        callersByRequest.clear();
        callersByDecision.clear();
        maybeUnsent.clear();
        unsynced.clear();
        unsent.clear();
        lastTickMs = 0;
        halfMeasured.clear();
        stoppedNow = false;
        observed = new ObservedSavings();
        lastObservedMs = 0;
        retirementOnTheWay = false;
        unwritten = null;
        lastAssignedId = book.lastId();
        lastConfirmedMs.clear();
        for (Decision decision : book.all()) {
            if (!Lifecycle.isFinal(decision.state())) {
                lastConfirmedMs.put(decision.id(), decision.sinceMs());
            }
            if (decision.state() == LifecycleState.DISPATCHED) {
                maybeUnsent.add(decision.id());
            }
        }
    }

    /// Puts on record when the log is not what it was when it was anchored.
    private void checkAudit(@Nullable Path aside, Path anchor) throws IOException {
        List<String> wrong = new ArrayList<>();
        Map<String, String> facts = new HashMap<>();
        if (aside != null) {
            wrong.add("the journal does not give what is set aside in " + aside.getFileName());
            facts.put("aside", aside.getFileName().toString());
        }
        try {
            AuditAnchor.Head head = AuditAnchor.read(anchor);
            if (head == null && audit.lines() > 0) {
                wrong.add("the anchor %s is missing".formatted(anchor));
            } else if (head != null && !head.head().equals(audit.hashOf(head.lines()))) {
                wrong.add(
                        "the anchor knows line %d by hash %s, which the log does not have there"
                                .formatted(head.lines(), head.head()));
                facts.put("anchoredLines", Long.toString(head.lines()));
                facts.put("anchoredHead", head.head());
            }
        } catch (IOException e) {
            wrong.add(String.valueOf(e.getMessage()));
        }
        if (wrong.isEmpty()) {
            return;
        }
        counters.auditsBroken.increment();
        String text = String.join("; ", wrong);
        LOGGER.error("audit log: {}. Maybe see: novacron audit verify", text);
        note(new DecisionEvent.Noted(0, Note.AUDIT_BROKEN, SELF, text, facts));
    }

    private void note(DecisionEvent.Noted note) {
        if (!journal.appendEvent(EventCodec.encode(note))) {
            counters.eventsNotJournaled.increment();
            unwritten = note;
        }
    }

    /// Everything that the records so far made.
    DecisionState state() throws IOException {
        return new DecisionState(
                DecisionState.VERSION,
                List.copyOf(book.all()),
                List.copyOf(book.finished()),
                book.lastId(),
                book.automation(),
                projection.inputs(),
                audit.place(),
                book.tracks());
    }

    /// Goes on from there; before the first event. Nothing has changed when it throws.
    ///
    /// @throws IOException when the audit log is not the one that belongs to it
    void restore(DecisionState state) throws IOException {
        audit.restore(state.audit());
        book.restore(
                state.decisions(),
                state.finished(),
                state.lastId(),
                state.automation(),
                state.tracks());
        projection.inputs(state.inputs());
        lastConfirmedMs.clear();
        for (Decision decision : book.all()) {
            if (!Lifecycle.isFinal(decision.state())) {
                lastConfirmedMs.put(decision.id(), decision.sinceMs());
            }
        }
    }

    private void apply(DecisionEvent event, long journalIndex, long atMs, boolean replaying) {
        if (event instanceof DecisionEvent.Noted note) {
            Decision noted = book.apply(note, atMs);
            if (note.note() != Note.OBSERVED && note.note() != Note.BASELINE) {
                projection.note(journalIndex, atMs, note);
            }
            if (!replaying) {
                react(note, noted);
            }
            return;
        }
        Decision before = book.get(event.id());
        Decision decision = book.apply(event, atMs);
        if (decision == null) {
            counters.eventsRefused.increment();
            return;
        }
        projection.step(journalIndex, before == null ? null : before.state(), decision);
        lastConfirmedMs.put(decision.id(), atMs);
        if (Lifecycle.isFinal(decision.state())) {
            lastConfirmedMs.remove(decision.id());
        }
        if (decision.state() != LifecycleState.DISPATCHED) {
            unsent.remove(decision.id());
            maybeUnsent.remove(decision.id());
        }
        if (!replaying) {
            counters.transitions(decision.state());
            react(decision, journalIndex, atMs);
        }
    }

    private void react(DecisionEvent.Noted note, @Nullable Decision decision) {
        switch (note.note()) {
            case AUDIT_RETIRED -> {
                retirementOnTheWay = false;
                try {
                    audit.retire(AuditLog.retirement(note.facts()));
                } catch (IOException e) {
                    throw new UncheckedIOException("the audit log cannot be shortened", e);
                }
            }
            case AUTOMATION_STOPPED, AUTOMATION_RESUMED -> {
                stoppedNow = false; // the book says it now
                switchCallers.forEach(caller -> caller.complete(automation()));
                switchCallers.clear();
            }
            case FIRST_APPROVAL -> {
                var caller = callersByDecision.remove(note.id());
                if (caller != null && decision != null) {
                    caller.complete(decision.toRow());
                }
            }
            case HELD_BACK -> counters.heldBack.increment();
            case BASELINE, OBSERVED, AUDIT_BROKEN -> {}
        }
    }

    private void react(Decision decision, long journalIndex, long atMs) {
        var caller = callersByDecision.remove(decision.id());
        if (caller != null) {
            caller.complete(decision.toRow());
        }
        if (decision.state() == LifecycleState.APPROVED) {
            if (dispatchesOnTheWay.contains(decision.id())) {
                movesOnTheWay.put(decision.id(), LifecycleState.DISPATCHED);
            } else {
                dispatch(decision);
            }
        } else if (decision.state() == LifecycleState.DISPATCHED) {
            dispatchesOnTheWay.remove(decision.id());
            if (policy.syncBeforeDispatch() && journalIndex > syncedIndex) {
                unsynced.put(journalIndex, decision.id());
            } else {
                send(decision);
            }
        }
    }

    private void send(Decision decision) {
        String problem =
                actions.send(decision.proposal().hostId(), action(decision, decision.sinceMs()));
        if (problem.isEmpty()) {
            unsent.remove(decision.id());
        } else {
            unsent.put(decision.id(), problem);
        }
    }

    /// The journal is on the device up to this record: what waited for that is sent.
    void onSynced(long journalIndex) {
        syncedIndex = Math.max(syncedIndex, journalIndex);
        var ready = unsynced.headMap(syncedIndex, true);
        for (long id : ready.values()) {
            Decision decision = book.get(id);
            if (decision != null && decision.state() == LifecycleState.DISPATCHED) {
                send(decision);
            }
        }
        ready.clear();
    }

    // --- commands of operators -------------------------------------------------------------

    void submit(
            long decisionId,
            Verb verb,
            String who,
            String reason,
            CompletableFuture<DecisionRow> caller) {
        if (callersByRequest.size() >= WAITING_LIMIT) {
            counters.commandsRefused.increment();
            caller.completeExceptionally(
                    new CommandException(
                            Kind.OVERLOADED,
                            "%d commands are waiting, which is the limit. Maybe retry in a second?"
                                    .formatted(WAITING_LIMIT)));
            return;
        }
        if (isReserved(who)) {
            counters.commandsRefused.increment();
            caller.completeExceptionally(
                    new CommandException(
                            Kind.INVALID,
                            "who=%s is a name of the daemon's own. Maybe your own name?"
                                    .formatted(who)));
            return;
        }
        var command = new OperatorCommand(++lastRequestId, decisionId, verb, who, reason);
        callersByRequest.put(command.requestId(), caller);
        if (!journal.appendCommand(EventCodec.encode(command))) {
            callersByRequest.remove(command.requestId());
            caller.completeExceptionally(journalFull());
        }
    }

    /// Nobody may sign as an agent, a policy or the daemon.
    private static boolean isReserved(String who) {
        return who.equals(SELF) || who.startsWith(POLICY) || who.startsWith("agent ");
    }

    /// The kill switch. It holds from now on, whatever becomes of the command.
    void submitSwitch(
            Verb verb, String who, String reason, CompletableFuture<AutomationRow> caller) {
        stoppedNow |= verb == Verb.STOP;
        if (switchesByRequest.size() >= WAITING_LIMIT) {
            counters.commandsRefused.increment();
            caller.completeExceptionally(journalFull());
            return;
        }
        var command = new OperatorCommand(++lastRequestId, 0, verb, who, reason);
        switchesByRequest.put(command.requestId(), caller);
        if (!journal.appendCommand(EventCodec.encode(command))) {
            switchesByRequest.remove(command.requestId());
            caller.completeExceptionally(
                    verb == Verb.STOP
                            ? new CommandException(
                                    Kind.OVERLOADED,
                                    "automation is stopped, but the journal takes nothing at the moment, so a restart would forget it. Maybe retry in a second?")
                            : journalFull());
        }
    }

    private void carryOutSwitch(OperatorCommand command) {
        var caller = switchesByRequest.remove(command.requestId());
        boolean stop = command.verb() == Verb.STOP;
        var note =
                new DecisionEvent.Noted(
                        0,
                        stop ? Note.AUTOMATION_STOPPED : Note.AUTOMATION_RESUMED,
                        command.who(),
                        command.reason(),
                        Map.of());
        if (journal.appendEvent(EventCodec.encode(note))) {
            if (caller != null) {
                switchCallers.add(caller);
            }
        } else {
            counters.eventsNotJournaled.increment();
            if (caller != null) {
                caller.completeExceptionally(journalFull());
            }
        }
    }

    private void carryOut(OperatorCommand command, long atMs) {
        if (command.verb() == Verb.STOP || command.verb() == Verb.RESUME) {
            carryOutSwitch(command);
            return;
        }
        var caller = callersByRequest.remove(command.requestId());
        if (caller == null) {
            caller = new CompletableFuture<>(); // nobody waits; the command still counts
        }
        Decision decision = book.get(command.decisionId());
        if (decision == null) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.NOT_FOUND,
                            "decision id=%d is not known. Maybe look at `novacron recommendations`?"
                                    .formatted(command.decisionId())));
            return;
        }
        if (decision.state() != LifecycleState.PROPOSED
                || movesOnTheWay.containsKey(decision.id())) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.CONFLICT,
                            "decision id=%d is %s; only a proposed one can be approved or rejected"
                                    .formatted(decision.id(), decision.state())));
            return;
        }
        boolean approve = command.verb() == Verb.APPROVE;
        if (approve && !mayApprove(decision, command, atMs, caller)) {
            return;
        }
        if (move(
                decision,
                approve ? LifecycleState.APPROVED : LifecycleState.REJECTED,
                command.who(),
                command.reason())) {
            callersByDecision.put(decision.id(), caller);
            if (approve && isAsProposed(decision.proposal()) && isHeard(decision)) {
                dispatchInOneGo(decision);
            }
        } else {
            caller.completeExceptionally(journalFull());
        }
    }

    /// Freezes hold for persons too, and some changes need two of them.
    ///
    /// @return whether this approval is to be carried out; else the caller has its answer
    private boolean mayApprove(
            Decision decision,
            OperatorCommand command,
            long atMs,
            CompletableFuture<DecisionRow> caller) {
        var frozen = automation.frozen(decision.proposal(), atMs);
        if (frozen != null && decision.proposal().inverseOf() == 0) { // harm may be undone
            caller.completeExceptionally(
                    new CommandException(
                            Kind.CONFLICT,
                            "decision id=%d is held back by automation.freeze: %s"
                                    .formatted(decision.id(), frozen)));
            return false;
        }
        if (!automation.needsTwoPersons(decision.proposal(), atMs)) {
            return true;
        }
        if (decision.approvals().contains(command.who()) || notesOnTheWay.contains(decision.id())) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.CONFLICT,
                            "decision id=%d needs two persons and has %s. Maybe ask somebody else?"
                                    .formatted(decision.id(), decision.approvals())));
            return false;
        }
        if (!decision.approvals().isEmpty()) {
            return true;
        }
        if (noteOn(
                decision,
                Note.FIRST_APPROVAL,
                command.who(),
                "first of two approvals: " + command.reason(),
                Map.of())) {
            callersByDecision.put(decision.id(), caller);
        } else {
            caller.completeExceptionally(journalFull());
        }
        return false;
    }

    private boolean noteOn(
            Decision decision, Note note, String who, String text, Map<String, String> facts) {
        if (notesOnTheWay.contains(decision.id())) {
            return false;
        }
        var event = new DecisionEvent.Noted(decision.id(), note, who, text, facts);
        if (!journal.appendEvent(EventCodec.encode(event))) {
            counters.eventsNotJournaled.increment();
            return false;
        }
        notesOnTheWay.add(decision.id());
        return true;
    }

    // --- the tick --------------------------------------------------------------------------

    /// What the analysis of a tick advises, best first. Every open proposal that is not advised
    /// again expires after `policy.expire-after`.
    void onAdvice(List<Proposal> advice, FleetFacts newFacts, long tickMs) {
        facts.release();
        facts = newFacts;
        if (policy.mode() == PolicyConfig.Mode.OBSERVE) {
            observe(advice, tickMs);
            followUp(tickMs);
            lastTickMs = tickMs;
            upkeep(tickMs);
            return;
        }
        int open = book.count(LifecycleState.PROPOSED);
        for (Proposal advised : advice) {
            Proposal proposal = asFarAsPromisesHold(advised);
            Decision same = openProposal(proposal.vmId(), proposal.type());
            if (same != null && same.proposal().asksTheSameAs(proposal)) {
                lastConfirmedMs.put(same.id(), tickMs);
                continue;
            }
            if (!mayPropose(proposal, tickMs)) {
                continue;
            }
            if (same == null && open >= policy.maxOpen()) {
                counters.proposalsLeftOut.increment();
                continue;
            }
            if (same != null) {
                move(same, LifecycleState.SUPERSEDED, SELF, "newer advice: " + proposal.summary());
            } else {
                open++;
            }
            propose(proposal);
        }
        automate(tickMs);
        followUp(tickMs);
        lastTickMs = tickMs;
        upkeep(tickMs);
    }

    /// Actions of a type that has broken promises are less certain than the forecast says. An
    /// inverse promises nothing.
    private Proposal asFarAsPromisesHold(Proposal advised) {
        Track track = book.tracks().getOrDefault(advised.type(), Track.EMPTY);
        double factor = track.confidenceFactor();
        return factor >= 1 || advised.inverseOf() != 0
                ? advised
                : advised.withConfidence(
                        (float) (advised.confidence() * factor),
                        new ReasonRow(
                                "PROMISES_KEPT",
                                String.format(
                                        Locale.ROOT,
                                        "%d of %d measured actions of this type kept their promise:"
                                                + " confidence × %.2f",
                                        track.measured() - track.broken(),
                                        track.measured(),
                                        factor)));
    }

    /// How actions have done so far, as of a time.
    List<TrackRow> tracks(long nowMs) {
        List<TrackRow> rows = new ArrayList<>();
        book.tracks().forEach((type, track) -> rows.add(track.toRow(type, nowMs)));
        return List.copyOf(rows);
    }

    /// Approves what the policies allow, best first, and notes what holds the others back.
    private void automate(long tickMs) {
        if (!automation.isOn()) {
            return;
        }
        List<Decision> confirmed = new ArrayList<>();
        for (Decision decision : book.all()) {
            if (decision.state() == LifecycleState.PROPOSED
                    && !movesOnTheWay.containsKey(decision.id())
                    && (lastConfirmedMs.getOrDefault(decision.id(), 0L) == tickMs
                            || decision.proposal().inverseOf() != 0)) {
                confirmed.add(decision);
            }
        }
        confirmed.sort(
                Comparator.comparing((Decision one) -> one.proposal().benefitScore())
                        .reversed()
                        .thenComparing(Decision::id));
        for (Decision decision : confirmed) {
            switch (verdict(decision.proposal(), tickMs)) {
                case Verdict.Allowed allowed -> {
                    if (move(
                            decision,
                            LifecycleState.APPROVED,
                            POLICY + allowed.rule(),
                            allowed.text())) {
                        counters.approvedAutomatically.increment();
                    }
                }
                case Verdict.Held held -> {
                    if (!held.rule().equals(decision.heldBy())) {
                        noteOn(
                                decision,
                                Note.HELD_BACK,
                                SELF,
                                held.text(),
                                Map.of("rule", held.rule()));
                    }
                }
            }
        }
    }

    private Verdict verdict(Proposal proposal, long tickMs) {
        AutomationState state =
                stoppedNow && !book.automation().stopped()
                        ? new AutomationState(true, tickMs, "somebody", "a moment ago")
                        : book.automation();
        if (proposal.inverseOf() != 0) {
            return automation.decideInverse(proposal, state, tickMs);
        }
        return automation.decide(
                proposal,
                book.all(),
                other -> movesOnTheWay.get(other.id()) == LifecycleState.APPROVED,
                state,
                tickMs);
    }

    private void observe(List<Proposal> advice, long tickMs) {
        observed.onTick(
                advice.stream()
                        .filter(one -> one.confidence() >= policy.confidence())
                        .limit(policy.maxOpen())
                        .toList(),
                tickMs);
        if (tickMs - lastObservedMs < OBSERVED_EVERY.toMillis()) {
            return;
        }
        lastObservedMs = tickMs;
        var total = observed.total();
        note(
                new DecisionEvent.Noted(
                        0,
                        Note.OBSERVED,
                        SELF,
                        "would have saved %.1f vCPU hours and %.1f GiB hours"
                                .formatted(total.vcpuHours(), total.memoryGibHours()),
                        Map.of(
                                "sinceMs",
                                Long.toString(total.sinceMs()),
                                "changes",
                                Integer.toString(total.changes()),
                                "vcpuHours",
                                Double.toString(total.vcpuHours()),
                                "memoryGibHours",
                                Double.toString(total.memoryGibHours()))));
    }

    /// What is done without a person, and what would be.
    AutomationRow automation() {
        AutomationState state = book.automation();
        return new AutomationRow(
                policy.mode().name().toLowerCase(Locale.ROOT),
                stoppedNow || state.stopped(),
                state.who(),
                state.reason(),
                state.sinceMs(),
                automationConfig.allow().stream().map(Object::toString).toList(),
                counters.approvedAutomatically.sum(),
                observed.total());
    }

    private void upkeep(long nowMs) {
        DecisionEvent.Noted late = unwritten;
        unwritten = null;
        if (late != null) {
            note(late);
        }
        try {
            audit.flush();
            if (retirementOnTheWay) {
                return;
            }
            AuditPlace place =
                    audit.retirable(
                            nowMs,
                            auditConfig.retentionAge(),
                            auditConfig.retentionBytes().bytes());
            if (place != null) {
                var retired =
                        new DecisionEvent.Noted(
                                0,
                                Note.AUDIT_RETIRED,
                                SELF,
                                "lines up to %d are retired".formatted(place.lines()),
                                AuditLog.retirementFacts(place));
                retirementOnTheWay = journal.appendEvent(EventCodec.encode(retired));
            }
        } catch (IOException e) {
            LOGGER.error("the audit log cannot be written", e);
        }
    }

    private void followUp(long nowMs) {
        for (Decision decision : List.copyOf(book.all())) {
            long inStateMs = nowMs - decision.sinceMs();
            switch (decision.state()) {
                case PROPOSED -> expireIfStale(decision, nowMs);
                case APPROVED -> goOnWith(decision, inStateMs);
                case DISPATCHED, RUNNING -> {
                    if (sendAgain(decision, nowMs)) {
                        continue;
                    }
                    if (inStateMs > policy.actionTimeout().plus(GRACE).toMillis()) {
                        move(
                                decision,
                                LifecycleState.UNKNOWN,
                                SELF,
                                "no outcome in time; reading back");
                    }
                }
                case VERIFYING -> verify(decision, inStateMs, nowMs);
                case UNKNOWN -> readBack(decision, inStateMs);
                default -> {}
            }
        }
    }

    /// Approved, and not dispatched because the daemon stopped or did not know the vm yet.
    private void goOnWith(Decision decision, long inStateMs) {
        if (inStateMs > policy.expireAfter().toMillis()) {
            move(decision, LifecycleState.EXPIRED, SELF, "approved too long ago");
        } else {
            dispatch(decision);
        }
    }

    /// Once a tick, while the agent has said nothing of an action: the daemon may have stopped
    /// between journaling a dispatch and sending it, or the connection or the agent may have ended
    /// with the action on its way. The agent knows an action by its id, so what it has already is
    /// not done twice.
    ///
    /// @return whether the action came to its end because it could never be sent
    private boolean sendAgain(Decision decision, long nowMs) {
        if (decision.state() != LifecycleState.DISPATCHED
                || unsynced.containsValue(decision.id())) {
            return false;
        }
        boolean inTime = nowMs - decision.sinceMs() < policy.actionTimeout().toMillis();
        String problem = unsent.get(decision.id());
        if (inTime) {
            boolean aTickAgo = decision.sinceMs() < lastTickMs;
            boolean before = maybeUnsent.contains(decision.id());
            if ((aTickAgo || before || problem != null)
                    && facts.isOnline(decision.proposal().hostId())) {
                counters.actionsSentAgain.increment();
                send(decision);
            }
        } else if (problem != null && !maybeUnsent.contains(decision.id())) {
            if (move(decision, LifecycleState.FAILED, SELF, problem)) {
                unsent.remove(decision.id());
            }
            return true;
        }
        return false;
    }

    private void expireIfStale(Decision decision, long nowMs) {
        long confirmedMs = lastConfirmedMs.getOrDefault(decision.id(), decision.sinceMs());
        if (facts.vm(decision.proposal().vmId()) == null) {
            move(decision, LifecycleState.EXPIRED, SELF, "the vm is gone");
        } else if (nowMs - confirmedMs > policy.expireAfter().toMillis()) {
            move(decision, LifecycleState.EXPIRED, SELF, "no longer advised");
        }
    }

    /// The host must report the new state; then the effect is measured, twice: when half of the
    /// time is over, so that harm ends sooner, and at the end.
    private void verify(Decision decision, long inStateMs, long nowMs) {
        Decision undoing = book.undoing(decision.id());
        if (undoing != null) {
            follow(decision, undoing, nowMs);
        } else if (!isAsWanted(decision.proposal())) {
            if (inStateMs > policy.actionTimeout().toMillis()) {
                move(
                        decision,
                        LifecycleState.UNKNOWN,
                        SELF,
                        "the host does not report the new state");
            }
        } else if (!isMeasured(decision)) {
            move(decision, LifecycleState.KEPT, SELF, "the host reports the new state");
        } else {
            measure(decision, inStateMs);
        }
    }

    private boolean isMeasured(Decision decision) {
        return !policy.measure().isZero()
                && !decision.baseline().isEmpty()
                && decision.proposal().inverseOf() == 0;
    }

    private void measure(Decision decision, long inStateMs) {
        long measuredMs = inStateMs - policy.settle().toMillis();
        long wholeMs = policy.measure().toMillis();
        boolean last = measuredMs >= wholeMs;
        if (!last && (measuredMs < wholeMs / 2 || !halfMeasured.add(decision.id()))) {
            return;
        }
        Effects before = Effects.parse(decision.baseline());
        if (before == null) {
            return;
        }
        int minutes = (int) Duration.ofMillis(last ? wholeMs : wholeMs / 2).toMinutes();
        Effects after = Effects.read(facts, decision.proposal(), minutes);
        var judgement = EffectJudge.judge(decision.proposal(), before, after);
        if (judgement.worse()) {
            if (!proposalsOnTheWay.contains(key(decision.proposal()))) {
                counters.worseThanPromised.increment();
                propose(
                        decision.proposal()
                                .inverse(
                                        decision.id(),
                                        judgement.text(),
                                        decision.proposal().tick()));
            }
        } else if (last) {
            halfMeasured.remove(decision.id());
            move(
                    decision,
                    LifecycleState.KEPT,
                    SELF,
                    "the host reports the new state; " + judgement.text());
        }
    }

    /// An action that made things worse ends as its inverse does.
    private void follow(Decision decision, Decision undoing, long nowMs) {
        switch (undoing.state()) {
            case KEPT ->
                    move(
                            decision,
                            LifecycleState.ROLLED_BACK,
                            SELF,
                            "undone by decision %d: %s"
                                    .formatted(
                                            undoing.id(),
                                            undoing.proposal().reasons().getFirst().text()));
            case REJECTED ->
                    move(
                            decision,
                            LifecycleState.KEPT,
                            undoing.transitions().getLast().who(),
                            "kept although it is worse than promised: decision %d was rejected"
                                    .formatted(undoing.id()));
            case EXPIRED, FAILED, SUPERSEDED, ROLLED_BACK ->
                    move(
                            decision,
                            LifecycleState.FAILED,
                            SELF,
                            "worse than promised, and decision %d could not undo it: %s"
                                    .formatted(undoing.id(), undoing.outcome()));
            default -> lastConfirmedMs.put(undoing.id(), nowMs);
        }
        if (Lifecycle.isFinal(undoing.state())) {
            halfMeasured.remove(decision.id());
        }
    }

    private void readBack(Decision decision, long inStateMs) {
        Proposal proposal = decision.proposal();
        if (isAsWanted(proposal)) {
            move(
                    decision,
                    isMeasured(decision) ? LifecycleState.VERIFYING : LifecycleState.KEPT,
                    SELF,
                    "read back: the host reports the new state");
        } else if (inStateMs > policy.actionTimeout().toMillis() && isKnown(decision)) {
            VmFacts vm = facts.vm(proposal.vmId());
            move(
                    decision,
                    LifecycleState.FAILED,
                    SELF,
                    vm == null ? "read back: the vm is gone" : "read back: nothing has changed");
        }
    }

    /// Whether the hosts concerned have said what is on them since the decision came into its
    /// state. A heartbeat says that an agent lives, not that its inventory is here: that goes over
    /// another connection. A vm that has left one host is nowhere until the other one reports it.
    private boolean isKnown(Decision decision) {
        Proposal proposal = decision.proposal();
        UUID target = proposal.targetHostId();
        return isKnown(proposal.hostId(), decision.sinceMs())
                && (target == null || isKnown(target, decision.sinceMs()));
    }

    private boolean isKnown(UUID host, long sinceMs) {
        return facts.isOnline(host) && facts.reportedAtMs(host) > sinceMs;
    }

    private boolean isAsWanted(Proposal proposal) {
        VmFacts vm = facts.vm(proposal.vmId());
        if (vm == null) {
            return false;
        }
        return switch (proposal.type()) {
            case SET_VCPUS -> vm.vcpus() == proposal.toVcpus();
            case SET_MEMORY -> vm.memoryBytes() == proposal.toMemoryBytes();
            case LIVE_MIGRATE -> vm.host().equals(proposal.targetHostId());
            case SBE_UNKNOWN, NULL_VAL -> false;
        };
    }

    // --- steps -----------------------------------------------------------------------------

    private void propose(Proposal proposal) {
        var event =
                new DecisionEvent.Proposed(Math.max(lastAssignedId, book.lastId()) + 1, proposal);
        if (journal.appendEvent(EventCodec.encode(event))) {
            lastAssignedId = event.id();
            proposalsOnTheWay.add(key(proposal));
        } else {
            counters.eventsNotJournaled.increment(); // advised again at the next tick
        }
    }

    private boolean move(Decision decision, LifecycleState to, String who, String text) {
        if (movesOnTheWay.containsKey(decision.id())) {
            return false;
        }
        var event = new DecisionEvent.Moved(decision.id(), to, who, text);
        if (!append(event)) {
            counters.eventsNotJournaled.increment();
            return false;
        }
        movesOnTheWay.put(decision.id(), to);
        return true;
    }

    private boolean append(DecisionEvent.Moved event) {
        byte[] bytes = EventCodec.encode(event);
        return event.to() == LifecycleState.DISPATCHED && policy.syncBeforeDispatch()
                ? journal.appendEventSynced(bytes)
                : journal.appendEvent(bytes);
    }

    /// A person's approval need not come back from the journal before the dispatch is appended: the
    /// journal keeps the order. An automatic one does, for the kill switch may be used meanwhile.
    private void dispatchInOneGo(Decision decision) {
        noteBaseline(decision);
        if (append(dispatched(decision))) {
            dispatchesOnTheWay.add(decision.id());
        } // else as soon as the approval is back
    }

    private static DecisionEvent.Moved dispatched(Decision decision) {
        return new DecisionEvent.Moved(
                decision.id(),
                LifecycleState.DISPATCHED,
                SELF,
                "sent to host " + decision.proposal().hostName());
    }

    private boolean isHeard(Decision decision) {
        return facts.isOnline(decision.proposal().hostId());
    }

    private boolean isAsProposed(Proposal proposal) {
        VmFacts vm = facts.vm(proposal.vmId());
        return vm != null
                && vm.host().equals(proposal.hostId())
                && vm.vcpus() == proposal.fromVcpus()
                && vm.memoryBytes() == proposal.fromMemoryBytes();
    }

    private void dispatch(Decision decision) {
        if (facts instanceof NoFacts || movesOnTheWay.containsKey(decision.id())) {
            return; // the first tick goes on with it, or it is on its way
        }
        Proposal proposal = decision.proposal();
        VmFacts vm = facts.vm(proposal.vmId());
        boolean byPolicy = decision.transitions().getLast().who().startsWith(POLICY);
        if (byPolicy && (stoppedNow || book.automation().stopped())) {
            move(decision, LifecycleState.EXPIRED, SELF, "all automation is stopped");
        } else if (vm == null) {
            move(decision, LifecycleState.EXPIRED, SELF, "the vm is gone");
        } else if (!isAsProposed(proposal)) {
            move(
                    decision,
                    LifecycleState.EXPIRED,
                    SELF,
                    "the vm has changed: it has %d vCPUs and %d bytes on host %s"
                            .formatted(vm.vcpus(), vm.memoryBytes(), vm.host()));
        } else if (isHeard(decision)) { // else a later tick, until it expires
            noteBaseline(decision);
            if (append(dispatched(decision))) {
                movesOnTheWay.put(decision.id(), LifecycleState.DISPATCHED);
            } else {
                counters.eventsNotJournaled.increment();
            }
        }
    }

    /// What the effect is measured against; without enough of it nothing is measured.
    private void noteBaseline(Decision decision) {
        if (policy.measure().isZero()) {
            return;
        }
        Effects before = Effects.read(facts, decision.proposal(), BASELINE_MINUTES);
        if (before.minutes(Effects.Signal.USAGE).length >= EffectJudge.LEAST_BEFORE) {
            noteOn(decision, Note.BASELINE, SELF, "before the action", before.facts());
        }
    }

    private Action action(Decision decision, long atMs) {
        Proposal proposal = decision.proposal();
        int timeoutMs = Math.toIntExact(policy.actionTimeout().toMillis());
        return new Action(
                decision.id(),
                proposal.type(),
                proposal.vmId(),
                atMs,
                atMs + timeoutMs,
                timeoutMs,
                proposal.fromVcpus(),
                proposal.fromMemoryBytes(),
                proposal.hostId(),
                proposal.toVcpus(),
                proposal.toMemoryBytes(),
                Objects.requireNonNullElse(proposal.targetHostId(), NO_UUID),
                proposal.targetUri(),
                new byte[0]);
    }

    private boolean mayPropose(Proposal proposal, long nowMs) {
        if (proposal.confidence() < policy.confidence()
                || proposalsOnTheWay.contains(key(proposal))) {
            return false;
        }
        for (Decision decision : book.newestFirst().values()) {
            if (!decision.proposal().vmId().equals(proposal.vmId())) {
                continue;
            }
            long agoMs = nowMs - decision.sinceMs();
            if (Lifecycle.isInHand(decision.state())
                    || movesOnTheWay.get(decision.id()) == LifecycleState.APPROVED) {
                return false;
            }
            boolean acted =
                    decision.state() == LifecycleState.KEPT
                            || decision.state() == LifecycleState.FAILED
                            || decision.state() == LifecycleState.ROLLED_BACK;
            if (acted && agoMs < policy.coolDown().toMillis()) {
                return false;
            }
            if (decision.state() == LifecycleState.REJECTED
                    && decision.proposal().type() == proposal.type()
                    && agoMs < policy.rejectedFor().toMillis()) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Decision openProposal(UUID vm, ActionType type) {
        for (Decision decision : book.newestFirst().values()) {
            if (decision.state() == LifecycleState.PROPOSED
                    && decision.proposal().type() == type
                    && decision.proposal().vmId().equals(vm)) {
                return decision;
            }
        }
        return null;
    }

    private static boolean mayReport(UUID agent, Proposal proposal) {
        return agent.equals(proposal.hostId()) || agent.equals(proposal.targetHostId());
    }

    private static String key(Proposal proposal) {
        return proposal.type() + " " + proposal.vmId();
    }

    private static CommandException journalFull() {
        return new CommandException(
                Kind.OVERLOADED,
                "the journal takes nothing at the moment. Maybe retry in a second?");
    }

    List<DecisionRow> rows() {
        return book.rows();
    }

    /// How much each open proposal would bring, by id.
    Map<Long, Float> openBenefits() {
        Map<Long, Float> benefits = new HashMap<>();
        for (Decision decision : book.all()) {
            if (decision.state() == LifecycleState.PROPOSED) {
                benefits.put(decision.id(), decision.proposal().benefitScore());
            }
        }
        return Map.copyOf(benefits);
    }

    /// Before the first tick nothing is known.
    private static final class NoFacts implements FleetFacts {
        @Override
        public @Nullable VmFacts vm(UUID vm) {
            return null;
        }

        @Override
        public boolean isOnline(UUID host) {
            return false;
        }
    }
}
