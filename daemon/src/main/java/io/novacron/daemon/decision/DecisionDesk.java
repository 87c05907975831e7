package io.novacron.daemon.decision;

import io.novacron.daemon.audit.AuditLog;
import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.daemon.decision.OperatorCommand.Verb;
import io.novacron.daemon.view.ActionRequest;
import io.novacron.daemon.view.AutomationRow;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.daemon.view.DrainRow;
import io.novacron.daemon.view.TrackRow;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
///
/// | part | does |
/// |---|---|
/// | [StepWriter] | appends steps, knows which are on the way |
/// | [OperatorDesk] | commands of operators and their callers |
/// | [AutomationDesk] | what is approved without a person, the kill switch |
/// | [Dispatcher] | brings approved decisions to their agents |
/// | [FollowUp] | expiry, reading back, measuring, undoing |
/// | [DrainDesk] | emptying hosts |
/// | [ScalingDesk] | more and fewer members of groups |
/// | [AuditDesk] | the audit log's upkeep |
final class DecisionDesk {
    /// Who says what became of a webhook's order, before the name of the group.
    static final String WEBHOOK = "webhook ";

    private static final Logger LOGGER = LoggerFactory.getLogger(DecisionDesk.class);

    private final PolicyConfig policy;
    private final DecisionBook book = new DecisionBook(10_000);
    private final DecisionCounters counters;
    private final LatestFacts latest = new LatestFacts();
    private final StepWriter steps;
    private final AuditDesk audit;
    private final AutomationDesk automation;
    private final Dispatcher dispatcher;
    private final FollowUp followUp;
    private final DrainDesk drains;
    private final ScalingDesk scaling;
    private final OperatorDesk operators;

    DecisionDesk(
            PolicyConfig policy,
            AutomationConfig automationConfig,
            AuditConfig auditConfig,
            ScalingConfig scalingConfig,
            Duration tick,
            DecisionJournal journal,
            ActionPort actions,
            AuditLog auditLog,
            DecisionCounters counters) {
        this.policy = policy;
        this.counters = counters;
        steps = new StepWriter(policy, journal, book, counters);
        audit = new AuditDesk(auditConfig, auditLog, steps, counters);
        automation = new AutomationDesk(policy, automationConfig, book, steps, counters);
        dispatcher =
                new Dispatcher(
                        policy, actions, book, steps, latest, automation::isStopped, counters);
        followUp = new FollowUp(policy, book, steps, dispatcher, latest, counters);
        drains = new DrainDesk(book, steps, latest, automation);
        scaling = new ScalingDesk(policy, scalingConfig, tick, book, steps, counters);
        operators =
                new OperatorDesk(
                        policy, book, steps, latest, automation, dispatcher, drains, counters);
    }

    DecisionBook book() {
        return book;
    }

    /// Lets go of the facts of the last tick, with nothing left to be written.
    void release() {
        writeAudit();
        latest.release();
    }

    /// Writes one line of the audit log that waits for time.
    ///
    /// @return false when none does
    boolean writeAuditLine() {
        return audit.projection().writeNext();
    }

    void writeAudit() {
        audit.projection().writeAll();
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
        steps.arrived(event);
        apply(event, journalIndex, atMs, replaying);
    }

    /// The configuration that holds from here on.
    void onConfiguration(byte[] bytes) {
        audit.onConfiguration(bytes);
    }

    /// The models that are in service from here on.
    void onModels(byte[] bytes) {
        audit.onModels(bytes);
    }

    void onCommand(byte[] bytes, long atMs, boolean replaying) {
        if (replaying) {
            return; // what came of it is in the events
        }
        try {
            OperatorCommand command = EventCodec.command(bytes);
            if (command.verb() == Verb.REPORT) {
                onReport(command);
            } else {
                operators.carryOut(command, atMs);
            }
        } catch (IOException e) {
            counters.eventsUnreadable.increment();
            LOGGER.warn(
                    "a command record of {} bytes cannot be read: {}", bytes.length, e.toString());
        }
    }

    /// What a webhook said of an order is journaled as a command: the step follows from it.
    private void onReport(OperatorCommand report) {
        Decision decision = book.get(report.decisionId());
        LifecycleState to = report.state();
        if (decision != null && (decision.state() == to || steps.isMoveOnTheWay(decision))) {
            return; // said twice
        }
        boolean counts =
                decision != null
                        && to != null
                        && decision.proposal().scaling().isByWebhook()
                        && Lifecycle.allows(decision.state(), to)
                        && steps.move(decision, to, report.who(), report.reason());
        if (!counts) {
            counters.outcomesRefused.increment();
            LOGGER.warn(
                    "{} says {} of decision {}, which does not wait for it: {}",
                    report.who(),
                    to,
                    report.decisionId(),
                    report.reason());
        }
    }

    /// What a webhook said of an order. One that the journal does not take is given again, and
    /// answered again.
    void submitReport(long decisionId, LifecycleState state, String group, String text) {
        var report =
                new OperatorCommand(
                        0, decisionId, Verb.REPORT, WEBHOOK + group, text, null, null, 0, state);
        if (!steps.appendCommand(report)) {
            counters.outcomesRefused.increment();
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
                                outcome.code() == ErrorCode.NONE ? "" : " [" + outcome.code() + "]",
                                outcome.observedVcpus(),
                                outcome.observedMemoryBytes());
        apply(
                new DecisionEvent.Moved(decision.id(), to, "agent " + agent, text),
                journalIndex,
                atMs,
                replaying);
    }

    private static boolean mayReport(UUID agent, Proposal proposal) {
        return agent.equals(proposal.hostId()) || agent.equals(proposal.targetHostId());
    }

    private void apply(DecisionEvent event, long journalIndex, long atMs, boolean replaying) {
        if (event instanceof DecisionEvent.Noted note) {
            Decision noted = book.apply(note, atMs);
            if (note.note() != Note.OBSERVED && note.note() != Note.BASELINE) {
                audit.projection().note(journalIndex, atMs, note);
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
        audit.projection().step(journalIndex, before == null ? null : before.state(), decision);
        followUp.onStep(decision, atMs);
        if (decision.state() != LifecycleState.DISPATCHED) {
            dispatcher.hasLeft(decision);
        }
        if (!replaying) {
            counters.transitions(decision.state());
            react(decision, journalIndex, atMs);
        }
    }

    private void react(DecisionEvent.Noted note, @Nullable Decision decision) {
        switch (note.note()) {
            case AUDIT_RETIRED -> audit.onRetired(note);
            case AUTOMATION_STOPPED, AUTOMATION_RESUMED -> {
                automation.switched();
                operators.answerSwitches();
            }
            case FIRST_APPROVAL -> operators.answer(note.id(), decision);
            case HOST_DRAINED, HOST_RESUMED -> drains.onNote(note);
            case HELD_BACK -> counters.heldBack.increment();
            case BASELINE, OBSERVED, AUDIT_BROKEN -> {}
        }
    }

    private void react(Decision decision, long journalIndex, long atMs) {
        operators.answer(decision.id(), decision);
        if (decision.state() == LifecycleState.PROPOSED) {
            operators.onProposed(decision, atMs);
        } else if (decision.state() == LifecycleState.APPROVED) {
            dispatcher.onApproved(decision);
        } else if (decision.state() == LifecycleState.DISPATCHED) {
            dispatcher.onDispatched(decision, journalIndex);
        }
    }

    /// The journal is on the device up to this record: what waited for that is sent.
    void onSynced(long journalIndex) {
        dispatcher.onSynced(journalIndex);
    }

    // --- starts and checkpoints --------------------------------------------------------------

    /// After the replay. What was approved and not yet dispatched goes on at the first tick, when
    /// it is known what is there.
    ///
    /// @param anchor where the head of the audit log was kept
    void onReplayed(Path anchor) throws IOException {
        audit.onReplayed(anchor);
        steps.onReplayed();
        dispatcher.onReplayed();
    }

    /// As a start leaves it: everything that was only live is forgotten. For replays.
    void restart() {
        latest.release();
        latest.lastTickMs(0);
        steps.restart();
        operators.restart();
        drains.restart();
        scaling.restart();
        dispatcher.restart();
        automation.restart();
        audit.restart();
        followUp.restart();
    }

    /// Everything that the records so far made.
    DecisionState state() throws IOException {
        return new DecisionState(
                DecisionState.VERSION,
                List.copyOf(book.all()),
                List.copyOf(book.finished()),
                book.lastId(),
                book.automation(),
                audit.projection().inputs(),
                audit.place(),
                book.tracks(),
                book.drains());
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
                state.tracks(),
                state.drains());
        audit.projection().inputs(state.inputs());
        followUp.restore();
    }

    // --- commands of operators -------------------------------------------------------------

    void submit(
            long decisionId,
            Verb verb,
            String who,
            String reason,
            CompletableFuture<DecisionRow> caller) {
        operators.submit(decisionId, verb, who, reason, caller);
    }

    /// Asks for an action, and approves it.
    void submit(
            ActionRequest request,
            String who,
            String reason,
            CompletableFuture<DecisionRow> caller) {
        operators.submit(request, who, reason, caller);
    }

    /// The kill switch. It holds from now on, whatever becomes of the command.
    void submitSwitch(
            Verb verb, String who, String reason, CompletableFuture<AutomationRow> caller) {
        operators.submitSwitch(verb, who, reason, caller);
    }

    // --- the tick --------------------------------------------------------------------------

    void onAdvice(List<Proposal> advice, FleetFacts newFacts, long tickMs) {
        onAdvice(advice, newFacts, tickMs, () -> {});
    }

    /// What the analysis of a tick advises, best first. Every open proposal that is not advised
    /// again expires after `policy.expire-after`.
    ///
    /// @param between called after each proposal: a tick may have hundreds. It may take in commands
    ///   and send what is synced; it must hand nothing back from the journal
    void onAdvice(List<Proposal> advice, FleetFacts newFacts, long tickMs, Runnable between) {
        latest.replace(newFacts);
        if (policy.mode() == PolicyConfig.Mode.OBSERVE) {
            List<Proposal> all = new ArrayList<>(advice);
            all.addAll(scaling.advice(newFacts, tickMs));
            automation.observe(all, tickMs);
        } else {
            takeIn(advice, tickMs, between);
            scaling.onTick(newFacts, followUp, tickMs);
            drains.onTick(followUp, tickMs);
            automation.onTick(followUp, tickMs);
        }
        followUp.onTick(tickMs, between);
        latest.lastTickMs(tickMs);
        audit.onTick(tickMs);
    }

    private void takeIn(List<Proposal> advice, long tickMs, Runnable between) {
        int open = book.proposed();
        for (Proposal advised : advice) {
            between.run();
            Proposal proposal = asFarAsPromisesHold(inTheWayThatWorks(advised));
            Decision same = openProposal(proposal.vmId(), proposal.type());
            if (same != null && same.proposal().asksTheSameAs(proposal)) {
                followUp.confirm(same, tickMs);
                continue;
            }
            if (same != null && same.proposal().isRequested()) {
                continue; // a person's word stands
            }
            if (!mayPropose(proposal, tickMs)) {
                continue;
            }
            if (same == null && open >= policy.maxOpen()) {
                counters.proposalsLeftOut.increment();
                continue;
            }
            if (same != null) {
                steps.move(
                        same,
                        LifecycleState.SUPERSEDED,
                        StepWriter.SELF,
                        "newer advice: " + proposal.summary());
            } else {
                open++;
            }
            steps.propose(proposal);
        }
    }

    /// A vm whose guest did not let a vCPU go is shrunk by a quota, where its agent tells it.
    private Proposal inTheWayThatWorks(Proposal advised) {
        if (!SizeByQuota.wasRefused(advised, book.all())) {
            return advised;
        }
        Proposal byQuota =
                SizeByQuota.instead(advised, "its guest did not let a vCPU go the last time");
        return byQuota == null ? advised : byQuota;
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

    private boolean mayPropose(Proposal proposal, long nowMs) {
        boolean drains = proposal.change().drains();
        if ((proposal.confidence() < policy.confidence() && !drains)
                || steps.isProposalOnTheWay(proposal)) {
            return false;
        }
        for (Decision decision : book.ofVm(proposal.vmId())) {
            long agoMs = nowMs - decision.sinceMs();
            if (Lifecycle.isInHand(decision.state()) || steps.isApprovalOnTheWay(decision)) {
                return false;
            }
            boolean acted =
                    decision.state() == LifecycleState.KEPT
                            || decision.state() == LifecycleState.FAILED
                            || decision.state() == LifecycleState.ROLLED_BACK;
            if (acted && !drains && agoMs < policy.coolDown().toMillis()) {
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
        for (Decision decision : book.ofVm(vm)) {
            if (decision.state() == LifecycleState.PROPOSED && decision.proposal().type() == type) {
                return decision;
            }
        }
        return null;
    }

    // --- for the faces ---------------------------------------------------------------------

    /// Newest first. Any thread.
    List<DecisionRow> rows() {
        return book.rows();
    }

    /// Empties a host, or lets it take vms again.
    ///
    /// @param fromMs when to begin; 0: at once
    void submitDrain(
            Verb verb,
            UUID host,
            long fromMs,
            String who,
            String reason,
            CompletableFuture<DrainRow> caller) {
        operators.submitDrain(verb, host, fromMs, who, reason, caller);
    }

    /// Hosts that are being emptied.
    Map<UUID, Drain> drains() {
        return book.drains();
    }

    /// What is done without a person, and what would be.
    AutomationRow automation() {
        return automation.row();
    }

    /// How actions have done so far, as of a time.
    List<TrackRow> tracks(long nowMs) {
        List<TrackRow> rows = new ArrayList<>();
        book.tracks().forEach((type, track) -> rows.add(track.toRow(type, nowMs)));
        return List.copyOf(rows);
    }

    /// How much an open proposal would bring. Any thread.
    float benefitOf(long decisionId) {
        return book.benefitOf(decisionId);
    }
}
